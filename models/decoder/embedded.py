"""The embedded models' definition: a Llama-style decoder in float32 over our own kernels."""

from __future__ import annotations

from typing import Any

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op, spec
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache

from models.decoder import cache
from models.decoder.kernels import rows, tiles

F32 = "float32"


def is_one_row(x: nn.Tensor) -> bool:
    """Whether x [1, rows, size] is known to have one row."""
    return isinstance(x.shape[1], int | tirx.IntImm) and int(x.shape[1]) == 1


def linear(x: nn.Tensor, weight: nn.Tensor, residual: nn.Tensor | None = None) -> nn.Tensor:
    """x [1, rows, K] times weight [N, K] transposed, plus the residual [1, rows, N]."""
    n, k = (int(extent) for extent in weight.shape)
    family = rows if is_one_row(x) else tiles
    kernel = family.plain(k, n, residual is not None)
    name = f"linear_{'row' if family is rows else 'rows'}_{k}_{n}{'_add' if residual else ''}"
    out = nn.Tensor.placeholder([x.shape[0], x.shape[1], n], F32)
    return op.tensor_ir_op(kernel, name, [x, weight, residual or x], out)


def gated(x: nn.Tensor, weight: nn.Tensor) -> nn.Tensor:
    """silu(gate) * up of x [1, rows, K]; weight [2 N, K] holds gate rows, then up rows."""
    n, k = int(weight.shape[0]) // 2, int(weight.shape[1])
    family = rows if is_one_row(x) else tiles
    name = f"gated_{'row' if family is rows else 'rows'}_{k}_{n}"
    out = nn.Tensor.placeholder([x.shape[0], x.shape[1], n], F32)
    return op.tensor_ir_op(family.gated(k, n), name, [x, weight], out)


def rms_norm(x: nn.Tensor, gain: nn.Tensor | None, epsilon: float) -> nn.Tensor:
    """RMS norm of x [1, rows, K]; gain [K], None where the next weight has it folded in."""
    k = int(x.shape[2])
    kernel = rows.rms_norm(k, epsilon, gain is not None)
    out = nn.Tensor.placeholder(x.shape, F32)
    return op.tensor_ir_op(kernel, f"rms_norm_{'gain' if gain else 'plain'}", [x, gain or x], out)


class Norm(nn.Module):
    """The gain of an RMS norm under the name ``<path>.weight``."""

    def __init__(self, size: int) -> None:
        self.weight = nn.Parameter((size,), dtype=F32)


class Matrix(nn.Module):
    """A weight [n_out, n_in] under the name ``<path>.weight``."""

    def __init__(self, n_in: int, n_out: int) -> None:
        self.weight = nn.Parameter((n_out, n_in), dtype=F32)


class Attention(nn.Module):
    """Grouped-query attention with rotary positions, over the paged cache."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.heads, self.kv_heads, self.size = c["heads"], c["kv_heads"], c["head_size"]
        self.qkv = Matrix(c["hidden_size"], (self.heads + 2 * self.kv_heads) * self.size)
        self.o = Matrix(self.heads * self.size, c["hidden_size"])

    def forward(self, x: nn.Tensor, kv: PagedKVCache, layer: int, residual: nn.Tensor) -> nn.Tensor:
        """x [1, rows, hidden] normed; returns residual + attention."""
        batch, count, _ = x.shape
        heads = self.heads + 2 * self.kv_heads
        qkv = op.reshape(linear(x, self.qkv.weight), (batch, count, heads, self.size))
        mixed = kv.attention_with_fused_qkv(layer, qkv, self.heads, sm_scale=self.size**-0.5)
        mixed = op.reshape(mixed, (batch, count, self.heads * self.size))
        return linear(mixed, self.o.weight, residual)


class Block(nn.Module):
    """One layer."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.epsilon = c["norm_epsilon"]
        self.norm1 = None if c["folded_gains"] else Norm(c["hidden_size"])
        self.attn = Attention(c)
        self.norm2 = None if c["folded_gains"] else Norm(c["hidden_size"])
        self.gate_up = Matrix(c["hidden_size"], 2 * c["feed_forward_size"])
        self.down = Matrix(c["feed_forward_size"], c["hidden_size"])

    def forward(self, x: nn.Tensor, kv: PagedKVCache, layer: int) -> nn.Tensor:
        """x [1, rows, hidden]."""
        first = self.norm1.weight if self.norm1 else None
        x = self.attn(rms_norm(x, first, self.epsilon), kv, layer, x)
        second = self.norm2.weight if self.norm2 else None
        hidden = gated(rms_norm(x, second, self.epsilon), self.gate_up.weight)
        return linear(hidden, self.down.weight, x)


