"""Text encoders: a library computes the vectors that NumPy does from the same weights.

Needs the pipeline's inputs (TVM, Emscripten), so it is no part of the suite: `./dev models check`.
Every encoder is built with 2 layers and the tests' vocabulary of 1,024, given random weights in
MLC's layout, loaded by the unmodified WebLLM's embedding engine on software WebGPU, and given texts
of one token to the window's end in batches that are padded.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from tokenizers import Tokenizer

from bench.report import write
from models.library.places import MODELS
from tests.models.cut_library import architecture, built
from tests.models.encoder_reference import EncoderReference
from tests.models.random_model import TOKENIZER, write_folder

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1500)]

TOLERANCE = 1e-3
VOCABULARY, SEED = 1024, 21
LAYERS = 2
#: a full batch with padding, then the window's end in a batch of its own
LENGTHS = (40, 1, 17, 5, 512)
WORDS = "river stone cloud moon bread green east link bridge star"
NAMES = sorted(
    path.stem
    for path in (MODELS / "architectures").glob("*.json")
    if '"family": "bert"' in path.read_text()
)


def cut(name: str) -> dict[str, Any]:
    """The architecture with 2 layers and the tests' vocabulary."""
    return architecture(name) | {"layers": LAYERS, "vocabulary_tokens": VOCABULARY}


def texts(random: np.random.Generator) -> list[list[int]]:
    """Tokens of every length that is tried."""
    return [[int(id) for id in random.integers(0, VOCABULARY, size)] for size in LENGTHS]


@pytest.mark.parametrize("name", NAMES)
def test_vectors_equal_numpy(name: str, page: Page, site: tuple[Path, str]) -> None:
    c = cut(name)
    library, metadata = built(name, c)
    folder = site[0] / name
    folder.mkdir()
    shutil.copyfile(library, folder / "library.wasm")
    stored = write_folder(folder / "model", metadata, SEED)
    reference = EncoderReference(c, stored)
    request = {
        "model_path": f"{name}/model",
        "library_path": f"{name}/library.wasm",
        "context_window_tokens": c["context_window_tokens"],
        "encoder": True,
    }
    page.evaluate("(r) => checked.load(r)", request)
    asked = texts(np.random.default_rng(SEED))
    assert len(asked) > c["batch"], "more than one batch"
    told = page.evaluate("(r) => checked.embed(r)", {"texts": asked})
    assert told["tokens"] == sum(LENGTHS)
    vectors = np.array(told["vectors"])
    expected = np.array([reference.embed(ids) for ids in asked])
    assert vectors.shape == (len(asked), c["hidden_size"])
    worst = float(np.abs(vectors - expected).max())
    assert worst <= TOLERANCE, worst
    nearest = min(
        float(np.abs(one - other).max()) for i, one in enumerate(expected) for other in expected[:i]
    )
    assert nearest > 10 * TOLERANCE, "the texts' vectors must differ, or the test shows nothing"
    padded = asked[: c["batch"]]
    again = page.evaluate("(r) => checked.embed(r)", {"texts": padded})
    assert again["vectors"] == told["vectors"][: len(padded)]
    alone = page.evaluate("(r) => checked.embed(r)", {"texts": [asked[1]]})
    assert np.abs(np.array(alone["vectors"][0]) - vectors[1]).max() <= TOLERANCE
    words = page.evaluate("(r) => checked.embed(r)", {"texts": [WORDS]})
    ids = list(Tokenizer.from_file(str(TOKENIZER)).encode(WORDS).ids)
    assert np.abs(np.array(words["vectors"][0]) - reference.embed(ids)).max() <= TOLERANCE
    case = {
        "architecture": name,
        "family": c["family"],
        "quantization": c["quantization"],
        "pooling": c["pooling"],
        "layers": c["layers"],
        "dimensions": c["hidden_size"],
        "vocabulary_tokens": VOCABULARY,
        "batch": c["batch"],
        "text_tokens": list(LENGTHS),
        "parameters": len(stored),
        "library_bytes": (folder / "library.wasm").stat().st_size,
        "worst_vector_error": float(f"{worst:.2g}"),
        "nearest_vectors": float(f"{nearest:.2g}"),
    }
    write(f"models-{name}", [case], {"tolerance": TOLERANCE, "ok": True}, SEED)
