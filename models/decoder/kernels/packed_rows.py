"""Linear layers over one row of activations with 4-bit weights, for graphics cards.

A token's time on a fast card goes to dispatches, so what can be one is one: the RMS norm before the
layer, the bias, SwiGLU and the residual after it. The threads of a workgroup share the inputs of a
few outputs, eight weights (one word) at a time, and sum up in two steps at the end; the norm's sum
of squares is one more column of that sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvm.script import tirx as T

THREADS = 64


@dataclass(frozen=True)
class Layer:
    """What a kernel does besides the product; sums are in float32."""

    n_in: int
    n_out: int
    dtype: str
    #: of the norm before the product, None without one
    epsilon: float | None = None
    gated: bool = False
    bias: bool = False
    residual: bool = False
    out: str = "float32"

    @property
    def name(self) -> str:
        """A name that tells apart all kernels of one library."""
        parts = ["norm" if self.epsilon is not None else "", "gated" if self.gated else "linear"]
        parts += ["row", str(self.n_in), str(self.n_out), "bias" if self.bias else ""]
        parts += ["add" if self.residual else ""]
        return "_".join(part for part in parts if part)


def packed_row(layer: Layer) -> Any:
    """y [1, 1, n_out] of x [1, 1, n_in]; q, s as in quantized.py, 2 n_out rows when gated.

    g [n_in] is the norm's gain, b [n_out] the bias, r [1, 1, n_out] the residual; what a layer does
    not have is x again.
    """
    K, N, dtype, out = layer.n_in, layer.n_out, layer.dtype, layer.out
    normed, gated, bias, residual = (
        layer.epsilon is not None, layer.gated, layer.bias, layer.residual,
    )
    epsilon = layer.epsilon or 0.0
    OUT = 2 if gated else 4
    while N % OUT:
        OUT //= 2
    HALVES = 2 if gated else 1
    SUMS = OUT * HALVES
    ROWS = N * 2 if gated else N
    COLUMNS = SUMS + 1
    words = K // 8
    none = (1, 1, K)

    @T.prim_func(private=True, s_tir=True)
    def packed(
        x: T.Buffer((1, 1, K), dtype),
        q: T.Buffer((ROWS, K // 8), "uint32"),
        s: T.Buffer((ROWS, K // 32), dtype),
        g_: T.handle, b_: T.handle, r_: T.handle,
        y: T.Buffer((1, 1, N), out),
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        g = T.match_buffer(g_, (K,) if normed else none, dtype)
        b = T.match_buffer(b_, (N,) if bias else none, dtype)
        r = T.match_buffer(r_, (1, 1, N) if residual else none, dtype)
        for bx in T.thread_binding(N // OUT, thread="blockIdx.x"):
            for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("row"):
                    T.reads(x[0, 0, 0:K], q[0:ROWS, 0:words], s[0:ROWS, 0 : K // 32])
                    T.writes(y[0, 0, 0:N])
                    xv = T.alloc_buffer((8,), "float32", scope="local")
                    sums = T.alloc_buffer((COLUMNS,), "float32", scope="local")
                    part = T.alloc_buffer((1,), "float32", scope="local")
                    word = T.alloc_buffer((1,), "uint32", scope="local")
                    gathered = T.alloc_buffer((COLUMNS * THREADS,), "float32", scope="shared")
                    eighths = T.alloc_buffer((THREADS,), "float32", scope="shared")
                    for j in T.unroll(COLUMNS):
                        sums[j] = T.float32(0)
                    for kb in range((words + (THREADS - 1)) // THREADS):
                        if kb * THREADS + tx < words:
                            for e in T.unroll(8):
                                xv[e] = T.cast(x[0, 0, (kb * THREADS + tx) * 8 + e], "float32")
                            if normed:
                                for e in T.unroll(8):
                                    sums[SUMS] = sums[SUMS] + xv[e] * xv[e]
                                    xv[e] = xv[e] * T.cast(
                                        g[(kb * THREADS + tx) * 8 + e], "float32"
                                    )
                            for j in T.unroll(SUMS):
                                word[0] = q[
                                    bx * OUT + j % OUT + j // OUT * N, kb * THREADS + tx
                                ]
                                part[0] = T.float32(0)
                                for e in T.unroll(8):
                                    part[0] = part[0] + xv[e] * (
                                        T.cast(
                                            T.bitwise_and(
                                                T.shift_right(word[0], T.uint32(e * 4)),
                                                T.uint32(15),
                                            ),
                                            "float32",
                                        )
                                        - T.float32(7)
                                    )
                                sums[j] = sums[j] + part[0] * T.cast(
                                    s[
                                        bx * OUT + j % OUT + j // OUT * N,
                                        (kb * THREADS + tx) // 4,
                                    ],
                                    "float32",
                                )
                    for j in T.unroll(COLUMNS):
                        gathered[j * THREADS + tx] = sums[j]
                    T.tvm_storage_sync("shared")
                    # Eight threads a column, then one an output: TVM refuses trees in one array.
                    part[0] = T.float32(0)
                    for z in T.unroll(8):
                        part[0] = part[0] + gathered[
                            T.min(tx // 8, COLUMNS - 1) * THREADS + tx % 8 * 8 + z
                        ]
                    eighths[tx] = part[0]
                    T.tvm_storage_sync("shared")
                    for j in T.unroll(2):
                        sums[j] = T.float32(0)
                        for z in T.unroll(8):
                            sums[j] = sums[j] + eighths[(tx % OUT + j % HALVES * OUT) * 8 + z]
                    part[0] = T.float32(0)
                    for z in T.unroll(8):
                        part[0] = part[0] + eighths[SUMS * 8 + z]
                    part[0] = T.rsqrt(part[0] / T.float32(K) + T.float32(epsilon))
                    if tx < OUT:
                        if normed:
                            sums[0] = sums[0] * part[0]
                            sums[1] = sums[1] * part[0]
                        if gated:
                            sums[0] = (
                                sums[0] / (T.float32(1) + T.exp(T.float32(0) - sums[0])) * sums[1]
                            )
                        if bias:
                            sums[0] = sums[0] + T.cast(b[bx * OUT + tx], "float32")
                        if residual:
                            sums[0] = sums[0] + T.cast(r[0, 0, bx * OUT + tx], "float32")
                        y[0, 0, bx * OUT + tx] = T.cast(sums[0], out)

    return packed
