"""Published families: a library cut to 2 layers computes what NumPy does from the same weights.

Needs the pipeline's inputs (TVM, Emscripten), so it is no part of the suite: `./dev models check`.
Every architecture file in float32 is built with 2 layers and the tests' vocabulary of 1,024, given
random weights in its own layout, loaded by the unmodified WebLLM on software WebGPU and asked for
log-probabilities over a prompt of more than one prefill chunk.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from bench.report import write
from models.decoder.names import NAMES as PARTS
from models.library.factors import completed
from models.library.places import MODELS
from tests.models.alternatives import Alternatives
from tests.models.cut_library import architecture, built
from tests.models.random_model import FamilyReference, write_folder

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1500)]

TOLERANCE = 1e-3
CHUNK, STEPS, SEED = 32, 4, 20
PROMPT = " ".join(["river stone cloud moon bread green east link bridge star"] * 2)
#: Phi-3.5's own are part of its weights; these are as many, and as far from 1.
FACTORS = {
    "rope_scaling": {
        "short_factor": [1 + i / 40 for i in range(48)],
        "long_factor": [1 + i for i in range(48)],
    }
}
NAMES = sorted(
    path.stem
    for path in (MODELS / "architectures").glob("*.json")
    if path.stem.endswith(("f32_1", "q0f32")) and '"family": "bert"' not in path.read_text()
)


def cut(name: str) -> dict[str, Any]:
    """The architecture with 2 layers, 1,024 tokens and short chunks; factors of our own."""
    return completed(architecture(name), FACTORS) | {
        "layers": 2,
        "vocabulary_tokens": 1024,
        "prefill_chunk_tokens": CHUNK,
        "context_window_tokens": 512,
    }


@pytest.mark.parametrize("name", NAMES)
def test_two_layers_equal_numpy(name: str, page: Page, site: tuple[Path, str]) -> None:
    c = cut(name)
    library, metadata = built(name, c)
    folder = site[0] / name
    folder.mkdir()
    shutil.copyfile(library, folder / "library.wasm")
    stored = write_folder(folder / "model", metadata, SEED)
    reference = FamilyReference(c, stored, PARTS[c["family"]])
    request = {
        "model_path": f"{name}/model",
        "library_path": f"{name}/library.wasm",
        "context_window_tokens": 512,
    }
    page.evaluate("(r) => checked.load(r)", request)
    messages = [
        {"role": "system", "content": "Test."},
        {"role": "user", "content": PROMPT},
    ]
    ask = {"messages": messages, "max_tokens": STEPS}
    told = page.evaluate("(r) => checked.generate(r)", ask)
    text = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
    prompt = list(reference.tokenizer.encode(text + "<|im_start|>assistant\n").ids)
    assert told["prompt_tokens"] == len(prompt) > CHUNK
    expected = reference.feed(prompt)
    alternatives = Alternatives(reference.tokenizer)
    worst = 0.0
    for step in told["steps"]:
        worst = max(worst, alternatives.worst(step, expected))
        token = int(expected.argmax())
        assert reference.tokenizer.decode([token], False) == step["token"]
        assert abs(expected[token] - step["logprob"]) <= TOLERANCE
        expected = reference.feed([token])
    assert len(told["steps"]) == STEPS and worst <= TOLERANCE, worst
    full = architecture(name)
    case = {
        "architecture": name,
        "family": full["family"],
        "quantization": full["quantization"],
        "layers": 2,
        "vocabulary_tokens": 1024,
        "prompt_tokens": len(prompt),
        "decoded_tokens": STEPS,
        "parameters": len(stored),
        "library_bytes": (folder / "library.wasm").stat().st_size,
        "worst_logprob_error": float(f"{worst:.2g}"),
    }
    write(f"models-{name}", [case], {"tolerance": TOLERANCE, "ok": True}, SEED)
