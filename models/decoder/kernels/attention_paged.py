"""Attention over pages that were filled before: prefill on top of a cache, and decode.

The same tiles as in attention.py; keys and values come from the cache's pages.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

from models.decoder.kernels.attention import KEYS, LOG2E, LOWEST, QUERIES

#: Threads that share a group's keys in decode: each costs software WebGPU its part of the barrier.
SHARERS = 8


def prefill_paged(kv_heads: int, heads: int, D: int, page: int) -> Any:
    """New queries over the keys and values of pages that were filled before."""
    G = heads // kv_heads
    R, V = QUERIES * G, D // 4

    @T.prim_func(s_tir=True)
    def batch_prefill_paged_kv(
        q_: T.handle, q_indptr_: T.handle, pages_: T.handle, page_indptr_: T.handle,
        page_values_: T.handle, length_: T.handle, k_offset_: T.handle, q_position_: T.handle,
        output_: T.handle, lse_: T.handle,
        causal: T.int32, rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True})
        batch = T.int32()
        queries = T.int32()
        used_pages = T.int32()
        all_pages = T.int32()
        o0 = T.int64()
        o1 = T.int32()
        o2 = T.int32()
        o3 = T.int32()
        o4 = T.int32()
        o5 = T.int32()
        o6 = T.int32()
        q = T.match_buffer(q_, (queries, heads, D), "float32")
        q_indptr = T.match_buffer(q_indptr_, (batch + 1,), "int32", elem_offset=o1)
        pages = T.match_buffer(
            pages_, (all_pages, 2, kv_heads, page, D), "float32", elem_offset=o0
        )
        page_indptr = T.match_buffer(page_indptr_, (batch + 1,), "int32", elem_offset=o2)
        page_values = T.match_buffer(page_values_, (used_pages,), "int32", elem_offset=o3)
        length = T.match_buffer(length_, (batch,), "int32", elem_offset=o6)
        k_offset = T.match_buffer(k_offset_, (batch,), "int32", elem_offset=o4)
        q_position = T.match_buffer(q_position_, (queries,), "int32", elem_offset=o5)
        output = T.match_buffer(output_, (queries, heads, D), "float32")
        lse = T.match_buffer(lse_, (queries, heads), "float32")
        for bx in T.thread_binding((queries + 63) // 64, thread="blockIdx.x"):
            for by in T.thread_binding(kv_heads, thread="blockIdx.y"):
                for tx in T.thread_binding(32, thread="threadIdx.x"):
                    with T.sblock("attend"):
                        T.reads(
                            q[0:queries, 0:heads, 0:D],
                            pages[0:all_pages, 0:2, 0:kv_heads, 0:page, 0:D],
                            page_indptr[0 : batch + 1], page_values[0:used_pages],
                            length[0:batch],
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
                        keys = T.alloc_buffer((1,), "int32", scope="local")
                        at = T.alloc_buffer((1,), "int32", scope="local")
                        first[0] = (bx * 32 + tx) * QUERIES
                        if first[0] < queries:
                            keys[0] = 0
                            if page_indptr[1] > page_indptr[0]:
                                keys[0] = (page_indptr[1] - page_indptr[0] - 1) * page + length[0]
                            for r in T.unroll(QUERIES):
                                seen[r] = keys[0]
                                if causal > 0:
                                    seen[r] = T.min(
                                        T.max(keys[0] - queries + first[0] + r + 1, 0), keys[0]
                                    )
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
                                at[0] = page_values[page_indptr[0] + jb * KEYS // page]
                                for z in T.unroll(KEYS):
                                    for r in T.unroll(R):
                                        score[r * KEYS + z] = T.float32(0)
                                    for i in T.unroll(V):
                                        row[T.Ramp(0, 1, 4)] = pages[
                                            at[0], 0, by, (jb * KEYS + z) % page, T.Ramp(i * 4, 1, 4)
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
                                        row[T.Ramp(0, 1, 4)] = pages[
                                            at[0], 1, by, (jb * KEYS + z) % page, T.Ramp(i * 4, 1, 4)
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
                                            T.max(total[r], T.float32(1e-30)), 4
                                        )
                                    lse[first[0] + r // G, by * G + r % G] = top[r] + T.log2(
                                        T.max(total[r], T.float32(1e-30))
                                    )

    return batch_prefill_paged_kv


def decode(kv_heads: int, heads: int, D: int, page: int) -> Any:
    """One query per sequence over its pages; a few threads share the keys of a group of heads."""
    G, V = heads // kv_heads, D // 4

    @T.prim_func(s_tir=True)
    def batch_decode_paged_kv(
        q_: T.handle, pages_: T.handle, page_indptr_: T.handle, page_values_: T.handle,
        length_: T.handle, k_offset_: T.handle, q_position_: T.handle, output_: T.handle,
        lse_: T.handle, rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True})
        B = T.int32()
        used_pages = T.int32()
        all_pages = T.int32()
        o0 = T.int64()
        o1 = T.int32()
        o2 = T.int32()
        o3 = T.int32()
        o4 = T.int32()
        o5 = T.int32()
        q = T.match_buffer(q_, (B, heads, D), "float32")
        pages = T.match_buffer(
            pages_, (all_pages, 2, kv_heads, page, D), "float32", elem_offset=o0
        )
        page_indptr = T.match_buffer(page_indptr_, (B + 1,), "int32", elem_offset=o1)
        page_values = T.match_buffer(page_values_, (used_pages,), "int32", elem_offset=o2)
        k_offset = T.match_buffer(k_offset_, (B,), "int32", elem_offset=o3)
        q_position = T.match_buffer(q_position_, (B,), "int32", elem_offset=o4)
        output = T.match_buffer(output_, (B, heads, D), "float32")
        lse = T.match_buffer(lse_, (B, heads), "float32")
        length = T.match_buffer(length_, (B,), "int32", elem_offset=o5)
        for bx in T.thread_binding(B, thread="blockIdx.x"):
            for by in T.thread_binding(kv_heads, thread="blockIdx.y"):
                for tx in T.thread_binding(SHARERS, thread="threadIdx.x"):
                    with T.sblock("attend"):
                        T.reads(
                            q[0:B, 0:heads, 0:D],
                            pages[0:all_pages, 0:2, 0:kv_heads, 0:page, 0:D],
                            page_indptr[0 : B + 1], page_values[0:used_pages], length[0:B],
                        )
                        T.writes(output[0:B, 0:heads, 0:D], lse[0:B, 0:heads])
                        own = T.alloc_buffer((G * D,), "float32", scope="local")
                        mixed = T.alloc_buffer((G * D,), "float32", scope="local")
                        row = T.alloc_buffer((4,), "float32", scope="local")
                        score = T.alloc_buffer((G,), "float32", scope="local")
                        shrink = T.alloc_buffer((G,), "float32", scope="local")
                        top = T.alloc_buffer((G,), "float32", scope="local")
                        total = T.alloc_buffer((G,), "float32", scope="local")
                        out = T.alloc_buffer((4,), "float32", scope="local")
                        keys = T.alloc_buffer((2,), "int32", scope="local")
                        all_tops = T.alloc_buffer((G * SHARERS,), "float32", scope="shared")
                        all_totals = T.alloc_buffer((G * SHARERS,), "float32", scope="shared")
                        all_mixed = T.alloc_buffer((G * D * SHARERS,), "float32", scope="shared")
                        for g in T.unroll(G):
                            top[g] = T.float32(LOWEST)
                            total[g] = T.float32(0)
                            for i in T.unroll(V):
                                own[T.Ramp(g * D + i * 4, 1, 4)] = q[
                                    bx, by * G + g, T.Ramp(i * 4, 1, 4)
                                ] * T.Broadcast(sm_scale * T.float32(LOG2E), 4)
                                mixed[T.Ramp(g * D + i * 4, 1, 4)] = T.Broadcast(T.float32(0), 4)
                        keys[0] = 0
                        if page_indptr[bx + 1] > page_indptr[bx]:
                            keys[0] = (
                                page_indptr[bx + 1] - page_indptr[bx] - 1
                            ) * page + length[bx]
                        for jb in range((keys[0] + (SHARERS - 1)) // SHARERS):
                            if jb * SHARERS + tx < keys[0]:
                                keys[1] = page_values[page_indptr[bx] + (jb * SHARERS + tx) // page]
                                for g in T.unroll(G):
                                    score[g] = T.float32(0)
                                for i in T.unroll(V):
                                    row[T.Ramp(0, 1, 4)] = pages[
                                        keys[1], 0, by, (jb * SHARERS + tx) % page,
                                        T.Ramp(i * 4, 1, 4),
                                    ]
                                    for g in T.unroll(G):
                                        score[g] = score[g] + T.call_pure_extern(
                                            "float32", "dot", own[T.Ramp(g * D + i * 4, 1, 4)],
                                            row[T.Ramp(0, 1, 4)],
                                        )
                                for g in T.unroll(G):
                                    shrink[g] = T.max(top[g], score[g])
                                    score[g] = T.exp2(score[g] - shrink[g])
                                    top[g] = T.exp2(top[g] - shrink[g])
                                    total[g] = total[g] * top[g] + score[g]
                                for i in T.unroll(V):
                                    row[T.Ramp(0, 1, 4)] = pages[
                                        keys[1], 1, by, (jb * SHARERS + tx) % page,
                                        T.Ramp(i * 4, 1, 4),
                                    ]
                                    for g in T.unroll(G):
                                        mixed[T.Ramp(g * D + i * 4, 1, 4)] = (
                                            mixed[T.Ramp(g * D + i * 4, 1, 4)]
                                            * T.Broadcast(top[g], 4)
                                            + T.Broadcast(score[g], 4) * row[T.Ramp(0, 1, 4)]
                                        )
                                for g in T.unroll(G):
                                    top[g] = shrink[g]
                        for g in T.unroll(G):
                            all_tops[g * SHARERS + tx] = top[g]
                            all_totals[g * SHARERS + tx] = total[g]
                            for i in T.unroll(V):
                                row[T.Ramp(0, 1, 4)] = mixed[T.Ramp(g * D + i * 4, 1, 4)]
                                for c in T.unroll(4):
                                    all_mixed[(g * D + i * 4 + c) * SHARERS + tx] = row[c]
                        T.tvm_storage_sync("shared")
                        for g in T.unroll(G):
                            out[0] = T.float32(LOWEST)
                            for z in range(SHARERS):
                                out[0] = T.max(out[0], all_tops[g * SHARERS + z])
                            for e in T.unroll((D + (SHARERS - 1)) // SHARERS):
                                out[1] = T.float32(0)
                                out[2] = T.float32(0)
                                for z in range(SHARERS):
                                    out[3] = T.exp2(all_tops[g * SHARERS + z] - out[0])
                                    out[1] = out[1] + all_totals[g * SHARERS + z] * out[3]
                                    out[2] = out[2] + all_mixed[
                                        (g * D + (e * SHARERS + tx) % D) * SHARERS + z
                                    ] * out[3]
                                if e * SHARERS + tx < D:
                                    output[bx, by * G + g, e * SHARERS + tx] = out[2] / T.max(
                                        out[1], T.float32(1e-30)
                                    )
                            if tx == 0:
                                lse[bx, by * G + g] = out[0] + T.log2(
                                    T.max(out[1], T.float32(1e-30))
                                )

    return batch_decode_paged_kv
