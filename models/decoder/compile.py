"""Compiles one architecture into two object files for the linker.

    python -m models.decoder.compile ARCHITECTURE.json FOLDER

writes FOLDER/host.o, FOLDER/shaders.o and FOLDER/metadata.json.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import tvm
from tvm import relax, tirx
from tvm.s_tir import dlight as dl
from tvm.script import tirx as T

from models.decoder import cache, embedded, encoder, family
from models.decoder.kernels import attention, attention_paged, attention_wide
from models.decoder.kernels.logits import add_logit_kernels
from models.decoder.kernels.merge import merge
from models.decoder.kernels.rope import rope
from models.decoder.kernels.sampling import add_sampling

HOST = {"kind": "llvm", "mtriple": "wasm32-unknown-unknown-wasm"}
#: Kernels of TVM's cache that no chat needs; stubs keep their shaders out of every load.
UNUSED = ("tree_mask", "tree_attn", "sliding_window", "append_mla", "compact_kv", "debug_get_kv")
UNUSED += ("copy_single_page",)


def metadata(c: dict[str, Any], params: list[tuple[str, Any]]) -> dict[str, Any]:
    """What WebLLM reads from a library before it loads weights."""
    return {
        "model_type": c["model_type"],
        "quantization": c.get("quantization", "q0f32"),
        "context_window_size": c["context_window_tokens"],
        "sliding_window_size": -1,
        "attention_sink_size": -1,
        "prefill_chunk_size": c["prefill_chunk_tokens"],
        "tensor_parallel_shards": 1,
        "pipeline_parallel_stages": 1,
        "kv_state_kind": "kv_cache",
        "max_batch_size": c.get("batch", 1),
        "memory_usage": {},
        "params": [
            {"name": n, "shape": [int(x) for x in p.shape], "dtype": str(p.dtype)}
            for n, p in params
        ],
    }


@T.prim_func(s_tir=True)
def unused_kernel(a: T.Buffer((64,), "float32")):
    """Stands in for a kernel that is never called."""
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    for tx in T.thread_binding(64, thread="threadIdx.x"):
        with T.sblock("nothing"):
            a[tx] = T.float32(0)


def replace_kernels(module: tvm.IRModule, c: dict[str, Any], dtype: str) -> tvm.IRModule:
    """Put our cache kernels in the place of TVM's; changes `module`."""
    heads, kv_heads, size = c["heads"], c["kv_heads"], c["head_size"]
    for name, function in list(module.functions_items()):
        if isinstance(function, tirx.PrimFunc) and any(u in name.name_hint for u in UNUSED):
            module[name] = unused_kernel.with_attr("global_symbol", name.name_hint)
    ours = {"tir_attention_merge_state": merge(heads, size, dtype), "fused_rope": rope(c, dtype)}
    if c["definition"] == "embedded":
        page = cache.PAGE_TOKENS
        ours["batch_prefill_ragged_kv"] = attention.prefill_ragged(kv_heads, heads, size)
        ours["batch_prefill_paged_kv"] = attention_paged.prefill_paged(kv_heads, heads, size, page)
        ours["batch_decode_paged_kv"] = attention_paged.decode(kv_heads, heads, size, page)
    elif c.get("schedules") != "stock":
        ours["batch_decode_paged_kv"] = attention_wide.decode(
            kv_heads, heads, size, cache.PAGE_TOKENS, dtype
        )
    for name, kernel in ours.items():
        # Raises ValueError when TVM has renamed its own, which would then still be called.
        module[module.get_global_var(name)] = kernel.with_attr("global_symbol", name)
    return module


def add_metadata(module: tvm.IRModule, text: str) -> tvm.IRModule:
    """Add the function `_metadata`, which returns `text`."""
    builder = relax.BlockBuilder(module)
    with builder.function("_metadata", []):
        with builder.dataflow():
            result = builder.emit_output(tvm.ir.StringImm(text))
        builder.emit_func_output(result)
    return builder.finalize()


