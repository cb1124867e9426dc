"""The decoder in PyTorch: parameter names and layout of the compiled library's definition."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

try:
    from torch.nn.attention.flex_attention import BlockMask, flex_attention
except ImportError:
    BlockMask = flex_attention = None  # type: ignore[assignment, misc]


class Attention(nn.Module):
    """Grouped-query attention with rotary positions on halves of each head."""

    def __init__(self, a: dict[str, Any]) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.size = a["heads"], a["kv_heads"], a["head_size"]
        width = a["hidden_size"]
        self.qkv = nn.Linear(width, (self.heads + 2 * self.kv_heads) * self.size, bias=False)
        self.o = nn.Linear(self.heads * self.size, width, bias=False)

    def forward(self, x: Tensor, angles: tuple[Tensor, Tensor], mask: Any) -> Tensor:
        """x [rows, tokens, width]; mask [rows, 1, tokens, tokens], BlockMask or None (causal)."""
        rows, tokens, _ = x.shape
        heads, kv_heads = self.heads, self.kv_heads
        qkv = self.qkv(x).view(rows, tokens, heads + 2 * kv_heads, self.size).transpose(1, 2)
        query, key = _rotated(qkv[:, : heads + kv_heads], angles).split([heads, kv_heads], 1)
        value = qkv[:, heads + kv_heads :]
        if BlockMask is not None and isinstance(mask, BlockMask):
            mixed = flex_attention(
                query.contiguous(),
                key.contiguous(),
                value.contiguous(),
                block_mask=mask,
                enable_gqa=True,
            )
        else:
            key = key.repeat_interleave(heads // kv_heads, 1)
            value = value.repeat_interleave(heads // kv_heads, 1)
            mixed = F.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, is_causal=mask is None
            )
        assert isinstance(mixed, Tensor)
        return self.o(mixed.transpose(1, 2).reshape(rows, tokens, heads * self.size))


def _rotated(x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    sin, cos = (part[: x.shape[-2]].to(x.dtype) for part in angles)
    low, high = x.chunk(2, -1)
    return torch.cat([low * cos - high * sin, high * cos + low * sin], -1)


class Block(nn.Module):
    """Attention and SwiGLU, each after an RMS norm and added back."""

    def __init__(self, a: dict[str, Any]) -> None:
        super().__init__()
        width, inner = a["hidden_size"], a["feed_forward_size"]
        self.norm1 = nn.RMSNorm(width, eps=a["norm_epsilon"])
        self.norm2 = nn.RMSNorm(width, eps=a["norm_epsilon"])
        self.attn = Attention(a)
        self.gate_up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)
        for layer in (self.attn.qkv, self.gate_up):
            nn.init.normal_(layer.weight, std=width**-0.5)
        for layer in (self.attn.o, self.down):
            std = 0.3 * layer.weight.shape[1] ** -0.5 / a["layers"] ** 0.5
            nn.init.normal_(layer.weight, std=std)

    def forward(self, x: Tensor, angles: tuple[Tensor, Tensor], mask: Any) -> Tensor:
        """[rows, tokens, width] to the same."""
        x = x + self.attn(self.norm1(x), angles, mask)
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    """The whole model. `architecture` is an architecture file of the library."""

    def __init__(self, architecture: dict[str, Any]) -> None:
        super().__init__()
        a = self.architecture = architecture
        self.tok = nn.Embedding(a["vocabulary_tokens"], a["hidden_size"])
        nn.init.normal_(self.tok.weight, std=0.5)
        self.blocks = nn.ModuleList([Block(a) for _ in range(a["layers"])])
        self.norm = nn.RMSNorm(a["hidden_size"], eps=a["norm_epsilon"])
        if a["tied_output"]:
            # An embedding of deviation 0.5 as output would start with huge logits.
            nn.init.constant_(self.norm.weight, 0.12)
        else:
            self.head = nn.Linear(a["hidden_size"], a["vocabulary_tokens"], bias=False)
        half = a["head_size"] // 2
        turns = a["rope_theta"] ** (-torch.arange(half, dtype=torch.float64) / half)
        positions = torch.arange(a["context_window_tokens"] + 1, dtype=torch.float64)
        angles = positions[:, None] * turns
        self.register_buffer("sin", angles.sin().float(), persistent=False)
        self.register_buffer("cos", angles.cos().float(), persistent=False)

    def forward(self, ids: Tensor, mask: Any = None) -> Tensor:
        """Logits [rows, tokens, vocabulary] of ids [rows, tokens]."""
        x = self.tok(ids)
        for block in self.blocks:
            x = block(x, (self.sin, self.cos), mask)
        x = self.norm(x)
        output = self.tok.weight if self.architecture["tied_output"] else self.head.weight
        return F.linear(x, output.to(x.dtype))

    def loss(
        self, ids: Tensor, weights: Tensor, rest_weight: float, mask: Any
    ) -> tuple[Tensor, Tensor]:
        """Loss to minimise and share of answer tokens foreseen; ids and weights [rows, T + 1].

        A weight is 1 in an answer, 0 elsewhere and -1 where nothing is to be foreseen.
        """
        logits = self(ids[:, :-1], mask).float().flatten(0, 1)
        wanted, kinds = ids[:, 1:].flatten(), weights[:, 1:].flatten()
        answers = (kinds == 1).float()
        each = F.cross_entropy(logits, wanted, reduction="none")
        factors = torch.where(kinds == 1, 1.0, torch.where(kinds == 0, rest_weight, 0.0))
        count = answers.sum().clamp(min=1)
        right = ((logits.argmax(-1) == wanted).float() * answers).sum() / count
        return (each * factors).sum() / count, right.detach()