class Decoder(nn.Module):
    """The functions that WebLLM calls by name."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.c = c
        self.tok = nn.Embedding(c["vocabulary_tokens"], c["hidden_size"], dtype=F32)
        self.blocks = nn.ModuleList([Block(c) for _ in range(c["layers"])])
        size = c["hidden_size"]
        self.norm = nn.Parameter((size,), dtype=F32) if c["folded_gains"] else Norm(size)
        self.head = None if c["tied_output"] else Matrix(size, c["vocabulary_tokens"])

    def _run(self, x: nn.Tensor, kv: PagedKVCache) -> nn.Tensor:
        for layer, block in enumerate(self.blocks):
            x = block(x, kv, layer)
        return x

    def _logits(self, x: nn.Tensor) -> nn.Tensor:
        gain = self.norm.weight if isinstance(self.norm, Norm) else self.norm
        weight = self.head.weight if self.head else self.tok.weight
        return linear(rms_norm(x, gain, self.c["norm_epsilon"]), weight)

    def embed(self, ids: nn.Tensor) -> nn.Tensor:
        """ids [tokens] -> [tokens, hidden]."""
        return self.tok(ids)

    def prefill(self, x: nn.Tensor, kv: PagedKVCache) -> tuple[nn.Tensor, PagedKVCache]:
        """x [1, tokens, hidden] -> logits of the last [1, 1, vocabulary]."""

        def last(t: te.Tensor) -> te.Tensor:
            batch, count, size = t.shape
            return te.compute((batch, 1, size), lambda i, _, k: t[i, count - 1, k], name="last_row")

        return self._logits(op.tensor_expr_op(last, "last_row", [self._run(x, kv)])), kv

    def decode(self, x: nn.Tensor, kv: PagedKVCache) -> tuple[nn.Tensor, PagedKVCache]:
        """x [1, 1, hidden] -> logits [1, 1, vocabulary]."""
        return self._logits(self._run(x, kv)), kv

    def softmax_with_temperature(self, logits: nn.Tensor, temperature: nn.Tensor) -> nn.Tensor:
        """logits [batch, 1, vocabulary], temperature [batch]."""
        least = op.maximum(temperature, nn.Tensor.from_scalar(1e-6, F32))
        return op.softmax(logits / op.reshape(least, (temperature.shape[0], 1, 1)), axis=-1)

    def create_tir_paged_kv_cache(
        self, max_batch: Any, max_total: Any, chunk: Any, page: Any, sliding: Any
    ) -> PagedKVCache:
        """The cache of keys and values."""
        return cache.create(self.c, F32, max_batch, max_total, chunk, page, sliding)

    def module_spec(self) -> Any:
        """Types of the functions above."""
        size = self.c["hidden_size"]
        with_params = {"param_mode": "packed", "effect_mode": "none"}
        kv = spec.Object(object_type=PagedKVCache)
        functions: dict[str, Any] = {
            "embed": {"ids": spec.Tensor(["seq_len"], "int32")},
            "prefill": {"x": spec.Tensor([1, "seq_len", size], F32), "kv": kv},
            "decode": {"x": spec.Tensor([1, 1, size], F32), "kv": kv},
        }
        for function in functions.values():
            function["$"] = with_params
        return nn.spec.ModuleSpec.from_raw(functions | cache.common_spec(), self)
