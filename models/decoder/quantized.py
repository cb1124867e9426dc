"""Weights as MLC publishes them: plain, or 4 bits in groups of 32 along the input.

A group's values are (nibble - 7) * scale; eight nibbles lie in one uint32, the first in its lowest
bits. `q_weight` is [n_out, n_in / 8], `q_scale` [n_out, n_in / 32].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

GROUP = 32
PER_WORD = 8
ZERO = 7


@dataclass(frozen=True)
class Form:
    """How weights are stored, and the type of activations."""

    bits: int
    dtype: str


FORMS = {
    "q4f16_1": Form(4, "float16"),
    "q4f32_1": Form(4, "float32"),
    "q0f16": Form(0, "float16"),
    "q0f32": Form(0, "float32"),
}


class Stored(nn.Module):
    """A matrix [n_out, n_in] under `weight`, or `q_weight` and `q_scale`."""

    def __init__(self, n_out: int, n_in: int, form: Form) -> None:
        self.form, self.shape = form, (n_out, n_in)
        if form.bits == 0:
            self.weight = nn.Parameter((n_out, n_in), dtype=form.dtype)
            return
        if n_in % GROUP:
            raise ValueError(f"{n_in} inputs are no multiple of the group of {GROUP}")
        self.q_weight = nn.Parameter((n_out, n_in // PER_WORD), dtype="uint32")
        self.q_scale = nn.Parameter((n_out, n_in // GROUP), dtype=form.dtype)

    def to(self, dtype: str | None = None) -> None:
        """Parameters have their types already; packed words must not be converted."""
        del dtype

    @property
    def parts(self) -> list[nn.Tensor]:
        """The parameters, in the order that `entry` takes them."""
        return [self.weight] if self.form.bits == 0 else [self.q_weight, self.q_scale]


def entry(parts: tuple[te.Tensor, ...], row: Any, column: Any, dtype: str) -> Any:
    """One weight from its stored parts, in `dtype`."""
    if len(parts) == 1:
        return parts[0][row, column].astype(dtype)
    words, scales = parts
    shift = (column % PER_WORD * (32 // PER_WORD)).astype("uint32")
    nibble = tirx.bitwise_and(
        tirx.shift_right(words[row, column // PER_WORD], shift), tirx.const(15, "uint32")
    )
    centred = nibble.astype(dtype) - tirx.const(ZERO, dtype)
    return centred * scales[row, column // GROUP].astype(dtype)


def multiply(x: nn.Tensor, weight: Stored, form: Form, out: str | None = None) -> nn.Tensor:
    """x [1, rows, n_in] times weight transposed, summed in float32; `out` is the result's type."""
    n_out, n_in = weight.shape
    result = out or form.dtype

    def product(t: te.Tensor, *parts: te.Tensor) -> te.Tensor:
        matrix = te.compute(
            (n_out, n_in), lambda n, k: entry(parts, n, k, form.dtype), name="dequantize"
        )
        k = te.reduce_axis((0, n_in), name="k")
        total = te.compute(
            (t.shape[0], t.shape[1], n_out),
            lambda b, s, n: te.sum(
                t[b, s, k].astype("float32") * matrix[n, k].astype("float32"), axis=k
            ),
            name="NT_matmul",
        )
        if result == "float32":
            return total
        return te.compute(total.shape, lambda *i: total(*i).astype(result), name="cast")

    return op.tensor_expr_op(product, "linear", [x, *weight.parts])


class Linear(Stored):
    """x times the weight transposed, plus a bias."""

    def __init__(self, n_in: int, n_out: int, form: Form, bias: bool = False) -> None:
        super().__init__(n_out, n_in, form)
        self.bias = nn.Parameter((n_out,), dtype=form.dtype) if bias else None

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """x [1, rows, n_in]."""
        y = multiply(x, self, self.form)
        return y if self.bias is None else y + self.bias


class Embedding(Stored):
    """Rows by token."""

    def forward(self, ids: nn.Tensor) -> nn.Tensor:
        """ids [tokens] -> [tokens, n_in]."""

        def rows(tokens: te.Tensor, *parts: te.Tensor) -> te.Tensor:
            return te.compute(
                (tokens.shape[0], self.shape[1]),
                lambda i, k: entry(parts, tokens[i], k, self.form.dtype),
                name="take",
            )

        return op.tensor_expr_op(rows, "take", [ids, *self.parts])
