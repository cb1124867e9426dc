"""What the engine does to logits in place: bias, penalties, and the grammar's mask."""

from __future__ import annotations

from tvm.ir import IRModule
from tvm.script import tirx as T


@T.prim_func(s_tir=True)
def apply_logit_bias_inplace(l_: T.handle, row_: T.handle, token_: T.handle, bias_: T.handle):
    T.func_attr(
        {
            "global_symbol": "apply_logit_bias_inplace",
            "tirx.noalias": True,
            "tirx.is_scheduled": True,
        }
    )
    B = T.int32()
    V = T.int32()
    N = T.int32()
    logits = T.match_buffer(l_, (B, V), "float32")
    row = T.match_buffer(row_, (N,), "int32")
    token = T.match_buffer(token_, (N,), "int32")
    bias = T.match_buffer(bias_, (N,), "float32")
    for bx in T.thread_binding((N + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("bias"):
                T.reads(logits[0:B, 0:V], row[0:N], token[0:N], bias[0:N])
                T.writes(logits[0:B, 0:V])
                at = T.alloc_buffer((1,), "int32", scope="local")
                at[0] = bx * 64 + tx
                if at[0] < N:
                    logits[row[at[0]], token[at[0]]] = (
                        logits[row[at[0]], token[at[0]]] + bias[at[0]]
                    )


@T.prim_func(s_tir=True)
def apply_penalty_inplace(
    l_: T.handle, row_: T.handle, position_: T.handle, token_: T.handle, count_: T.handle,
    penalties_: T.handle,
):
    """Presence, frequency and repetition penalties (columns of `penalties`) per seen token."""
    T.func_attr(
        {
            "global_symbol": "apply_penalty_inplace",
            "tirx.noalias": True,
            "tirx.is_scheduled": True,
        }
    )
    B = T.int32()
    V = T.int32()
    N = T.int32()
    S = T.int32()
    logits = T.match_buffer(l_, (B, V), "float32")
    row = T.match_buffer(row_, (S,), "int32")
    position = T.match_buffer(position_, (N,), "int32")
    token = T.match_buffer(token_, (N,), "int32")
    count = T.match_buffer(count_, (N,), "int32")
    penalties = T.match_buffer(penalties_, (S, 3), "float32")
    for bx in T.thread_binding((N + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("penalty"):
                T.reads(
                    logits[0:B, 0:V], row[0:S], position[0:N], token[0:N], count[0:N],
                    penalties[0:S, 0:3],
                )
                T.writes(logits[0:B, 0:V])
                at = T.alloc_buffer((3,), "int32", scope="local")
                value = T.alloc_buffer((1,), "float32", scope="local")
                at[0] = bx * 64 + tx
                if at[0] < N:
                    at[1] = position[at[0]]
                    at[2] = token[at[0]]
                    value[0] = (
                        logits[row[at[1]], at[2]]
                        - penalties[at[1], 0]
                        - T.cast(count[at[0]], "float32") * penalties[at[1], 1]
                    )
                    if value[0] < T.float32(0):
                        value[0] = value[0] * penalties[at[1], 2]
                    else:
                        value[0] = value[0] / penalties[at[1], 2]
                    logits[row[at[1]], at[2]] = value[0]


@T.prim_func(s_tir=True)
def apply_bitmask_inplace(l_: T.handle, row_: T.handle, mask_: T.handle):
    """Tokens whose bit is 0 get the least number."""
    T.func_attr(
        {
            "global_symbol": "apply_bitmask_inplace",
            "tirx.noalias": True,
            "tirx.is_scheduled": True,
        }
    )
    B = T.int32()
    V = T.int32()
    S = T.int32()
    logits = T.match_buffer(l_, (B, V), "float32")
    row = T.match_buffer(row_, (S,), "int32")
    mask = T.match_buffer(mask_, (B, (V + 31) // 32), "int32")
    for bx in T.thread_binding((S * V + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("mask"):
                T.reads(logits[0:B, 0:V], row[0:S], mask[0:B, 0 : (V + 31) // 32])
                T.writes(logits[0:B, 0:V])
                at = T.alloc_buffer((2,), "int32", scope="local")
                if bx * 64 + tx < S * V:
                    at[0] = row[(bx * 64 + tx) // V]
                    at[1] = (bx * 64 + tx) % V
                    if (
                        T.bitwise_and(T.shift_right(mask[at[0], at[1] // 32], at[1] % 32), 1)
                        == 0
                    ):
                        logits[at[0], at[1]] = T.float32(-3.4028234663852886e38)


def add_logit_kernels(module: IRModule) -> IRModule:
    """Add the three kernels, which the engine calls by name; changes `module`."""
    for kernel in (apply_logit_bias_inplace, apply_penalty_inplace, apply_bitmask_inplace):
        module[kernel.attrs["global_symbol"]] = kernel
    return module
