"""What MLC's published weights call each part, per family. Needs no TVM."""

from __future__ import annotations

LLAMA = {
    "root": "model",
    "embedding": "embed_tokens",
    "layers": "layers",
    "attention": "self_attn",
    "qkv": "qkv_proj",
    "out": "o_proj",
    "norm": "input_layernorm",
}
NAMES = {
    "llama": LLAMA,
    "qwen2": LLAMA | {"qkv": "c_attn"},
    "qwen3": LLAMA | {"qkv": "c_attn"},
    "phi3": LLAMA
    | {"root": "transformer", "embedding": "embd", "layers": "h"}
    | {"attention": "mixer", "out": "out_proj", "norm": "ln"},
}
