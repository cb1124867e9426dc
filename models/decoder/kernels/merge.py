"""Merges attention over cached tokens with attention over new ones, by their log-sum-exps.

TVM's own kernel lets several threads read S[row, head] and then overwrite it with no barrier
between; where a subgroup is narrower than head_size / 4 threads, late ones read the new value.
Here one thread owns a (row, head), so each S has one reader and writer.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T


def merge(heads: int, size: int, dtype: str) -> Any:
    """In place: (v, s) become the merge of (v, s) and (other_v, other_s); s in log2 units.

    v is [rows, heads, size] of `dtype`, s [rows, heads] float32.
    """

    @T.prim_func(s_tir=True)
    def merge_state(v_: T.handle, s_: T.handle, other_v_: T.handle, other_s_: T.handle):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        N = T.int32()
        v = T.match_buffer(v_, (N, heads, size), dtype)
        s = T.match_buffer(s_, (N, heads), "float32")
        other_v = T.match_buffer(other_v_, (N, heads, size), dtype)
        other_s = T.match_buffer(other_s_, (N, heads), "float32")
        for bx in T.thread_binding((N * heads + 63) // 64, thread="blockIdx.x"):
            for tx in T.thread_binding(64, thread="threadIdx.x"):
                with T.sblock("merge"):
                    T.reads(
                        v[0:N, 0:heads, 0:size], s[0:N, 0:heads],
                        other_v[0:N, 0:heads, 0:size], other_s[0:N, 0:heads],
                    )
                    T.writes(v[0:N, 0:heads, 0:size], s[0:N, 0:heads])
                    row = T.alloc_buffer((2,), "int32", scope="local")
                    top = T.alloc_buffer((3,), "float32", scope="local")
                    if bx * 64 + tx < N * heads:
                        row[0] = (bx * 64 + tx) // heads
                        row[1] = (bx * 64 + tx) % heads
                        top[0] = T.max(s[row[0], row[1]], other_s[row[0], row[1]])
                        top[1] = T.exp2(s[row[0], row[1]] - top[0])
                        top[2] = T.exp2(other_s[row[0], row[1]] - top[0])
                        s[row[0], row[1]] = T.log2(top[1] + top[2]) + top[0]
                        for d in range(size):
                            v[row[0], row[1], d] = T.cast(
                                (
                                    T.cast(v[row[0], row[1], d], "float32") * top[1]
                                    + T.cast(other_v[row[0], row[1], d], "float32") * top[2]
                                )
                                / (top[1] + top[2]),
                                dtype,
                            )

    return merge_state
