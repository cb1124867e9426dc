"""Attention of an encoder: every query over all keys of its own text, and the mean over a text.

A thread owns one query of one head, so nothing of the size of texts squared is stored and there are
no barriers; threads of a workgroup read the same keys at the same time. Softmax runs in base 2.
"""

from __future__ import annotations

from typing import Any

from tvm.script import tirx as T

from models.decoder.kernels.attention import LOG2E, LOWEST

THREADS = 32
KEYS = 2


def attend(heads: int, D: int, dtype: str) -> Any:
    """y [B, S, heads * D] of qkv [B, S, 3 * heads * D] (all queries first) and mask [B, S].

    Keys whose mask is 0 are left out; a text without any gets zeros.
    """
    V, width = D // 4, heads * D
    scale = D**-0.5 * LOG2E

    @T.prim_func(private=True, s_tir=True)
    def encoder_attention(qkv_: T.handle, mask_: T.handle, y_: T.handle):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        B = T.int32()
        S = T.int32()
        qkv = T.match_buffer(qkv_, (B, S, 3 * width), dtype)
        mask = T.match_buffer(mask_, (B, S), "int32")
        y = T.match_buffer(y_, (B, S, width), dtype)
        for by in T.thread_binding(B * heads, thread="blockIdx.y"):
            for bx in T.thread_binding((S + (THREADS - 1)) // THREADS, thread="blockIdx.x"):
                for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                    with T.sblock("attend"):
                        T.reads(qkv[0:B, 0:S, 0 : 3 * width], mask[0:B, 0:S])
                        T.writes(y[0:B, 0:S, 0:width])
                        own = T.alloc_buffer((D,), "float32", scope="local")
                        mixed = T.alloc_buffer((D,), "float32", scope="local")
                        row = T.alloc_buffer((4,), "float32", scope="local")
                        score = T.alloc_buffer((KEYS,), "float32", scope="local")
                        state = T.alloc_buffer((4,), "float32", scope="local")
                        if bx * THREADS + tx < S:
                            state[0] = T.float32(LOWEST)
                            state[1] = T.float32(0)
                            for i in T.unroll(V):
                                own[T.Ramp(i * 4, 1, 4)] = T.Cast(
                                    "float32x4",
                                    qkv[
                                        by // heads, bx * THREADS + tx,
                                        T.Ramp(by % heads * D + i * 4, 1, 4),
                                    ],
                                ) * T.Broadcast(T.float32(scale), 4)
                                mixed[T.Ramp(i * 4, 1, 4)] = T.Broadcast(T.float32(0), 4)
                            for jb in range((S + (KEYS - 1)) // KEYS):
                                state[2] = state[0]
                                for z in T.unroll(KEYS):
                                    score[z] = T.float32(0)
                                    for i in T.unroll(V):
                                        row[T.Ramp(0, 1, 4)] = T.Cast(
                                            "float32x4",
                                            qkv[
                                                by // heads, T.min(jb * KEYS + z, S - 1),
                                                T.Ramp(width + by % heads * D + i * 4, 1, 4),
                                            ],
                                        )
                                        score[z] = score[z] + T.call_pure_extern(
                                            "float32", "dot", own[T.Ramp(i * 4, 1, 4)],
                                            row[T.Ramp(0, 1, 4)],
                                        )
                                    if jb * KEYS + z < S:
                                        if mask[by // heads, jb * KEYS + z] > 0:
                                            state[2] = T.max(state[2], score[z])
                                state[3] = T.exp2(state[0] - state[2])
                                state[0] = state[2]
                                state[1] = state[1] * state[3]
                                for i in T.unroll(V):
                                    mixed[T.Ramp(i * 4, 1, 4)] = mixed[
                                        T.Ramp(i * 4, 1, 4)
                                    ] * T.Broadcast(state[3], 4)
                                for z in T.unroll(KEYS):
                                    score[z] = T.exp2(score[z] - state[0])
                                    if jb * KEYS + z >= S:
                                        score[z] = T.float32(0)
                                    if mask[by // heads, T.min(jb * KEYS + z, S - 1)] <= 0:
                                        score[z] = T.float32(0)
                                    state[1] = state[1] + score[z]
                                    for i in T.unroll(V):
                                        mixed[T.Ramp(i * 4, 1, 4)] = mixed[
                                            T.Ramp(i * 4, 1, 4)
                                        ] + T.Broadcast(score[z], 4) * T.Cast(
                                            "float32x4",
                                            qkv[
                                                by // heads, T.min(jb * KEYS + z, S - 1),
                                                T.Ramp(2 * width + by % heads * D + i * 4, 1, 4),
                                            ],
                                        )
                            for i in T.unroll(V):
                                y[
                                    by // heads, bx * THREADS + tx,
                                    T.Ramp(by % heads * D + i * 4, 1, 4),
                                ] = T.Cast(
                                    dtype + "x4",
                                    mixed[T.Ramp(i * 4, 1, 4)]
                                    / T.Broadcast(T.max(state[1], T.float32(1e-30)), 4),
                                )

    return encoder_attention


def mean(size: int) -> Any:
    """y [B, S, size]: at every position the mean of x [B, S, size] where mask [B, S] is not 0."""

    @T.prim_func(private=True, s_tir=True)
    def masked_mean(x_: T.handle, mask_: T.handle, y_: T.handle):
        T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
        B = T.int32()
        S = T.int32()
        x = T.match_buffer(x_, (B, S, size), "float32")
        mask = T.match_buffer(mask_, (B, S), "int32")
        y = T.match_buffer(y_, (B, S, size), "float32")
        for by in T.thread_binding(B, thread="blockIdx.y"):
            for bx in T.thread_binding((size + (THREADS - 1)) // THREADS, thread="blockIdx.x"):
                for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                    with T.sblock("mean"):
                        T.reads(x[0:B, 0:S, 0:size], mask[0:B, 0:S])
                        T.writes(y[0:B, 0:S, 0:size])
                        total = T.alloc_buffer((2,), "float32", scope="local")
                        if bx * THREADS + tx < size:
                            total[0] = T.float32(0)
                            total[1] = T.float32(0)
                            for s in range(S):
                                if mask[by, s] > 0:
                                    total[0] = total[0] + x[by, s, bx * THREADS + tx]
                                    total[1] = total[1] + T.float32(1)
                            for s in range(S):
                                y[by, s, bx * THREADS + tx] = total[0] / T.max(
                                    total[1], T.float32(1)
                                )

    return masked_mean
