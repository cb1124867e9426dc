"""Softmax over a large vocabulary in two dispatches, by many workgroups.

TVM makes three of it, the last with one workgroup, which reads 128,000 logits three times.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

THREADS, PARTS = 256, 64


def softmax() -> Any:
    """p [B, 1, V] of logits [B, 1, V] over temperatures [B]; a temperature is at least 1e-6.

    `tops` [B, PARTS] and `totals` [B, PARTS] take the parts' largest logit and sum.
    """

    @T.prim_func(s_tir=True)
    def softmax_wide(
        l_: T.handle, t_: T.handle, tops_: T.handle, totals_: T.handle, p_: T.handle
    ):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        B = T.int32()
        V = T.int32()
        logits = T.match_buffer(l_, (B, 1, V), "float32")
        temperature = T.match_buffer(t_, (B,), "float32")
        tops = T.match_buffer(tops_, (B, PARTS), "float32")
        totals = T.match_buffer(totals_, (B, PARTS), "float32")
        p = T.match_buffer(p_, (B, 1, V), "float32")
        for by in T.thread_binding(B, thread="blockIdx.y"):
            for bx in T.thread_binding(PARTS, thread="blockIdx.x"):
                for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                    with T.sblock("parts"):
                        T.reads(logits[0:B, 0, 0:V])
                        T.writes(tops[0:B, 0:PARTS], totals[0:B, 0:PARTS])
                        own = T.alloc_buffer((3,), "float32", scope="local")
                        gathered = T.alloc_buffer((THREADS * 2,), "float32", scope="shared")
                        parts = T.alloc_buffer((THREADS * 2,), "float32", scope="shared")
                        own[0] = T.float32(-3.4e38)
                        own[1] = T.float32(0)
                        for i in range((V + (PARTS * THREADS - 1)) // (PARTS * THREADS)):
                            if i * (PARTS * THREADS) + bx * THREADS + tx < V:
                                own[2] = logits[by, 0, i * (PARTS * THREADS) + bx * THREADS + tx]
                                if own[2] > own[0]:
                                    own[1] = own[1] * T.exp(
                                        (own[0] - own[2]) / T.max(temperature[by], T.float32(1e-6))
                                    )
                                    own[0] = own[2]
                                own[1] = own[1] + T.exp(
                                    (own[2] - own[0]) / T.max(temperature[by], T.float32(1e-6))
                                )
                        gathered[tx] = own[0]
                        gathered[THREADS + tx] = own[1]
                        T.tvm_storage_sync("shared")
                        # Sixteenths, then all of them: TVM refuses a tree in one array.
                        own[0] = T.float32(-3.4e38)
                        for z in T.unroll(16):
                            own[0] = T.max(own[0], gathered[tx % 16 * 16 + z])
                        own[1] = T.float32(0)
                        for z in T.unroll(16):
                            own[1] = own[1] + gathered[THREADS + tx % 16 * 16 + z] * T.exp(
                                (gathered[tx % 16 * 16 + z] - own[0])
                                / T.max(temperature[by], T.float32(1e-6))
                            )
                        parts[tx] = own[0]
                        parts[THREADS + tx] = own[1]
                        T.tvm_storage_sync("shared")
                        own[0] = T.float32(-3.4e38)
                        for z in T.unroll(16):
                            own[0] = T.max(own[0], parts[z])
                        own[1] = T.float32(0)
                        for z in T.unroll(16):
                            own[1] = own[1] + parts[THREADS + z] * T.exp(
                                (parts[z] - own[0]) / T.max(temperature[by], T.float32(1e-6))
                            )
                        if tx == 0:
                            tops[by, bx] = own[0]
                            totals[by, bx] = own[1]
        for by in T.thread_binding(B, thread="blockIdx.y"):
            for bx in T.thread_binding(PARTS, thread="blockIdx.x"):
                for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                    with T.sblock("divide"):
                        T.reads(logits[0:B, 0, 0:V], tops[0:B, 0:PARTS], totals[0:B, 0:PARTS])
                        T.writes(p[0:B, 0, 0:V])
                        own = T.alloc_buffer((2,), "float32", scope="local")
                        own[0] = T.float32(-3.4e38)
                        for i in range(PARTS):
                            own[0] = T.max(own[0], tops[by, i])
                        own[1] = T.float32(0)
                        for i in range(PARTS):
                            own[1] = own[1] + totals[by, i] * T.exp(
                                (tops[by, i] - own[0]) / T.max(temperature[by], T.float32(1e-6))
                            )
                        for i in range((V + (PARTS * THREADS - 1)) // (PARTS * THREADS)):
                            if i * (PARTS * THREADS) + bx * THREADS + tx < V:
                                p[by, 0, i * (PARTS * THREADS) + bx * THREADS + tx] = T.exp(
                                    (
                                        logits[by, 0, i * (PARTS * THREADS) + bx * THREADS + tx]
                                        - own[0]
                                    )
                                    / T.max(temperature[by], T.float32(1e-6))
                                ) / own[1]

    return softmax_wide
