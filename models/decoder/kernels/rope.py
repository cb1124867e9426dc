"""Splits the fused input projection into queries, keys and values, and rotates the first two.

TVM's own kernel raises theta to a power on the device and takes sines of angles of thousands of
radians, both of which WGSL lets a device do loosely; at a window's end log-probabilities are off by
more than 1e-3. Here a position times a constant in 2**-32 turns wraps around as an unsigned number,
which is the angle's exact remainder, and sine and cosine are polynomials over an eighth of a turn:
every device computes the same to 1e-6, at any position.
"""

from __future__ import annotations

import math
from typing import Any

from tvm import tirx
from tvm.script import tirx as T

from models.decoder.kernels.angles import TURN, attention_factor, steps

THREADS = 64
RADIANS = 2 * math.pi / TURN


def chosen(values: list[int], index: Any) -> Any:
    """values[index] as an unsigned expression: shaders of TVM have no constant arrays."""
    if len(values) == 1:
        return tirx.const(values[0], "uint32")
    half = len(values) // 2
    return tirx.Select(
        index < half, chosen(values[:half], index), chosen(values[half:], index - half)
    )


def rope(c: dict[str, Any], dtype: str) -> Any:
    """The kernel for an architecture; a thread owns one rotary pair of one head of one token."""
    heads, kv_heads, D = c["heads"], c["kv_heads"], c["head_size"]
    H, total = D // 2, heads + 2 * kv_heads
    table = steps(c)
    scale = attention_factor(c)

    @T.prim_func(s_tir=True)
    def fused_rope(
        qkv_: T.handle, position_: T.handle, q_: T.handle, k_: T.handle, v_: T.handle,
        apply_rope: T.int64,
    ):
        T.func_attr({"op_pattern": 8, "tirx.noalias": True, "tirx.is_scheduled": True})
        S = T.int32()
        offset = T.int32()
        qkv = T.match_buffer(qkv_, (S, total, D), dtype)
        q = T.match_buffer(q_, (S, heads, D), dtype)
        k = T.match_buffer(k_, (S, kv_heads, D), dtype)
        v = T.match_buffer(v_, (S, kv_heads, D), dtype)
        position = T.match_buffer(position_, (S,), "int32", elem_offset=offset)
        for bx in T.thread_binding(
            (S * (total * H) + (THREADS - 1)) // THREADS, thread="blockIdx.x"
        ):
            for tx in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("rotate"):
                    T.reads(qkv[0:S, 0:total, 0:D], position[0:S])
                    T.writes(q[0:S, 0:heads, 0:D], k[0:S, 0:kv_heads, 0:D], v[0:S, 0:kv_heads, 0:D])
                    at = T.alloc_buffer((4,), "int32", scope="local")
                    turn = T.alloc_buffer((1,), "uint32", scope="local")
                    x = T.alloc_buffer((6,), "float32", scope="local")
                    at[0] = (bx * THREADS + tx) // (total * H)
                    at[1] = (bx * THREADS + tx) // H % total
                    at[2] = (bx * THREADS + tx) % H
                    if at[0] < S:
                        x[0] = T.cast(qkv[at[0], at[1], at[2]], "float32")
                        x[1] = T.cast(qkv[at[0], at[1], at[2] + H], "float32")
                        if at[1] < heads + kv_heads and apply_rope > T.int64(0):
                            turn[0] = T.cast(position[at[0]], "uint32") * chosen(table, at[2])
                            # The nearest quarter turn, and the signed rest of an eighth at most.
                            at[3] = T.cast(
                                T.shift_right(turn[0] + T.uint32(2**29), T.uint32(30)), "int32"
                            )
                            turn[0] = turn[0] - T.shift_left(
                                T.cast(at[3], "uint32"), T.uint32(30)
                            )
                            x[2] = T.cast(T.cast(turn[0], "int32"), "float32") * T.float32(RADIANS)
                            x[3] = x[2] * x[2]
                            x[4] = x[2] * (
                                T.float32(1)
                                + x[3] * (
                                    T.float32(-1 / 6)
                                    + x[3] * (
                                        T.float32(1 / 120)
                                        + x[3] * (
                                            T.float32(-1 / 5040) + x[3] * T.float32(1 / 362880)
                                        )
                                    )
                                )
                            )
                            x[5] = T.float32(1) + x[3] * (
                                T.float32(-0.5)
                                + x[3] * (
                                    T.float32(1 / 24)
                                    + x[3] * (T.float32(-1 / 720) + x[3] * T.float32(1 / 40320))
                                )
                            )
                            x[2] = x[4]
                            x[3] = x[5]
                            if at[3] % 4 == 1:
                                x[2] = x[5]
                                x[3] = T.float32(0) - x[4]
                            if at[3] % 4 == 2:
                                x[2] = T.float32(0) - x[4]
                                x[3] = T.float32(0) - x[5]
                            if at[3] % 4 == 3:
                                x[2] = T.float32(0) - x[5]
                                x[3] = x[4]
                            x[4] = (x[0] * x[3] - x[1] * x[2]) * T.float32(scale)
                            x[5] = (x[1] * x[3] + x[0] * x[2]) * T.float32(scale)
                            x[0] = x[4]
                            x[1] = x[5]
                        if at[1] < heads:
                            q[at[0], at[1], at[2]] = T.cast(x[0], dtype)
                            q[at[0], at[1], at[2] + H] = T.cast(x[1], dtype)
                        else:
                            if at[1] < heads + kv_heads:
                                k[at[0], at[1] - heads, at[2]] = T.cast(x[0], dtype)
                                k[at[0], at[1] - heads, at[2] + H] = T.cast(x[1], dtype)
                            else:
                                v[at[0], at[1] - (heads + kv_heads), at[2]] = T.cast(x[0], dtype)
                                v[at[0], at[1] - (heads + kv_heads), at[2] + H] = T.cast(
                                    x[1], dtype
                                )

    return fused_rope
