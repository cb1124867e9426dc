"""Sorting probabilities and drawing a token from the nucleus."""

from __future__ import annotations

from tvm import relax, tirx
from tvm.ir import IRModule
from tvm.script import tirx as T


@T.prim_func(s_tir=True)
def rank_kernel(p_: T.handle, sorted_: T.handle, index_: T.handle):
    """Sort by counting larger ones; probabilities under 1e-6 become 0 at the end.

    The cost is the vocabulary's size per probability that is kept, not its square; what is left
    out of a vocabulary of 4,096 is at most 0.4 % and in practice far less.
    """
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    B = T.int32()
    V = T.int32()
    p = T.match_buffer(p_, (B, V), "float32")
    ordered = T.match_buffer(sorted_, (B, V), "float32")
    index = T.match_buffer(index_, (B, V), "int32")
    for bx in T.thread_binding((B * V + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("zero"):
                T.reads()
                T.writes(ordered[0:B, 0:V], index[0:B, 0:V])
                if bx * 64 + tx < B * V:
                    ordered[(bx * 64 + tx) // V, (bx * 64 + tx) % V] = T.float32(0)
                    index[(bx * 64 + tx) // V, (bx * 64 + tx) % V] = 0
    for bx in T.thread_binding((B * V + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("rank"):
                T.reads(p[0:B, 0:V])
                T.writes(ordered[0:B, 0:V], index[0:B, 0:V])
                at = T.alloc_buffer((3,), "int32", scope="local")
                own = T.alloc_buffer((1,), "float32", scope="local")
                if bx * 64 + tx < B * V:
                    at[0] = (bx * 64 + tx) // V
                    at[1] = (bx * 64 + tx) % V
                    own[0] = p[at[0], at[1]]
                    if own[0] >= T.float32(1e-6):
                        at[2] = 0
                        # Equal probabilities keep the order of their tokens.
                        for j in range(V):
                            if p[at[0], j] > own[0] or (p[at[0], j] == own[0] and j < at[1]):
                                at[2] = at[2] + 1
                        ordered[at[0], at[2]] = own[0]
                        index[at[0], at[2]] = at[1]


@T.prim_func(s_tir=True)
def rank_kernel_wide(p_: T.handle, sorted_: T.handle, index_: T.handle):
    """As rank_kernel for vocabularies of 100,000 tokens: 64 threads count for one probability.

    One thread would take a millisecond for its scan on a graphics card that has nothing else to do.
    A workgroup looks at 32 tokens, since most are too improbable for a workgroup of their own.
    """
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    B = T.int32()
    V = T.int32()
    p = T.match_buffer(p_, (B, V), "float32")
    ordered = T.match_buffer(sorted_, (B, V), "float32")
    index = T.match_buffer(index_, (B, V), "int32")
    for bx in T.thread_binding((B * V + 63) // 64, thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("zero"):
                T.reads()
                T.writes(ordered[0:B, 0:V], index[0:B, 0:V])
                if bx * 64 + tx < B * V:
                    ordered[(bx * 64 + tx) // V, (bx * 64 + tx) % V] = T.float32(0)
                    index[(bx * 64 + tx) // V, (bx * 64 + tx) % V] = 0
    for bx in T.thread_binding(B * ((V + 31) // 32), thread="blockIdx.x"):
        for tx in T.thread_binding(64, thread="threadIdx.x"):
            with T.sblock("rank"):
                T.reads(p[0:B, 0:V])
                T.writes(ordered[0:B, 0:V], index[0:B, 0:V])
                at = T.alloc_buffer((3,), "int32", scope="local")
                own = T.alloc_buffer((1,), "float32", scope="local")
                scanned = T.alloc_buffer((16,), "float32", scope="local")
                candidates = T.alloc_buffer((32,), "float32", scope="shared")
                larger = T.alloc_buffer((32 * 64,), "int32", scope="shared")
                at[0] = bx // ((V + 31) // 32)
                at[1] = bx % ((V + 31) // 32) * 32
                if tx < 32:
                    candidates[tx] = T.float32(0)
                    if at[1] + tx < V:
                        candidates[tx] = p[at[0], at[1] + tx]
                T.tvm_storage_sync("shared")
                for i in range(32):
                    own[0] = candidates[i]
                    if own[0] >= T.float32(1e-6):
                        at[2] = 0
                        # Sixteen loads at once: one after the other they take half a millisecond.
                        for jb in range((V + 1023) // 1024):
                            for z in T.unroll(16):
                                if jb * 1024 + z * 64 + tx < V:
                                    scanned[z] = p[at[0], jb * 1024 + z * 64 + tx]
                                else:
                                    scanned[z] = T.float32(0)
                            for z in T.unroll(16):
                                if scanned[z] > own[0] or (
                                    scanned[z] == own[0]
                                    and jb * 1024 + z * 64 + tx < at[1] + i
                                ):
                                    at[2] = at[2] + 1
                        larger[i * 64 + tx] = at[2]
                # Outside the branch: every thread of a workgroup must reach a barrier.
                T.tvm_storage_sync("shared")
                own[0] = candidates[T.min(tx, 31)]
                if tx < 32 and own[0] >= T.float32(1e-6):
                    at[2] = 0
                    for z in range(64):
                        at[2] = at[2] + larger[tx * 64 + z]
                    ordered[at[0], at[2]] = own[0]
                    index[at[0], at[2]] = at[1] + tx


@T.prim_func(s_tir=True)
def pick_kernel(
    sorted_: T.handle, index_: T.handle, u_: T.handle, row_: T.handle, top_: T.handle,
    out_: T.handle,
):
    """The token at u (0 to 1) of the shortest prefix that reaches top_p, per sample."""
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    B = T.int32()
    V = T.int32()
    N = T.int32()
    ordered = T.match_buffer(sorted_, (B, V), "float32")
    index = T.match_buffer(index_, (B, V), "int32")
    u = T.match_buffer(u_, (N,), "float32")
    row = T.match_buffer(row_, (N,), "int32")
    top = T.match_buffer(top_, (B,), "float32")
    out = T.match_buffer(out_, (N,), "int32")
    for bx in T.thread_binding(N, thread="blockIdx.x"):
        for tx in T.thread_binding(1, thread="threadIdx.x"):
            with T.sblock("pick"):
                T.reads(ordered[0:B, 0:V], index[0:B, 0:V], u[0:N], row[0:N], top[0:B])
                T.writes(out[0:N])
                mass = T.alloc_buffer((2,), "float32", scope="local")
                at = T.alloc_buffer((2,), "int32", scope="local")
                mass[0] = T.float32(0)
                at[0] = 0
                while (
                    at[0] < V and mass[0] < top[row[bx]] and ordered[row[bx], at[0]] > T.float32(0)
                ):
                    mass[0] = mass[0] + ordered[row[bx], at[0]]
                    at[0] = at[0] + 1
                mass[1] = ordered[row[bx], 0]
                at[1] = 0
                while at[1] + 1 < at[0] and mass[1] <= u[bx] * mass[0]:
                    at[1] = at[1] + 1
                    mass[1] = mass[1] + ordered[row[bx], at[1]]
                out[bx] = index[row[bx], at[1]]


def add_sampling(module: IRModule, wide: bool) -> IRModule:
    """Add `argsort_probs` and `sample_with_top_p`, which the engine calls by name.

    `wide` takes the sort for graphics cards and large vocabularies.
    """
    builder = relax.BlockBuilder(module)
    B, V, N = (tirx.Var(name, "int64") for name in ("batch", "vocab_size", "num_samples"))

    def tensor(name: str, shape: tuple[tirx.Var, ...], dtype: str) -> relax.Var:
        return relax.Var(name, relax.TensorType(shape, dtype))

    probabilities = tensor("probs", (B, V), "float32")
    with builder.function("argsort_probs", [probabilities]):
        with builder.dataflow():
            kernel = builder.add_func(rank_kernel_wide if wide else rank_kernel, "rank_kernel")
            types = [relax.TensorType((B, V), dtype) for dtype in ("float32", "int32")]
            result = builder.emit_output(relax.call_tir(kernel, [probabilities], out_ty=types))
        builder.emit_func_output(result)
    arguments = [
        tensor("sorted", (B, V), "float32"),
        tensor("index", (B, V), "int32"),
        tensor("uniform", (N,), "float32"),
        tensor("row", (N,), "int32"),
        tensor("top_p", (B,), "float32"),
    ]
    with builder.function("sample_with_top_p", arguments):
        with builder.dataflow():
            kernel = builder.add_func(pick_kernel, "pick_kernel")
            drawn = relax.TensorType((N,), "int32")
            result = builder.emit_output(relax.call_tir(kernel, arguments, out_ty=drawn))
        builder.emit_func_output(result)
    return builder.finalize()
