"""A model folder with random weights for an architecture's library, and its NumPy reference.

Weights are drawn, stored in the library's own layout (4 bits where it has them), and read back from
that layout here, so both sides compute with the same numbers. Rotary scaling, biases, norms of
queries and keys and a tied output follow the architecture file.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.decoder.kernels.angles import attention_factor, inverse_frequencies
from models.library.places import MODELS
from tests.numerics.reference import Array, rms_norm, sin_cos

#: The tests' tokenizer, whose 1,024 tokens are the vocabulary of a cut model.
TOKENIZER = MODELS / "prebuilt/tiny/resolve/main/tokenizer.json"
CONFIG = MODELS / "prebuilt/tiny/resolve/main/mlc-chat-config.json"
GROUP, PER_WORD, ZERO = 32, 8, 7


def draw(name: str, shape: list[int], dtype: str, random: np.random.Generator) -> npt.NDArray[Any]:
    """One stored parameter: packed words, their scales, norms near 1, or a small matrix."""
    if dtype == "uint32":
        nibbles = random.integers(0, 15, size=(*shape, PER_WORD), dtype=np.uint32)
        shifts = np.arange(PER_WORD, dtype=np.uint32) * 4
        packed: npt.NDArray[Any] = (nibbles << shifts).sum(-1, dtype=np.uint32)
        return packed
    if name.endswith("q_scale"):
        n_in = shape[1] * GROUP
        scale = 0.25 / math.sqrt(n_in) if "embed" not in name and "embd" not in name else 0.01
        return (random.uniform(0.5, 1.5, size=shape) * scale).astype("<f4")
    gain = "norm" in name.lower().rpartition(".weight")[0]
    if (len(shape) == 1 and gain) or name.endswith("ln.weight"):
        return random.uniform(0.5, 1.5, size=shape).astype("<f4")
    spread = 0.5 if len(shape) == 1 else 1 / math.sqrt(shape[1])
    return (random.standard_normal(shape) * spread).astype("<f4")


def write_folder(folder: Path, metadata: dict[str, Any], seed: int) -> dict[str, npt.NDArray[Any]]:
    """Write an MLC model folder with random weights; returns the stored parameters by name."""
    random = np.random.default_rng(seed)
    target = folder / "resolve/main"
    target.mkdir(parents=True, exist_ok=True)
    stored, records, shard = {}, [], bytearray()
    for entry in metadata["params"]:
        values = draw(entry["name"], entry["shape"], entry["dtype"], random)
        stored[entry["name"]] = values
        data = values.tobytes()
        records.append(
            {
                "name": entry["name"],
                "shape": entry["shape"],
                "dtype": entry["dtype"],
                "format": "raw",
                "nbytes": len(data),
                "byteOffset": len(shard),
            }
        )
        shard += data
    (target / "params_shard_0.bin").write_bytes(shard)
    record = {"dataPath": "params_shard_0.bin", "format": "raw-shard", "nbytes": len(shard)}
    index = {
        "metadata": {"ParamSize": len(records), "ParamBytes": len(shard), "BitsPerParam": 4.5},
        "records": [{**record, "records": records}],
    }
    (target / "tensor-cache.json").write_text(json.dumps(index))
    (target / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())
    config = json.loads(CONFIG.read_text())
    for key in ("model_type", "quantization", "context_window_size", "prefill_chunk_size"):
        config[key] = metadata[key]
    (target / "mlc-chat-config.json").write_text(json.dumps(config))
    return stored


@dataclass
class FamilyReference:
    """NumPy reference; `feed` keeps keys and values, so chunks and single tokens can be fed."""

    c: dict[str, Any]
    stored: dict[str, npt.NDArray[Any]]
    names: dict[str, str]
    tokenizer: Tokenizer = field(default_factory=lambda: Tokenizer.from_file(str(TOKENIZER)))
    cache: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def matrix(self, name: str) -> Array:
        """A weight [n_out, n_in] as float32, unpacked where it is stored in 4 bits."""
        if f"{name}.weight" in self.stored:
            return np.asarray(self.stored[f"{name}.weight"], dtype=np.float32)
        words, scales = self.stored[f"{name}.q_weight"], self.stored[f"{name}.q_scale"]
        nibbles = (words[..., None] >> (np.arange(PER_WORD, dtype=np.uint32) * 4)) & 15
        values = nibbles.reshape(words.shape[0], -1).astype(np.float32) - ZERO
        return np.asarray(values * np.repeat(scales, GROUP, axis=1))

    def norm(self, x: Array, name: str) -> Array:
        """RMS norm with a stored gain."""
        return rms_norm(x, self.stored[f"{name}.weight"], self.c["norm_epsilon"])

    def attend(self, layer: int, place: str, x: Array) -> Array:
        """Attention of new rows x [tokens, hidden], normed."""
        c, n = self.c, self.names
        heads, kv_heads, size = c["heads"], c["kv_heads"], c["head_size"]
        base = f"{place}.{n['attention']}"
        qkv = x @ self.matrix(f"{base}.{n['qkv']}").T
        if f"{base}.{n['qkv']}.bias" in self.stored:
            qkv = qkv + self.stored[f"{base}.{n['qkv']}.bias"]
        qkv = qkv.reshape(len(x), heads + 2 * kv_heads, size)
        q, k, v = np.split(qkv, [heads, heads + kv_heads], axis=1)
        if c.get("qk_norm"):
            q, k = self.norm(q, f"{base}.q_norm"), self.norm(k, f"{base}.k_norm")
        past = len(self.cache[layer][0]) if layer in self.cache else 0
        positions = np.arange(past, past + len(x))
        angles = positions[:, None] * np.array(inverse_frequencies(c))
        scale = np.float32(attention_factor(c))
        sin, cos = (part[:, None, :] * scale for part in sin_cos(angles))

        def rotate(t: Array) -> Array:
            low, high = np.split(t, 2, axis=-1)
            return np.concatenate([low * cos - high * sin, high * cos + low * sin], axis=-1)

        q, k = rotate(q), rotate(k)
        if past:
            k = np.concatenate([self.cache[layer][0], k])
            v = np.concatenate([self.cache[layer][1], v])
        self.cache[layer] = (k, v)
        grouped = q.reshape(len(x), kv_heads, heads // kv_heads, size)
        scores = np.einsum("tkgd,skd->kgts", grouped, k, optimize=True) * np.float32(size**-0.5)
        scores = np.where(np.arange(len(k))[None] > positions[:, None], -np.inf, scores)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = np.einsum("kgts,skd->tkgd", scores, v, optimize=True).reshape(len(x), -1)
        return np.asarray(mixed @ self.matrix(f"{base}.{n['out']}").T)

    def feed(self, ids: list[int]) -> npt.NDArray[np.float64]:
        """Feed tokens after those fed before; log-probabilities of the next, [vocabulary]."""
        n = self.names
        embedding = self.matrix(f"{n['root']}.{n['embedding']}")
        x = embedding[ids]
        for layer in range(self.c["layers"]):
            place = f"{n['root']}.{n['layers']}.{layer}"
            x = x + self.attend(layer, place, self.norm(x, f"{place}.{n['norm']}"))
            hidden = self.norm(x, f"{place}.post_attention_layernorm")
            gate, up = np.split(hidden @ self.matrix(f"{place}.mlp.gate_up_proj").T, 2, axis=-1)
            x = x + (gate / (1 + np.exp(-gate)) * up) @ self.matrix(f"{place}.mlp.down_proj").T
        last = self.norm(x[-1], f"{n['root']}.norm")
        output = embedding if self.c["tied_output"] else self.matrix("lm_head")
        logits = (output @ last).astype(np.float64)
        logits -= logits.max()
        return np.asarray(logits - np.log(np.exp(logits).sum()))