def exported(c: dict[str, Any]) -> tuple[tvm.IRModule, list[tuple[str, Any]]]:
    """The functions of an architecture's definition, and its parameters by name."""
    if c["definition"] == "encoder":
        text = encoder.Encoder(c)
        module, params = text.export_tvm(spec=text.module_spec())[:2]
        return module, params
    model = (embedded if c["definition"] == "embedded" else family).Decoder(c)
    dtype = "float16" if "f16" in c.get("quantization", "") else "float32"
    module, params = model.export_tvm(spec=model.module_spec())[:2]
    module = add_sampling(module, wide=c["definition"] == "family")
    return replace_kernels(add_logit_kernels(module), c, dtype), params


def build_module(c: dict[str, Any]) -> tuple[tvm.IRModule, dict[str, Any]]:
    """The whole program of an architecture, and its metadata."""
    module, params = exported(c)
    told = metadata(c, params)
    module = add_metadata(module, json.dumps(told))
    batch = c.get("batch", 1)
    bounds = {"seq_len": c["prefill_chunk_tokens"], "batch": batch, "num_samples": 1}
    for name, function in module.functions_items():
        if isinstance(function, relax.Function):
            bounded = function.with_attr("tir_var_upper_bound", bounds)
            module[name] = bounded.with_attr("tir_non_negative_var", ["vocab_size"])
    return module, told


def pipeline(target: tvm.target.Target) -> tvm.transform.Pass:
    """Relax to VM code; kernels that are not scheduled yet get TVM's default GPU schedules."""
    schedules = (
        dl.gpu.Matmul(),
        dl.gpu.GEMV(),
        dl.gpu.Reduction(),
        dl.gpu.GeneralReduction(),
        dl.gpu.Fallback(),
    )
    return tvm.transform.Sequential(
        [
            tvm.tirx.transform.BindTarget(target),
            relax.transform.LegalizeOps(),
            # Before fusion, or two reshapes in a row become one kernel that copies.
            relax.transform.RewriteDataflowReshape(),
            relax.transform.AnnotateTIROpPattern(),
            relax.transform.FoldConstant(),
            relax.transform.FuseOps(),
            relax.transform.FuseTIR(),
            relax.transform.DeadCodeElimination(),
            dl.ApplyDefaultSchedule(*schedules),
            tvm.tirx.transform.ForceNarrowIndexToInt32(),
            relax.transform.ToNonDataflow(),
            relax.transform.RemovePurityChecking(),
            relax.transform.CallTIRRewrite(),
            relax.transform.StaticPlanBlockMemory(),
            relax.transform.LowerAllocTensor(),
            relax.transform.KillAfterLastUse(),
            relax.transform.LowerRuntimeBuiltin(),
            relax.transform.ComputePrimValue(),
            relax.transform.VMShapeLower(),
            relax.transform.AttachGlobalSymbol(),
        ]
    )


def compile_to(c: dict[str, Any], folder: Path) -> None:
    """Write the two object files and the metadata of `c` into `folder`."""
    target = tvm.target.Target({"kind": "webgpu"}, host=HOST)
    with target:
        module, told = build_module(c)
        with tvm.transform.PassContext(config={"tirx.disable_cse_tir": True}):
            executable = relax.build(module, target, relax_pipeline=pipeline(target))
    folder.mkdir(parents=True, exist_ok=True)
    names = {"lib0.o": "host.o", "devc.o": "shaders.o"}

    def keep(_output: str, files: list[str], **_options: Any) -> None:
        for file in files:
            shutil.copyfile(file, folder / names[Path(file).name])

    # Read by TVM's export: object files for a statically linked library.
    keep.object_format = "o"  # type: ignore[attr-defined]
    keep.need_system_lib = True  # type: ignore[attr-defined]
    executable.export_library(str(folder / "unused.wasm"), fcompile=keep)
    (folder / "metadata.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    compile_to(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
