"""Linear layers over many rows (prefill), for devices without fast barriers.

Software WebGPU runs four invocations in one SIMD lane group and gathers every load, so what counts
is arithmetic per load: a thread keeps 8 rows x 16 columns and reads both operands four wide. All
loops over the tile are unrolled, since an array that is indexed by a variable is gathered too: the
same tile with inner loops takes seven times as long. With 16 rows the code is twice as long, and so
is the wait for its compilation at every load, but prefill is no quicker. No shared memory, no
barriers.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

ROWS, COLUMNS = 8, 16
HALF = COLUMNS // 2
TILE = ROWS * COLUMNS


def threads_for(columns: int, per_thread: int) -> int:
    """Threads of a workgroup; raises ValueError when the columns do not divide evenly."""
    for threads in (32, 16, 8):
        if columns % (threads * per_thread) == 0:
            return threads
    raise ValueError(f"{columns} columns are no multiple of {8 * per_thread}")


def plain(K: int, N: int, residual: bool) -> Any:
    """y[r, n] = sum_k x[r, k] * w[n, k], plus r[r, n] when `residual` (else r is x); float32."""
    W, R = 8, N if residual else K

    @T.prim_func(private=True, s_tir=True)
    def linear_rows(
        x_: T.handle, w: T.Buffer((N, K), "float32"), r_: T.handle, y_: T.handle
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        S = T.int32()
        x = T.match_buffer(x_, (1, S, K), "float32")
        r = T.match_buffer(r_, (1, S, R), "float32")
        y = T.match_buffer(y_, (1, S, N), "float32")
        for by in T.thread_binding((S + (ROWS - 1)) // ROWS, thread="blockIdx.y"):
            for bx in T.thread_binding(N // (W * COLUMNS), thread="blockIdx.x"):
                for tx in T.thread_binding(W, thread="threadIdx.x"):
                    with T.sblock("tile"):
                        T.reads(x[0, 0:S, 0:K], w[0:N, 0:K], r[0, 0:S, 0:R])
                        T.writes(y[0, 0:S, 0:N])
                        acc = T.alloc_buffer((TILE,), "float32", scope="local")
                        xv = T.alloc_buffer((4,), "float32", scope="local")
                        wv = T.alloc_buffer((COLUMNS * 4,), "float32", scope="local")
                        for i in T.unroll(TILE):
                            acc[i] = T.float32(0)
                        for k in range(K // 4):
                            for j in T.unroll(COLUMNS):
                                wv[T.Ramp(j * 4, 1, 4)] = w[
                                    bx * (W * COLUMNS) + j * W + tx, T.Ramp(k * 4, 1, 4)
                                ]
                            for i in T.unroll(ROWS):
                                xv[T.Ramp(0, 1, 4)] = x[
                                    0, T.min(by * ROWS + i, S - 1), T.Ramp(k * 4, 1, 4)
                                ]
                                for j in T.unroll(COLUMNS):
                                    acc[i * COLUMNS + j] = acc[i * COLUMNS + j] + T.call_pure_extern(
                                        "float32", "dot", xv[T.Ramp(0, 1, 4)],
                                        wv[T.Ramp(j * 4, 1, 4)],
                                    )
                        for i in T.unroll(ROWS):
                            if by * ROWS + i < S:
                                for j in T.unroll(COLUMNS):
                                    if residual:
                                        y[0, by * ROWS + i, bx * (W * COLUMNS) + j * W + tx] = (
                                            r[0, by * ROWS + i, bx * (W * COLUMNS) + j * W + tx]
                                            + acc[i * COLUMNS + j]
                                        )
                                    else:
                                        y[0, by * ROWS + i, bx * (W * COLUMNS) + j * W + tx] = acc[i * COLUMNS + j]

    return linear_rows


def gated(K: int, N: int) -> Any:
    """y[r, n] = silu(x[r] . w[n]) * (x[r] . w[N + n]); float32."""
    W = 8

    @T.prim_func(private=True, s_tir=True)
    def gated_rows(x_: T.handle, w: T.Buffer((2 * N, K), "float32"), y_: T.handle):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        S = T.int32()
        x = T.match_buffer(x_, (1, S, K), "float32")
        y = T.match_buffer(y_, (1, S, N), "float32")
        for by in T.thread_binding((S + (ROWS - 1)) // ROWS, thread="blockIdx.y"):
            for bx in T.thread_binding(N // (W * HALF), thread="blockIdx.x"):
                for tx in T.thread_binding(W, thread="threadIdx.x"):
                    with T.sblock("tile"):
                        T.reads(x[0, 0:S, 0:K], w[0 : 2 * N, 0:K])
                        T.writes(y[0, 0:S, 0:N])
                        acc = T.alloc_buffer((TILE,), "float32", scope="local")
                        xv = T.alloc_buffer((4,), "float32", scope="local")
                        wv = T.alloc_buffer((COLUMNS * 4,), "float32", scope="local")
                        for i in T.unroll(TILE):
                            acc[i] = T.float32(0)
                        for k in range(K // 4):
                            for j in T.unroll(COLUMNS):
                                wv[T.Ramp(j * 4, 1, 4)] = w[
                                    (j // HALF) * N + bx * (W * HALF) + (j % HALF) * W + tx,
                                    T.Ramp(k * 4, 1, 4),
                                ]
                            for i in T.unroll(ROWS):
                                xv[T.Ramp(0, 1, 4)] = x[
                                    0, T.min(by * ROWS + i, S - 1), T.Ramp(k * 4, 1, 4)
                                ]
                                for j in T.unroll(COLUMNS):
                                    acc[i * COLUMNS + j] = acc[i * COLUMNS + j] + T.call_pure_extern(
                                        "float32", "dot", xv[T.Ramp(0, 1, 4)],
                                        wv[T.Ramp(j * 4, 1, 4)],
                                    )
                        for i in T.unroll(ROWS):
                            if by * ROWS + i < S:
                                for j in T.unroll(HALF):
                                    y[0, by * ROWS + i, bx * (W * HALF) + j * W + tx] = (
                                        acc[i * COLUMNS + j]
                                        / (T.float32(1) + T.exp(T.float32(0) - acc[i * COLUMNS + j]))
                                        * acc[i * COLUMNS + HALF + j]
                                    )

    return gated_rows
