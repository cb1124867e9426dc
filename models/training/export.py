"""Weights as an MLC model folder: what WebLLM loads and what `models/prebuilt/` holds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.training.heldout import SYSTEMS
from models.training.recipe import Recipe

Array = npt.NDArray[np.float32]


def folded(weights: dict[str, Array], architecture: dict[str, Any]) -> dict[str, Array]:
    """Weights by the library's names: for folded gains, each norm's gain in the matrix after it."""
    if not architecture["folded_gains"]:
        return weights
    found: dict[str, Array] = {}
    for name, value in weights.items():
        if name.endswith("norm1.weight") or name.endswith("norm2.weight"):
            continue
        if name.endswith("attn.qkv.weight"):
            value = value * weights[name.replace("attn.qkv", "norm1")]
        if name.endswith("gate_up.weight"):
            value = value * weights[name.replace("gate_up", "norm2")]
        found["norm" if name == "norm.weight" else name] = value
    return found


def stored(values: Array, weight_format: str) -> bytes:
    """The bytes of one array; bfloat16 is rounded to the nearest, ties to even."""
    exact = np.ascontiguousarray(values, "<f4")
    if weight_format == "raw":
        return exact.tobytes()
    bits = exact.view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def _config(recipe: Recipe) -> dict[str, Any]:
    a = recipe.architecture
    stop = [2, 0]
    return {
        "version": "0.1.0",
        "model_type": a["model_type"],
        "quantization": "q0f32",
        "vocab_size": a["vocabulary_tokens"],
        "context_window_size": a["context_window_tokens"],
        "sliding_window_size": -1,
        "prefill_chunk_size": a["prefill_chunk_tokens"],
        "attention_sink_size": -1,
        "temperature": 0.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "repetition_penalty": 1.0,
        "top_p": 1.0,
        "tokenizer_files": ["tokenizer.json"],
        "tokenizer_info": {
            "token_postproc_method": "byte_level",
            "prepend_space_in_encode": False,
            "strip_space_in_decode": False,
        },
        "pad_token_id": 0,
        "bos_token_id": 0,
        "eos_token_id": stop,
        "conv_template": {
            "name": "chatml",
            "system_template": "<|im_start|>system\n{system_message}<|im_end|>\n",
            "system_message": SYSTEMS[recipe.name],
            "add_role_after_system_message": True,
            "roles": {role: f"<|im_start|>{role}" for role in ("user", "assistant", "tool")},
            "role_templates": {
                role: f"{{{role}_message}}" for role in ("user", "assistant", "tool")
            },
            "seps": ["<|im_end|>\n"],
            "role_content_sep": "\n",
            "role_empty_sep": "\n",
            "stop_str": ["<|im_end|>"],
            "stop_token_ids": stop,
            "function_string": "",
            "use_function_calling": False,
        },
    }


def export(recipe: Recipe, weights: dict[str, Array], tokenizer: Path, folder: Path) -> None:
    """Write the folder: weights, their index, tokenizer and chat configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, Any]] = []
    data = b""
    for name, values in folded(weights, recipe.architecture).items():
        part = stored(values, recipe.weight_format)
        records.append(
            {
                "name": name,
                "shape": list(values.shape),
                "dtype": "float32",
                "format": recipe.weight_format,
                "nbytes": len(part),
                "byteOffset": len(data),
            }
        )
        data += part
    (folder / "params_shard_0.bin").write_bytes(data)
    bits = 32.0 if recipe.weight_format == "raw" else 16.0
    shard = {"dataPath": "params_shard_0.bin", "format": "raw-shard", "nbytes": len(data)}
    index = {
        "metadata": {"ParamSize": len(records), "ParamBytes": len(data), "BitsPerParam": bits},
        "records": [shard | {"records": records}],
    }
    (folder / "tensor-cache.json").write_text(json.dumps(index))
    if tokenizer != folder / "tokenizer.json":
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
    (folder / "mlc-chat-config.json").write_text(json.dumps(_config(recipe), indent=1) + "\n")
