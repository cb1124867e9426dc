"""Published decoder families under the names, shapes and 4-bit layout of MLC's weights.

Llama 3, SmolLM2, Qwen2.5, Qwen3 and Phi-3.5 differ in names, in biases of the attention's input
projection, in norms of queries and keys, in rotary scaling and in a tied output; the rest is one.
"""

from __future__ import annotations

from typing import Any

from tvm import te
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op, spec
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache

from models.decoder import cache, quantized
from models.decoder.kernels import softmax
from models.decoder.kernels.head_norm import head_norm
from models.decoder.names import NAMES


class Attention(nn.Module):
    """Grouped-query attention over the paged cache."""

    def __init__(self, c: dict[str, Any], names: dict[str, str]) -> None:
        self.heads, self.kv_heads, self.size = c["heads"], c["kv_heads"], c["head_size"]
        self.names = names
        form = quantized.form_of(c)
        width = (self.heads + 2 * self.kv_heads) * self.size
        qkv = quantized.Linear(c["hidden_size"], width, form, bias=c.get("qkv_bias", False))
        setattr(self, names["qkv"], qkv)
        setattr(
            self, names["out"], quantized.Linear(self.heads * self.size, c["hidden_size"], form)
        )
        self.normed = c.get("qk_norm", False)
        if self.normed:
            self.q_norm = nn.RMSNorm(self.size, -1, c["norm_epsilon"], bias=False)
            self.k_norm = nn.RMSNorm(self.size, -1, c["norm_epsilon"], bias=False)

    def forward(
        self, x: nn.Tensor, norm: nn.RMSNorm, kv: PagedKVCache, layer: int
    ) -> nn.Tensor:
        """x [1, tokens, hidden] before its norm; returns x plus the attention over its norm."""
        batch, count, _ = x.shape
        total = self.heads + 2 * self.kv_heads
        qkv = quantized.project(x, getattr(self, self.names["qkv"]), norm=norm)
        qkv = op.reshape(qkv, (batch, count, total, self.size))
        if self.normed:
            kernel = head_norm(
                self.heads, self.kv_heads, self.size, self.q_norm.epsilon, qkv.dtype
            )
            gains = [self.q_norm.weight, self.k_norm.weight]
            out = nn.Tensor.placeholder(list(qkv.shape), qkv.dtype)
            qkv = op.tensor_ir_op(kernel, "normed_heads", [qkv, *gains], out)
        mixed = kv.attention_with_fused_qkv(layer, qkv, self.heads, sm_scale=self.size**-0.5)
        mixed = op.reshape(mixed, (batch, count, self.heads * self.size))
        return quantized.project(mixed, getattr(self, self.names["out"]), residual=x)


class FeedForward(nn.Module):
    """SwiGLU; the gate's rows come first in `gate_up_proj`."""

    def __init__(self, c: dict[str, Any]) -> None:
        form = quantized.form_of(c)
        size, hidden = c["feed_forward_size"], c["hidden_size"]
        self.gate_up_proj = quantized.Linear(hidden, 2 * size, form)
        self.down_proj = quantized.Linear(size, hidden, form)

    def forward(self, x: nn.Tensor, norm: nn.RMSNorm) -> nn.Tensor:
        """x [1, tokens, hidden] before its norm; returns x plus the layer over its norm."""
        hidden = quantized.project(x, self.gate_up_proj, norm=norm, gated=True)
        return quantized.project(hidden, self.down_proj, residual=x)


class Layer(nn.Module):
    """One layer."""

    def __init__(self, c: dict[str, Any], names: dict[str, str]) -> None:
        self.names = names
        size, epsilon = c["hidden_size"], c["norm_epsilon"]
        setattr(self, names["attention"], Attention(c, names))
        self.mlp = FeedForward(c)
        setattr(self, names["norm"], nn.RMSNorm(size, -1, epsilon, bias=False))
        self.post_attention_layernorm = nn.RMSNorm(size, -1, epsilon, bias=False)

    def forward(self, x: nn.Tensor, kv: PagedKVCache, layer: int) -> nn.Tensor:
        """x [1, tokens, hidden]."""
        attention, norm = (getattr(self, self.names[key]) for key in ("attention", "norm"))
        x = attention(x, norm, kv, layer)
        return self.mlp(x, self.post_attention_layernorm)


class Root(nn.Module):
    """Everything but the output projection."""

    def __init__(self, c: dict[str, Any], names: dict[str, str]) -> None:
        form = quantized.form_of(c)
        embedding = quantized.Embedding(c["vocabulary_tokens"], c["hidden_size"], form)
        setattr(self, names["embedding"], embedding)
        layers = nn.ModuleList([Layer(c, names) for _ in range(c["layers"])])
        setattr(self, names["layers"], layers)
        self.norm = nn.RMSNorm(c["hidden_size"], -1, c["norm_epsilon"], bias=False)


class Decoder(nn.Module):
    """The functions that WebLLM calls by name."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.c, self.names = c, NAMES[c["family"]]
        self.form = quantized.form_of(c)
        setattr(self, self.names["root"], Root(c, self.names))
        if not c["tied_output"]:
            self.lm_head = quantized.Linear(c["hidden_size"], c["vocabulary_tokens"], self.form)
        self.to(self.form.dtype)

    @property
    def _root(self) -> Root:
        return getattr(self, self.names["root"])

    @property
    def _embedding(self) -> quantized.Embedding:
        return getattr(self._root, self.names["embedding"])

    def _run(self, x: nn.Tensor, kv: PagedKVCache) -> nn.Tensor:
        for number, layer in enumerate(getattr(self._root, self.names["layers"])):
            x = layer(x, kv, number)
        return x

    def _logits(self, x: nn.Tensor) -> nn.Tensor:
        head = self._embedding if self.c["tied_output"] else self.lm_head
        return quantized.project(x, head, norm=self._root.norm, out="float32")

    def embed(self, ids: nn.Tensor) -> nn.Tensor:
        """ids [tokens] -> [tokens, hidden]."""
        return self._embedding(ids)

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
        batch = temperature.shape[0]
        if not self.form.ours:
            least = op.maximum(temperature, nn.Tensor.from_scalar(1e-6, "float32"))
            return op.softmax(logits / op.reshape(least, (batch, 1, 1)), axis=-1)
        parts = nn.Tensor.placeholder([batch, softmax.PARTS], "float32")
        whole = nn.Tensor.placeholder(list(logits.shape), "float32")
        made = op.tensor_ir_op(
            softmax.softmax(), "softmax_wide", [logits, temperature], [parts, parts, whole]
        )
        return made[2]

    def create_tir_paged_kv_cache(
        self, max_batch: Any, max_total: Any, chunk: Any, page: Any, sliding: Any
    ) -> PagedKVCache:
        """The cache of keys and values."""
        return cache.create(self.c, self.form.dtype, max_batch, max_total, chunk, page, sliding)

    def module_spec(self) -> Any:
        """Types of the functions above."""
        size, dtype = self.c["hidden_size"], self.form.dtype
        kv = spec.Object(object_type=PagedKVCache)
        functions: dict[str, Any] = {
            "embed": {"ids": spec.Tensor(["seq_len"], "int32")},
            "prefill": {"x": spec.Tensor([1, "seq_len", size], dtype), "kv": kv},
            "decode": {"x": spec.Tensor([1, 1, size], dtype), "kv": kv},
        }
        for function in functions.values():
            function["$"] = {"param_mode": "packed", "effect_mode": "none"}
        return nn.spec.ModuleSpec.from_raw(functions | cache.common_spec(), self)
