"""Decode attention for graphics cards: one workgroup of 256 threads per head.

TVM's kernel walks the whole context with a workgroup per key head, in steps of few keys. Here the
threads take a key each for the scores, then a dimension each for the mix, 256 keys at a time.
Softmax in base 2, as TVM's cache expects; one sequence, no sliding window.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

from models.decoder.kernels.attention import LOG2E, LOWEST

THREADS = 256


def decode(kv_heads: int, heads: int, D: int, page: int, dtype: str) -> Any:
    """Signature and meaning of TVM's `batch_decode_paged_kv`; sums in float32."""
    G = heads // kv_heads
    SLOTS = THREADS // D

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
        q = T.match_buffer(q_, (B, heads, D), dtype)
        pages = T.match_buffer(pages_, (all_pages, 2, kv_heads, page, D), dtype, elem_offset=o0)
        page_indptr = T.match_buffer(page_indptr_, (B + 1,), "int32", elem_offset=o1)
        page_values = T.match_buffer(page_values_, (used_pages,), "int32", elem_offset=o2)
        k_offset = T.match_buffer(k_offset_, (B,), "int32", elem_offset=o3)
        q_position = T.match_buffer(q_position_, (B,), "int32", elem_offset=o4)
        output = T.match_buffer(output_, (B, heads, D), dtype)
        lse = T.match_buffer(lse_, (B, heads), "float32")
        length = T.match_buffer(length_, (B,), "int32", elem_offset=o5)
        for bx in T.thread_binding(B, thread="blockIdx.x"):
            for by in T.thread_binding(heads, thread="blockIdx.y"):
                for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                    with T.sblock("attend"):
                        T.reads(
                            q[0:B, 0:heads, 0:D],
                            pages[0:all_pages, 0:2, 0:kv_heads, 0:page, 0:D],
                            page_indptr[0 : B + 1], page_values[0:used_pages], length[0:B],
                        )
                        T.writes(output[0:B, 0:heads, 0:D], lse[0:B, 0:heads])
                        # Alone in its array: a barrier's loop must depend on nothing per thread.
                        keys = T.alloc_buffer((1,), "int32", scope="local")
                        score = T.alloc_buffer((1,), "float32", scope="local")
                        top = T.alloc_buffer((3,), "float32", scope="local")
                        mixed = T.alloc_buffer((2,), "float32", scope="local")
                        query = T.alloc_buffer((D,), "float32", scope="shared")
                        scores = T.alloc_buffer((THREADS,), "float32", scope="shared")
                        tops = T.alloc_buffer((THREADS,), "float32", scope="shared")
                        weights = T.alloc_buffer((THREADS,), "float32", scope="shared")
                        places = T.alloc_buffer((THREADS,), "int32", scope="shared")
                        sums = T.alloc_buffer((THREADS * 2,), "float32", scope="shared")
                        if tx < D:
                            query[tx] = (
                                T.cast(q[bx, by, tx], "float32") * sm_scale * T.float32(LOG2E)
                            )
                        T.tvm_storage_sync("shared")
                        keys[0] = 0
                        if page_indptr[bx + 1] > page_indptr[bx]:
                            keys[0] = (
                                page_indptr[bx + 1] - page_indptr[bx] - 1
                            ) * page + length[bx]
                        top[0] = T.float32(LOWEST)
                        mixed[0] = T.float32(0)
                        mixed[1] = T.float32(0)
                        for jb in range((keys[0] + (THREADS - 1)) // THREADS):
                            places[tx] = page_values[
                                page_indptr[bx]
                                + T.min(jb * THREADS + tx, keys[0] - 1) // page
                            ]
                            score[0] = T.float32(0)
                            for i in T.unroll(D):
                                score[0] = score[0] + query[i] * T.cast(
                                    pages[
                                        page_values[
                                            page_indptr[bx]
                                            + T.min(jb * THREADS + tx, keys[0] - 1) // page
                                        ],
                                        0, by // G, tx % page, i,
                                    ],
                                    "float32",
                                )
                            if jb * THREADS + tx >= keys[0]:
                                score[0] = T.float32(LOWEST)
                            scores[tx] = score[0]
                            T.tvm_storage_sync("shared")
                            top[1] = T.float32(LOWEST)
                            for z in T.unroll(16):
                                top[1] = T.max(top[1], scores[tx % 16 * 16 + z])
                            tops[tx] = top[1]
                            T.tvm_storage_sync("shared")
                            top[1] = top[0]
                            for z in T.unroll(16):
                                top[1] = T.max(top[1], tops[z])
                            top[2] = T.exp2(top[0] - top[1])
                            top[0] = top[1]
                            weights[tx] = T.Select(
                                jb * THREADS + tx < keys[0],
                                T.exp2(score[0] - top[0]),
                                T.float32(0),
                            )
                            T.tvm_storage_sync("shared")
                            mixed[0] = mixed[0] * top[2]
                            mixed[1] = mixed[1] * top[2]
                            # Keys past the end have the weight 0; with no branch the loads overlap.
                            if tx < SLOTS * D:
                                for zb in range(THREADS // SLOTS // 16):
                                    for z in T.unroll(16):
                                        mixed[0] = mixed[0] + weights[
                                            (zb * 16 + z) * SLOTS + tx // D
                                        ] * T.cast(
                                            pages[
                                                places[(zb * 16 + z) * SLOTS + tx // D], 1,
                                                by // G,
                                                ((zb * 16 + z) * SLOTS + tx // D) % page,
                                                tx % D,
                                            ],
                                            "float32",
                                        )
                                        mixed[1] = (
                                            mixed[1] + weights[(zb * 16 + z) * SLOTS + tx // D]
                                        )
                        sums[tx] = mixed[0]
                        sums[THREADS + tx] = mixed[1]
                        T.tvm_storage_sync("shared")
                        mixed[0] = T.float32(0)
                        mixed[1] = T.float32(0)
                        for z in T.unroll(SLOTS):
                            mixed[0] = mixed[0] + sums[z * D + tx % D]
                            mixed[1] = mixed[1] + sums[THREADS + z * D + tx % D]
                        if tx < D:
                            output[bx, by, tx] = T.cast(
                                mixed[0] / T.max(mixed[1], T.float32(1e-30)), dtype
                            )
                        if tx == 0:
                            lse[bx, by] = top[0] + T.log2(T.max(mixed[1], T.float32(1e-30)))

    return batch_decode_paged_kv
