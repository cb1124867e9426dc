"""NumPy reference of the embedded models: log-probabilities from the packaged weights.

Both models are Llama-style decoders: RMS norm, rotary positions on half-split heads, grouped-query
attention, SwiGLU, and an output projection that may be the embedding.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

MODELS = Path(__file__).resolve().parents[2] / "models"

Array = npt.NDArray[np.float32]

#: one chat message: role and text
Message = tuple[str, str]


def read_weights(folder: Path) -> dict[str, Array]:
    """Weights of an MLC model folder by name, as float32 arrays of the recorded shapes."""
    index = json.loads((folder / "tensor-cache.json").read_text())
    weights: dict[str, Array] = {}
    for shard in index["records"]:
        raw = (folder / shard["dataPath"]).read_bytes()
        for record in shard["records"]:
            start = record["byteOffset"]
            data = raw[start : start + record["nbytes"]]
            if record["format"] == "f32-to-bf16":
                # bfloat16 is the upper half of a float32.
                bits = np.frombuffer(data, "<u2").astype("<u4") << 16
                values = bits.view("<f4")
            else:
                values = np.frombuffer(data, "<f4")
            weights[record["name"]] = values.reshape(record["shape"]).astype(np.float32)
    return weights


def rms_norm(x: Array, gain: Array | None, epsilon: float) -> Array:
    """RMS norm over the last axis; `gain` None where it is folded into the next weight."""
    normed: Array = x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(epsilon))
    return normed if gain is None else normed * gain


def sin_cos(angles: npt.NDArray[np.float64]) -> tuple[Array, Array]:
    """Sine and cosine, exact to float32: the models' rotary kernel depends on no device's own."""
    return np.sin(angles).astype(np.float32), np.cos(angles).astype(np.float32)


@dataclass
class Reference:
    """One model. `feed` keeps keys and values like the engine's cache, so chunks can be fed."""

    weights: dict[str, Array]
    architecture: dict[str, Any]
    tokenizer: Tokenizer
    cache: list[tuple[Array, Array]] = field(default_factory=list)

    @classmethod
    def of(cls, model_id: str) -> Reference:
        """The packaged model `model_id`."""
        manifest = json.loads((MODELS / "manifest.json").read_text())
        model = next(entry for entry in manifest["models"] if entry["id"] == model_id)
        folder = MODELS / model["model_path"] / "resolve/main"
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(read_weights(folder), model["architecture"], tokenizer)

    def reset(self) -> None:
        """Forget everything fed so far."""
        self.cache = []

    @property
    def length(self) -> int:
        """Number of tokens fed so far."""
        return self.cache[0][0].shape[0] if self.cache else 0

    def _gain(self, name: str) -> Array | None:
        return self.weights.get(f"{name}.weight", self.weights.get(name))

    def _rotate(self, x: Array, positions: npt.NDArray[np.float64]) -> Array:
        """Rotary positions; x is [tokens, heads, head_size]."""
        half = x.shape[-1] // 2
        theta = self.architecture["rope_theta"]
        angles = positions[:, None] * theta ** (-np.arange(half) / half)
        sin, cos = (part[:, None, :] for part in sin_cos(angles))
        low, high = x[..., :half], x[..., half:]
        return np.concatenate([low * cos - high * sin, high * cos + low * sin], axis=-1)

    def _attend(self, layer: int, x: Array) -> Array:
        a = self.architecture
        heads, kv_heads, size = a["heads"], a["kv_heads"], a["head_size"]
        tokens = x.shape[0]
        past = self.cache[layer][0].shape[0] if layer < len(self.cache) else 0
        qkv = x @ self.weights[f"blocks.{layer}.attn.qkv.weight"].T
        qkv = qkv.reshape(tokens, heads + 2 * kv_heads, size)
        positions = np.arange(past, past + tokens, dtype=np.float64)
        query = self._rotate(qkv[:, :heads], positions)
        key = self._rotate(qkv[:, heads : heads + kv_heads], positions)
        value = qkv[:, heads + kv_heads :]
        if past:
            key = np.concatenate([self.cache[layer][0], key])
            value = np.concatenate([self.cache[layer][1], value])
            self.cache[layer] = (key, value)
        else:
            self.cache.append((key, value))
        group = heads // kv_heads
        grouped = query.reshape(tokens, kv_heads, group, size)
        scores = np.einsum("tkgd,skd->kgts", grouped, key, optimize=True) * np.float32(size**-0.5)
        hidden = np.arange(past + tokens)[None, :] > positions[:, None]
        scores = np.where(hidden, np.float32(-np.inf), scores)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = np.einsum("kgts,skd->tkgd", scores, value, optimize=True)
        return np.asarray(
            mixed.reshape(tokens, heads * size) @ self.weights[f"blocks.{layer}.attn.o.weight"].T
        )

    def feed(self, ids: list[int]) -> npt.NDArray[np.float64]:
        """Feed tokens after those fed before; returns log-probabilities of the next token, [V]."""
        a = self.architecture
        epsilon = a["norm_epsilon"]
        x = self.weights["tok.weight"][ids]
        for layer in range(a["layers"]):
            block = f"blocks.{layer}"
            x = x + self._attend(layer, rms_norm(x, self._gain(f"{block}.norm1"), epsilon))
            normed = rms_norm(x, self._gain(f"{block}.norm2"), epsilon)
            gate, up = np.split(normed @ self.weights[f"{block}.gate_up.weight"].T, 2, axis=-1)
            x = x + (gate / (1 + np.exp(-gate)) * up) @ self.weights[f"{block}.down.weight"].T
        last = rms_norm(x[-1], self._gain("norm"), epsilon)
        output = self.weights["tok.weight" if a["tied_output"] else "head.weight"]
        logits = (output @ last).astype(np.float64)
        logits -= logits.max()
        result: npt.NDArray[np.float64] = logits - np.log(np.exp(logits).sum())
        return result

    def prompt_ids(self, messages: list[Message]) -> list[int]:
        """Tokens of a conversation in the models' chat format, ready for the next answer."""
        text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)
        return list(self.tokenizer.encode(text + "<|im_start|>assistant\n").ids)

    def greedy(self, messages: list[Message], max_tokens: int) -> str:
        """Greedy answer to a conversation."""
        self.reset()
        scores = self.feed(self.prompt_ids(messages))
        ids: list[int] = []
        for _ in range(max_tokens):
            token = int(scores.argmax())
            if token in (0, 2):
                break
            ids.append(token)
            scores = self.feed([token])
        return str(self.tokenizer.decode(ids, skip_special_tokens=False))
