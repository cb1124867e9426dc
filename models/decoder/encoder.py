"""Text encoders of BERT's kind under the names and shapes of MLC's weights, for embeddings.

WebLLM calls `prefill` with padded texts and a mask, and takes the first position's vector of each
text. Models that were trained for the mean of all positions (`"pooling": "mean"`) therefore get it
at every position. Vectors are not scaled to length 1, as in MLC's own libraries.
"""

from __future__ import annotations

from typing import Any

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op, spec

from models.decoder import quantized
from models.decoder.kernels.encoder_attention import attend, mean

#: erfc by Abramowitz and Stegun 7.1.26, to 1.5e-7: WGSL has none.
SLOPE = 0.3275911
SERIES = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def gelu(x: nn.Tensor) -> nn.Tensor:
    """x times the normal distribution at x, exactly and not by tanh; in float32 throughout."""

    def at(value: Any) -> Any:
        v = value.astype("float32")
        size = tirx.abs(v) * tirx.const(0.5**0.5, "float32")
        t = tirx.const(1, "float32") / (size * tirx.const(SLOPE, "float32") + 1)
        series = tirx.const(0, "float32")
        for factor in reversed(SERIES):
            series = (series + tirx.const(factor, "float32")) * t
        tail = series * tirx.exp(-size * size) * tirx.const(0.5, "float32")
        return (v * tirx.Select(v < 0, tail, 1 - tail)).astype(x.dtype)

    return op.tensor_expr_op(
        lambda t: te.compute(t.shape, lambda *i: at(t(*i)), name="gelu"), "gelu", [x]
    )


class Table(nn.Module):
    """Rows by number, under the name ``<path>.weight``."""

    def __init__(self, rows: int, size: int, dtype: str) -> None:
        self.weight = nn.Parameter((rows, size), dtype=dtype)


class Embeddings(nn.Module):
    """Token, position and the first token type, normed."""

    def __init__(self, c: dict[str, Any], dtype: str) -> None:
        size = c["hidden_size"]
        self.word_embeddings = Table(c["vocabulary_tokens"], size, dtype)
        self.position_embeddings = Table(c["positions"], size, dtype)
        self.token_type_embeddings = Table(c["token_types"], size, dtype)
        self.LayerNorm = nn.LayerNorm(size, c["norm_epsilon"], dtype=dtype)

    def forward(self, ids: nn.Tensor) -> nn.Tensor:
        """ids [texts, tokens] -> [texts, tokens, hidden]."""

        def total(tokens: te.Tensor, word: te.Tensor, position: te.Tensor, kind: te.Tensor) -> Any:
            batch, count = tokens.shape
            return te.compute(
                (batch, count, word.shape[1]),
                lambda b, s, k: word[tokens[b, s], k] + position[s, k] + kind[0, k],
                name="embed",
            )

        tables = (self.word_embeddings, self.position_embeddings, self.token_type_embeddings)
        weights = [table.weight for table in tables]
        return self.LayerNorm(op.tensor_expr_op(total, "embed", [ids, *weights]))


class Projected(nn.Module):
    """A linear layer, the residual, and the norm after both."""

    def __init__(self, n_in: int, c: dict[str, Any]) -> None:
        form = quantized.form_of(c)
        self.dense = quantized.Linear(n_in, c["hidden_size"], form, bias=True)
        self.LayerNorm = nn.LayerNorm(c["hidden_size"], c["norm_epsilon"], dtype=form.dtype)

    def forward(self, x: nn.Tensor, residual: nn.Tensor) -> nn.Tensor:
        """x [1, positions, n_in], residual [1, positions, hidden]."""
        return self.LayerNorm(quantized.project(x, self.dense, residual=residual))


class Mixing(nn.Module):
    """All of a text's positions over all others."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.heads, self.size = c["heads"], c["head_size"]
        hidden, form = c["hidden_size"], quantized.form_of(c)
        self.qkv = quantized.Linear(hidden, 3 * self.heads * self.size, form, bias=True)

    def forward(self, x: nn.Tensor, mask: nn.Tensor) -> nn.Tensor:
        """x [1, positions, hidden] of all texts, mask [texts, tokens]."""
        batch, count = mask.shape
        width = self.heads * self.size
        qkv = op.reshape(quantized.project(x, self.qkv), (batch, count, 3 * width))
        kernel = attend(self.heads, self.size, x.dtype)
        out = nn.Tensor.placeholder([batch, count, width], x.dtype)
        mixed = op.tensor_ir_op(kernel, "encoder_attention", [qkv, mask], out)
        return op.reshape(mixed, (1, batch * count, width))


class Attention(nn.Module):
    """Attention with its output projection; the first part is called `self` in the weights."""

    def __init__(self, c: dict[str, Any]) -> None:
        setattr(self, "self", Mixing(c))
        self.output = Projected(c["heads"] * c["head_size"], c)

    def forward(self, x: nn.Tensor, mask: nn.Tensor) -> nn.Tensor:
        """x [1, positions, hidden], mask [texts, tokens]."""
        return self.output(getattr(self, "self")(x, mask), x)


class Intermediate(nn.Module):
    """The wide half of the feed-forward layer."""

    def __init__(self, c: dict[str, Any]) -> None:
        form = quantized.form_of(c)
        self.dense = quantized.Linear(c["hidden_size"], c["feed_forward_size"], form, bias=True)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """x [1, positions, hidden]."""
        return gelu(quantized.project(x, self.dense))


class Layer(nn.Module):
    """One layer."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.attention = Attention(c)
        self.intermediate = Intermediate(c)
        self.output = Projected(c["feed_forward_size"], c)

    def forward(self, x: nn.Tensor, mask: nn.Tensor) -> nn.Tensor:
        """x [1, positions, hidden], mask [texts, tokens]."""
        x = self.attention(x, mask)
        return self.output(self.intermediate(x), x)


class Stack(nn.Module):
    """All layers, under the name ``encoder.layer``."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.layer = nn.ModuleList([Layer(c) for _ in range(c["layers"])])


class Encoder(nn.Module):
    """The one function that WebLLM calls."""

    def __init__(self, c: dict[str, Any]) -> None:
        self.c, self.dtype = c, quantized.form_of(c).dtype
        self.embeddings = Embeddings(c, self.dtype)
        self.encoder = Stack(c)

    def prefill(self, ids: nn.Tensor, mask: nn.Tensor) -> nn.Tensor:
        """ids, mask [texts, tokens] -> [texts, tokens, hidden] in float32."""
        batch, count = ids.shape
        size = self.c["hidden_size"]
        # Positions of all texts in one row of tiles: short texts fill none of their own.
        x = op.reshape(self.embeddings(ids), (1, batch * count, size))
        for layer in self.encoder.layer:
            x = layer(x, mask)
        x = op.reshape(x, (batch, count, size))
        x = x if self.dtype == "float32" else op.astype(x, "float32")
        if self.c["pooling"] == "first":
            return x
        out = nn.Tensor.placeholder([batch, count, size], "float32")
        return op.tensor_ir_op(mean(size), "masked_mean", [x, mask], out)

    def module_spec(self) -> Any:
        """Types of the function above."""
        texts = spec.Tensor(["batch", "seq_len"], "int32")
        how = {"param_mode": "packed", "effect_mode": "none"}
        return nn.spec.ModuleSpec.from_raw(
            {"prefill": {"ids": texts, "mask": texts, "$": how}}, self
        )
