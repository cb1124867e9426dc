"""Linear layers over one row (decode) and RMS norm, without barriers.

A thread computes eight outputs, so that each load of the input serves eight products; workgroups
are small, so that a narrow layer still has some for every core.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

from models.decoder.kernels.tiles import threads_for

COLUMNS = 8
HALF = COLUMNS // 2


def threads_of(columns: int, per_thread: int) -> int:
    """Threads of a workgroup: 8 for narrow layers."""
    return threads_for(columns, per_thread) if columns >= 2048 else 8


def plain(K: int, N: int, residual: bool) -> Any:
    """y[n] = sum_k x[k] * w[n, k], plus r[n] when `residual` (else r is x); all [1, 1, *]."""
    W, R = threads_of(N, COLUMNS), N if residual else K

    @T.prim_func(private=True, s_tir=True)
    def linear_row(
        x: T.Buffer((1, 1, K), "float32"),
        w: T.Buffer((N, K), "float32"),
        r: T.Buffer((1, 1, R), "float32"),
        y: T.Buffer((1, 1, N), "float32"),
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        for bx in T.thread_binding(N // (W * COLUMNS), thread="blockIdx.x"):
            for tx in T.thread_binding(W, thread="threadIdx.x"):
                with T.sblock("row"):
                    T.reads(x[0, 0, 0:K], w[0:N, 0:K], r[0, 0, 0:R])
                    T.writes(y[0, 0, 0:N])
                    acc = T.alloc_buffer((COLUMNS,), "float32", scope="local")
                    xv = T.alloc_buffer((4,), "float32", scope="local")
                    for j in T.unroll(COLUMNS):
                        acc[j] = T.float32(0)
                    for k in range(K // 4):
                        xv[T.Ramp(0, 1, 4)] = x[0, 0, T.Ramp(k * 4, 1, 4)]
                        for j in T.unroll(COLUMNS):
                            acc[j] = acc[j] + T.call_pure_extern(
                                "float32", "dot", xv[T.Ramp(0, 1, 4)],
                                w[bx * (W * COLUMNS) + j * W + tx, T.Ramp(k * 4, 1, 4)],
                            )
                    for j in T.unroll(COLUMNS):
                        if residual:
                            y[0, 0, bx * (W * COLUMNS) + j * W + tx] = (
                                r[0, 0, bx * (W * COLUMNS) + j * W + tx] + acc[j]
                            )
                        else:
                            y[0, 0, bx * (W * COLUMNS) + j * W + tx] = acc[j]

    return linear_row


def gated(K: int, N: int) -> Any:
    """y[n] = silu(x . w[n]) * (x . w[N + n]); float32, shapes [1, 1, *]."""
    W = threads_of(N, HALF)

    @T.prim_func(private=True, s_tir=True)
    def gated_row(
        x: T.Buffer((1, 1, K), "float32"),
        w: T.Buffer((2 * N, K), "float32"),
        y: T.Buffer((1, 1, N), "float32"),
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        for bx in T.thread_binding(N // (W * HALF), thread="blockIdx.x"):
            for tx in T.thread_binding(W, thread="threadIdx.x"):
                with T.sblock("row"):
                    T.reads(x[0, 0, 0:K], w[0 : 2 * N, 0:K])
                    T.writes(y[0, 0, 0:N])
                    acc = T.alloc_buffer((COLUMNS,), "float32", scope="local")
                    xv = T.alloc_buffer((4,), "float32", scope="local")
                    for j in T.unroll(COLUMNS):
                        acc[j] = T.float32(0)
                    for k in range(K // 4):
                        xv[T.Ramp(0, 1, 4)] = x[0, 0, T.Ramp(k * 4, 1, 4)]
                        for j in T.unroll(COLUMNS):
                            acc[j] = acc[j] + T.call_pure_extern(
                                "float32", "dot", xv[T.Ramp(0, 1, 4)],
                                w[
                                    (j // HALF) * N + bx * (W * HALF) + (j % HALF) * W + tx,
                                    T.Ramp(k * 4, 1, 4),
                                ],
                            )
                    for j in T.unroll(HALF):
                        y[0, 0, bx * (W * HALF) + j * W + tx] = (
                            acc[j] / (T.float32(1) + T.exp(T.float32(0) - acc[j])) * acc[HALF + j]
                        )

    return gated_row


def rms_norm(K: int, epsilon: float, gain: bool) -> Any:
    """y[r] = x[r] / sqrt(mean(x[r]^2) + epsilon), times g when `gain` (else g is x)."""

    @T.prim_func(private=True, s_tir=True)
    def rms_rows(x_: T.handle, g_: T.handle, y_: T.handle):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        S = T.int32()
        x = T.match_buffer(x_, (1, S, K), "float32")
        g = T.match_buffer(g_, (K,) if gain else (1, S, K), "float32")
        y = T.match_buffer(y_, (1, S, K), "float32")
        for bx in T.thread_binding((S + 31) // 32, thread="blockIdx.x"):
            for tx in T.thread_binding(32, thread="threadIdx.x"):
                with T.sblock("norm"):
                    T.reads(x[0, 0:S, 0:K])
                    T.writes(y[0, 0:S, 0:K])
                    xv = T.alloc_buffer((4,), "float32", scope="local")
                    square = T.alloc_buffer((1,), "float32", scope="local")
                    if bx * 32 + tx < S:
                        square[0] = T.float32(0)
                        for k in range(K // 4):
                            xv[T.Ramp(0, 1, 4)] = x[0, bx * 32 + tx, T.Ramp(k * 4, 1, 4)]
                            square[0] = square[0] + T.call_pure_extern(
                                "float32", "dot", xv[T.Ramp(0, 1, 4)], xv[T.Ramp(0, 1, 4)]
                            )
                        square[0] = T.rsqrt(square[0] / T.float32(K) + T.float32(epsilon))
                        for k in range(K):
                            if gain:
                                y[0, bx * 32 + tx, k] = x[0, bx * 32 + tx, k] * square[0] * g[k]
                            else:
                                y[0, bx * 32 + tx, k] = x[0, bx * 32 + tx, k] * square[0]

    return rms_rows
