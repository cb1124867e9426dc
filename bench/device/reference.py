"""PyTorch reference of the published families on the graphics card, from stored parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from bench.device.weights import unpacked
from models.decoder.kernels.angles import attention_factor, inverse_frequencies


@dataclass
class Reference:
    """Log-probabilities of whole sequences; `dtype` is that of activations and weights."""

    c: dict[str, Any]
    stored: dict[str, torch.Tensor]
    names: dict[str, str]
    dtype: torch.dtype = torch.float32

    def matrix(self, name: str) -> torch.Tensor:
        """A weight [n_out, n_in]."""
        if f"{name}.weight" in self.stored:
            return self.stored[f"{name}.weight"].to(self.dtype)
        parts = self.stored[f"{name}.q_weight"], self.stored[f"{name}.q_scale"]
        return unpacked(*parts).to(self.dtype)

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """RMS norm with a stored gain."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.c["norm_epsilon"])
        return (wide * self.stored[f"{name}.weight"].float()).to(self.dtype)

    def rotated(self, x: torch.Tensor) -> torch.Tensor:
        """Rotary positions from 0; x [tokens, heads, size]."""
        frequencies = torch.tensor(inverse_frequencies(self.c), dtype=torch.float64)
        angles = torch.arange(len(x), dtype=torch.float64)[:, None] * frequencies
        scale = attention_factor(self.c)
        sin, cos = (
            (part * scale).float().to(x.device)[:, None, :] for part in (angles.sin(), angles.cos())
        )
        low, high = x.float().chunk(2, dim=-1)
        turned = torch.cat([low * cos - high * sin, high * cos + low * sin], dim=-1)
        return turned.to(self.dtype)

    def attend(self, place: str, x: torch.Tensor) -> torch.Tensor:
        """Causal attention of x [tokens, hidden], normed."""
        c, n = self.c, self.names
        heads, kv_heads, size = c["heads"], c["kv_heads"], c["head_size"]
        base = f"{place}.{n['attention']}"
        qkv = x @ self.matrix(f"{base}.{n['qkv']}").T
        if f"{base}.{n['qkv']}.bias" in self.stored:
            qkv = qkv + self.stored[f"{base}.{n['qkv']}.bias"].to(self.dtype)
        qkv = qkv.reshape(len(x), heads + 2 * kv_heads, size)
        q, k, v = qkv.split([heads, kv_heads, kv_heads], dim=1)
        if c.get("qk_norm"):
            q, k = self.norm(q, f"{base}.q_norm"), self.norm(k, f"{base}.k_norm")
        group = heads // kv_heads
        q, k = self.rotated(q), self.rotated(k).repeat_interleave(group, dim=1)
        v = v.repeat_interleave(group, dim=1)
        mixed = F.scaled_dot_product_attention(
            q.transpose(0, 1)[None],
            k.transpose(0, 1)[None],
            v.transpose(0, 1)[None],
            is_causal=True,
        )[0]
        mixed = mixed.transpose(0, 1).reshape(len(x), heads * size)
        return mixed @ self.matrix(f"{base}.{n['out']}").T

    @torch.no_grad()
    def scores(self, ids: list[int], last: int) -> torch.Tensor:
        """Log-probabilities after each of the last tokens, [last, vocabulary], on the CPU."""
        n = self.names
        embedding = self.matrix(f"{n['root']}.{n['embedding']}")
        x = embedding[torch.tensor(ids, device=embedding.device)]
        for layer in range(self.c["layers"]):
            place = f"{n['root']}.{n['layers']}.{layer}"
            x = x + self.attend(place, self.norm(x, f"{place}.{n['norm']}"))
            hidden = self.norm(x, f"{place}.post_attention_layernorm")
            gate, up = (hidden @ self.matrix(f"{place}.mlp.gate_up_proj").T).chunk(2, dim=-1)
            x = x + (F.silu(gate) * up) @ self.matrix(f"{place}.mlp.down_proj").T
        x = self.norm(x[-last:], f"{n['root']}.norm")
        output = embedding if self.c["tied_output"] else self.matrix("lm_head")
        return torch.log_softmax((x @ output.T).double(), dim=-1).cpu()
