"""RMS norm of each head's queries and keys inside the fused projection (Qwen3), in one kernel."""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

THREADS = 32


def head_norm(heads: int, kv_heads: int, D: int, epsilon: float, dtype: str) -> Any:
    """y [1, rows, heads + 2 kv_heads, D] of x; gains q_gain, k_gain [D]; values pass through."""
    total = heads + 2 * kv_heads
    own = (D + THREADS - 1) // THREADS

    @T.prim_func(private=True, s_tir=True)
    def normed_heads(
        x_: T.handle,
        q_gain: T.Buffer((D,), dtype),
        k_gain: T.Buffer((D,), dtype),
        y_: T.handle,
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        S = T.int32()
        x = T.match_buffer(x_, (1, S, total, D), dtype)
        y = T.match_buffer(y_, (1, S, total, D), dtype)
        for bx in T.thread_binding(S * total, thread="blockIdx.x"):
            for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("head"):
                    T.reads(x[0, 0:S, 0:total, 0:D], q_gain[0:D], k_gain[0:D])
                    T.writes(y[0, 0:S, 0:total, 0:D])
                    part = T.alloc_buffer((1,), "float32", scope="local")
                    values = T.alloc_buffer((own,), "float32", scope="local")
                    parts = T.alloc_buffer((THREADS,), "float32", scope="shared")
                    part[0] = T.float32(0)
                    for e in T.unroll(own):
                        values[e] = T.float32(0)
                        if e * THREADS + tx < D:
                            values[e] = T.cast(
                                x[0, bx // total, bx % total, e * THREADS + tx], "float32"
                            )
                        part[0] = part[0] + values[e] * values[e]
                    parts[tx] = part[0]
                    T.tvm_storage_sync("shared")
                    part[0] = T.float32(0)
                    for z in T.unroll(THREADS):
                        part[0] = part[0] + parts[z]
                    part[0] = T.rsqrt(part[0] / T.float32(D) + T.float32(epsilon))
                    for e in T.unroll(own):
                        if e * THREADS + tx < D:
                            if bx % total < heads:
                                values[e] = (
                                    values[e] * part[0]
                                    * T.cast(q_gain[e * THREADS + tx], "float32")
                                )
                            else:
                                if bx % total < heads + kv_heads:
                                    values[e] = (
                                        values[e] * part[0]
                                        * T.cast(k_gain[e * THREADS + tx], "float32")
                                    )
                            y[0, bx // total, bx % total, e * THREADS + tx] = T.cast(
                                values[e], dtype
                            )

    return normed_heads
