"""Attention of one sequence over its paged cache, for devices without fast barriers.

In prefill a thread owns two queries of all heads that share a key, so each load of keys and values
serves several products; there are no barriers. In decode 32 threads share the keys of a group of
heads and meet once. Softmax runs in base 2, the log-sum-exp that goes out too, as TVM's cache
expects. One sequence (batch 1), no sliding window: the cache's other kernels keep TVM's.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

LOG2E = 1.4426950408889634
#: Less than any score, and small enough that its exp2 is 0.
LOWEST = -5e4
QUERIES = 2
KEYS = 2


def prefill_ragged(kv_heads: int, heads: int, D: int) -> Any:
    """New queries over new keys and values, which lie in plain arrays."""
    G = heads // kv_heads
    R, V = QUERIES * G, D // 4

    @T.prim_func(s_tir=True)
    def batch_prefill_ragged_kv(
        q_: T.handle, q_indptr_: T.handle, k_: T.handle, v_: T.handle, kv_indptr_: T.handle,
        q_position_: T.handle, k_offset_: T.handle, output_: T.handle, lse_: T.handle,
        causal: T.int32, rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True})
        batch = T.int32()
        queries = T.int32()
        keys = T.int32()
        o1 = T.int32()
        o2 = T.int32()
        o3 = T.int32()
        o4 = T.int32()
        q = T.match_buffer(q_, (queries, heads, D), "float32")
        q_indptr = T.match_buffer(q_indptr_, (batch + 1,), "int32", elem_offset=o1)
        k = T.match_buffer(k_, (keys, kv_heads, D), "float32")
        v = T.match_buffer(v_, (keys, kv_heads, D), "float32")
        kv_indptr = T.match_buffer(kv_indptr_, (batch + 1,), "int32", elem_offset=o2)
        q_position = T.match_buffer(q_position_, (queries,), "int32", elem_offset=o3)
        k_offset = T.match_buffer(k_offset_, (batch,), "int32", elem_offset=o4)
        output = T.match_buffer(output_, (queries, heads, D), "float32")
        lse = T.match_buffer(lse_, (queries, heads), "float32")
        for bx in T.thread_binding((queries + 63) // 64, thread="blockIdx.x"):
            for by in T.thread_binding(kv_heads, thread="blockIdx.y"):
                for tx in T.thread_binding(32, thread="threadIdx.x"):
                    with T.sblock("attend"):
                        T.reads(
                            q[0:queries, 0:heads, 0:D], k[0:keys, 0:kv_heads, 0:D],
                            v[0:keys, 0:kv_heads, 0:D],
                        )
                        T.writes(output[0:queries, 0:heads, 0:D], lse[0:queries, 0:heads])
                        own = T.alloc_buffer((R * D,), "float32", scope="local")
                        mixed = T.alloc_buffer((R * D,), "float32", scope="local")
                        row = T.alloc_buffer((4,), "float32", scope="local")
                        score = T.alloc_buffer((R * KEYS,), "float32", scope="local")
                        top = T.alloc_buffer((R,), "float32", scope="local")
                        total = T.alloc_buffer((R,), "float32", scope="local")
                        shrink = T.alloc_buffer((2,), "float32", scope="local")
                        seen = T.alloc_buffer((QUERIES,), "int32", scope="local")
                        first = T.alloc_buffer((1,), "int32", scope="local")
                        first[0] = (bx * 32 + tx) * QUERIES
                        if first[0] < queries:
                            for r in T.unroll(QUERIES):
                                seen[r] = keys
                                if causal > 0:
                                    seen[r] = T.min(keys - queries + first[0] + r + 1, keys)
                            for r in T.unroll(R):
                                top[r] = T.float32(LOWEST)
                                total[r] = T.float32(0)
                                for i in T.unroll(V):
                                    own[T.Ramp(r * D + i * 4, 1, 4)] = q[
                                        T.min(first[0] + r // G, queries - 1), by * G + r % G,
                                        T.Ramp(i * 4, 1, 4),
                                    ] * T.Broadcast(sm_scale * T.float32(LOG2E), 4)
                                    mixed[T.Ramp(r * D + i * 4, 1, 4)] = T.Broadcast(
                                        T.float32(0), 4
                                    )
                            for jb in range((seen[QUERIES - 1] + (KEYS - 1)) // KEYS):
                                for z in T.unroll(KEYS):
                                    for r in T.unroll(R):
                                        score[r * KEYS + z] = T.float32(0)
                                    for i in T.unroll(V):
                                        row[T.Ramp(0, 1, 4)] = k[
                                            T.min(jb * KEYS + z, keys - 1), by, T.Ramp(i * 4, 1, 4)
                                        ]
                                        for r in T.unroll(R):
                                            score[r * KEYS + z] = score[
                                                r * KEYS + z
                                            ] + T.call_pure_extern(
                                                "float32", "dot",
                                                own[T.Ramp(r * D + i * 4, 1, 4)],
                                                row[T.Ramp(0, 1, 4)],
                                            )
                                for r in T.unroll(R):
                                    shrink[0] = top[r]
                                    for z in T.unroll(KEYS):
                                        if jb * KEYS + z < seen[r // G]:
                                            shrink[0] = T.max(shrink[0], score[r * KEYS + z])
                                    shrink[1] = T.exp2(top[r] - shrink[0])
                                    top[r] = shrink[0]
                                    total[r] = total[r] * shrink[1]
                                    for z in T.unroll(KEYS):
                                        score[r * KEYS + z] = T.Select(
                                            jb * KEYS + z < seen[r // G],
                                            T.exp2(score[r * KEYS + z] - shrink[0]),
                                            T.float32(0),
                                        )
                                        total[r] = total[r] + score[r * KEYS + z]
                                    for i in T.unroll(V):
                                        mixed[T.Ramp(r * D + i * 4, 1, 4)] = mixed[
                                            T.Ramp(r * D + i * 4, 1, 4)
                                        ] * T.Broadcast(shrink[1], 4)
                                for z in T.unroll(KEYS):
                                    for i in T.unroll(V):
                                        row[T.Ramp(0, 1, 4)] = v[
                                            T.min(jb * KEYS + z, keys - 1), by, T.Ramp(i * 4, 1, 4)
                                        ]
                                        for r in T.unroll(R):
                                            mixed[T.Ramp(r * D + i * 4, 1, 4)] = (
                                                mixed[T.Ramp(r * D + i * 4, 1, 4)]
                                                + T.Broadcast(score[r * KEYS + z], 4)
                                                * row[T.Ramp(0, 1, 4)]
                                            )
                            for r in T.unroll(R):
                                if first[0] + r // G < queries:
                                    for i in T.unroll(V):
                                        output[
                                            first[0] + r // G, by * G + r % G,
                                            T.Ramp(i * 4, 1, 4),
                                        ] = mixed[T.Ramp(r * D + i * 4, 1, 4)] / T.Broadcast(
                                            total[r], 4
                                        )
                                    lse[first[0] + r // G, by * G + r % G] = top[r] + T.log2(
                                        total[r]
                                    )

    return batch_prefill_ragged_kv
