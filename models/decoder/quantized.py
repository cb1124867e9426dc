"""Weights as MLC publishes them: plain, or 4 bits in groups of 32 along the input.

A group's values are (nibble - 7) * scale; eight nibbles lie in one uint32, the first in its lowest
bits. `q_weight` is [n_out, n_in / 8], `q_scale` [n_out, n_in / 32].
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

from models.decoder.kernels.packed_rows import Layer, packed_row

GROUP = 32
PER_WORD = 8
ZERO = 7


@dataclass(frozen=True)
class Form:
    """How weights are stored, and the type of activations."""

    bits: int
    dtype: str
    #: our kernels over one row; else TVM's schedules, for comparison
    ours: bool = True


FORMS = {
    "q4f16_1": Form(4, "float16"),
    "q4f32_1": Form(4, "float32"),
    "q0f16": Form(0, "float16"),
    "q0f32": Form(0, "float32"),
}


def form_of(c: dict[str, Any]) -> Form:
    """The form of an architecture; `"schedules": "stock"` asks for TVM's own."""
    return replace(FORMS[c["quantization"]], ours=c.get("schedules") != "stock")


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


def is_one_row(x: nn.Tensor) -> bool:
    """Whether x [1, rows, size] is known to have one row."""
    return isinstance(x.shape[1], int | tirx.IntImm) and int(x.shape[1]) == 1


def project(
    x: nn.Tensor,
    weight: Stored,
    *,
    norm: nn.RMSNorm | None = None,
    gated: bool = False,
    residual: nn.Tensor | None = None,
    out: str | None = None,
) -> nn.Tensor:
    """The product of norm(x) [1, rows, n_in] and a weight, its bias, SwiGLU and the residual.

    One row of 4-bit weights is one kernel. `gated` halves the outputs: gates come first.
    """
    bias: nn.Tensor | None = getattr(weight, "bias", None)
    form = weight.form
    if is_one_row(x) and form.bits == 4 and form.ours:
        n_out, n_in = weight.shape
        layer = Layer(
            n_in,
            n_out // 2 if gated else n_out,
            form.dtype,
            epsilon=norm.epsilon if norm else None,
            gated=gated,
            bias=bias is not None,
            residual=residual is not None,
            out=out or form.dtype,
        )
        y = nn.Tensor.placeholder([1, 1, layer.n_out], layer.out)
        given = [norm.weight if norm else x, bias if bias is not None else x]
        given.append(residual if residual is not None else x)
        return op.tensor_ir_op(packed_row(layer), layer.name, [x, *weight.parts, *given], y)
    y = multiply(norm(x) if norm else x, weight, form, out)
    if bias is not None:
        y = y + bias
    if gated:
        gate, up = op.split(y, 2, axis=-1)
        y = op.silu(gate) * up
    return y if residual is None else residual + y


class Linear(Stored):
    """A matrix and its bias; `project` multiplies with it."""

    def __init__(self, n_in: int, n_out: int, form: Form, bias: bool = False) -> None:
        super().__init__(n_out, n_in, form)
        self.bias = nn.Parameter((n_out,), dtype=form.dtype) if bias else None


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
