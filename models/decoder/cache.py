"""The paged cache of keys and values, and what every model's specification shares."""

from __future__ import annotations

from typing import Any

import tvm
from tvm import relax
from tvm.relax.frontend.nn import spec
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache, RopeMode, TIRPagedKVCache

PAGE_TOKENS = 16
WITHOUT_PARAMS = {"param_mode": "none", "effect_mode": "none"}


def create(
    c: dict[str, Any],
    dtype: str,
    max_batch: Any,
    max_total: Any,
    chunk: Any,
    page: Any,
    sliding: Any,
) -> PagedKVCache:
    """TVM's cache for the architecture `c`; kernels are replaced later where ours are better."""
    size = c["head_size"]
    scaling = c.get("rope_scaling", {})
    if scaling.get("rope_type") == "longrope":
        # TVM's way wants factors as a parameter; our kernel, which replaces it, has them in its code.
        scaling = {}
    return TIRPagedKVCache(
        attn_kind="mha",
        max_batch_size=max_batch,
        max_total_seq_len=max_total,
        prefill_chunk_size=chunk,
        page_size=page,
        support_sliding_window=sliding,
        layer_partition=relax.ShapeExpr([0, c["layers"]]),
        num_hidden_layers=c["layers"],
        num_attention_heads=c["heads"],
        num_key_value_heads=c["kv_heads"],
        qk_head_dim=size,
        v_head_dim=size,
        mla_original_qk_head_dim=0,
        mla_original_v_head_dim=0,
        rope_mode=RopeMode.NORMAL,
        rope_scale=1,
        rope_theta=c["rope_theta"],
        rope_scaling=scaling,
        rope_ext_factors=relax.prim_value(0),
        rotary_dim=size,
        enable_disaggregation=False,
        dtype=dtype,
        target=tvm.target.Target.current(),
    )


def common_spec() -> dict[str, Any]:
    """Types of the functions that have no parameters."""
    return {
        "softmax_with_temperature": {
            "logits": spec.Tensor(["batch", 1, "vocab_size"], "float32"),
            "temperature": spec.Tensor(["batch"], "float32"),
            "$": WITHOUT_PARAMS,
        },
        "create_tir_paged_kv_cache": {
            "max_batch": int,
            "max_total": int,
            "chunk": int,
            "page": int,
            "sliding": int,
            "$": WITHOUT_PARAMS,
        },
    }
