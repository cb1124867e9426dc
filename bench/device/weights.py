"""Random weights of a library's own parameters, drawn on the graphics card and written as shards.

Needs PyTorch. Matrices of 4 bits keep MLC's layout (models/decoder/quantized.py).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch

GROUP, PER_WORD = 32, 8
SHARD_BYTES = 256 * 2**20
DTYPES = {"float16": torch.float16, "float32": torch.float32, "uint32": torch.int32}


def is_gain(name: str) -> bool:
    """Whether a parameter of one dimension is the gain of a norm."""
    return "norm" in name or name.endswith((".ln.weight", "LayerNorm.weight"))


def draw(entry: dict[str, Any], random: torch.Generator) -> torch.Tensor:
    """One stored parameter: packed words, their scales, a gain near 1, a bias or a matrix."""
    name, shape, dtype = entry["name"], entry["shape"], DTYPES[entry["dtype"]]
    device = random.device
    if entry["dtype"] == "uint32":
        # 0 to 14, so that the values' mean is 0.
        halves = torch.randint(
            0, 15, (*shape, 2, 4), dtype=torch.uint8, generator=random, device=device
        )
        packed = halves[..., 0, :] | (halves[..., 1, :] << 4)
        return packed.view(torch.int32).squeeze(-1)
    uniform = torch.rand(shape, generator=random, device=device)
    if name.endswith("q_scale"):
        spread = 0.01 if "emb" in name else 0.25 / math.sqrt(shape[1] * GROUP)
        return ((uniform + 0.5) * spread).to(dtype)
    if len(shape) == 1:
        return (uniform + 0.5 if is_gain(name) else uniform - 0.5).to(dtype)
    normal = torch.randn(shape, generator=random, device=device)
    return (normal / math.sqrt(shape[1])).to(dtype)


def unpacked(words: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """A 4-bit matrix [n_out, n_in] as float32."""
    rows = words.shape[0]
    bytes_ = words.view(torch.uint8).reshape(rows, -1, 4)
    nibbles = torch.stack([bytes_ & 15, bytes_ >> 4], dim=-1).reshape(rows, -1)
    values = nibbles.to(torch.float32) - 7
    return values * scales.float().repeat_interleave(GROUP, dim=1)


def write(
    folder: Path, metadata: dict[str, Any], base: Path, vocabulary: int, seed: int
) -> dict[str, torch.Tensor]:
    """Write an MLC model folder; returns the parameters by name, on the graphics card.

    `base` is a model folder whose tokenizer and settings are extended to `vocabulary` tokens.
    """
    random = torch.Generator("cuda").manual_seed(seed)
    target = folder / "resolve/main"
    target.mkdir(parents=True, exist_ok=True)
    stored: dict[str, torch.Tensor] = {}
    shards: list[dict[str, Any]] = []
    file = None
    for entry in metadata["params"]:
        values = stored[entry["name"]] = draw(entry, random)
        data = values.cpu().numpy().tobytes()
        if file is None or shards[-1]["nbytes"] + len(data) > SHARD_BYTES:
            if file is not None:
                file.close()
            name = f"params_shard_{len(shards)}.bin"
            file = (target / name).open("wb")
            shards.append({"dataPath": name, "format": "raw-shard", "nbytes": 0, "records": []})
        record = {key: entry[key] for key in ("name", "shape", "dtype")}
        record |= {"format": "raw", "nbytes": len(data), "byteOffset": shards[-1]["nbytes"]}
        shards[-1]["records"].append(record)
        shards[-1]["nbytes"] += len(data)
        file.write(data)
    if file is not None:
        file.close()
    total = sum(shard["nbytes"] for shard in shards)
    told = {"ParamSize": len(stored), "ParamBytes": total, "BitsPerParam": 4.5}
    (target / "tensor-cache.json").write_text(json.dumps({"metadata": told, "records": shards}))
    tokenizer = json.loads((base / "tokenizer.json").read_text())
    known = tokenizer["model"]["vocab"]
    # Each other token has a text of its own, so that an alternative's text names its token.
    tokenizer["added_tokens"] = [t for t in tokenizer["added_tokens"] if t["id"] < len(known)]
    known |= {f"<x{token}>": token for token in range(len(known), vocabulary)}
    (target / "tokenizer.json").write_text(json.dumps(tokenizer))
    config = json.loads((base / "mlc-chat-config.json").read_text())
    for key in ("model_type", "quantization", "context_window_size", "prefill_chunk_size"):
        config[key] = metadata[key]
    config["vocab_size"] = vocabulary
    (target / "mlc-chat-config.json").write_text(json.dumps(config))
    return stored
