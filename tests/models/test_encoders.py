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
from tokenizers.processors import TemplateProcessing

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


def names_and_shapes(c: dict[str, Any]) -> dict[str, list[int]]:
    """What MLC's weights hold: Hugging Face's names, with queries, keys and values in one."""
    hidden, wide = c["hidden_size"], c["feed_forward_size"]

    def layer(place: str, n_out: int, n_in: int) -> dict[str, list[int]]:
        return {f"{place}.weight": [n_out, n_in], f"{place}.bias": [n_out]}

    def norm(place: str) -> dict[str, list[int]]:
        return {f"{place}.LayerNorm.{part}": [hidden] for part in ("weight", "bias")}

    rows = {"word": c["vocabulary_tokens"], "position": 512, "token_type": 2}
    found = {f"embeddings.{kind}_embeddings.weight": [n, hidden] for kind, n in rows.items()}
    found |= norm("embeddings")
    for number in range(c["layers"]):
        place = f"encoder.layer.{number}"
        found |= layer(f"{place}.attention.self.qkv", 3 * hidden, hidden)
        found |= layer(f"{place}.attention.output.dense", hidden, hidden)
        found |= layer(f"{place}.intermediate.dense", wide, hidden)
        found |= layer(f"{place}.output.dense", hidden, wide)
        found |= norm(f"{place}.attention.output") | norm(f"{place}.output")
    return found


def with_marks(path: Path) -> Tokenizer:
    """The tests' tokenizer, made to put marks around a text as BERT's does; written to `path`."""
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    marks = [(mark, tokenizer.token_to_id(mark)) for mark in ("<|im_start|>", "<|im_end|>")]
    single = f"{marks[0][0]} $A {marks[1][0]}"
    tokenizer.post_processor = TemplateProcessing(single=single, special_tokens=marks)
    tokenizer.save(str(path))
    return tokenizer


@pytest.mark.parametrize("name", NAMES)
def test_vectors_equal_numpy(name: str, page: Page, site: tuple[Path, str]) -> None:
    c = cut(name)
    library, metadata = built(name, c)
    assert {p["name"]: p["shape"] for p in metadata["params"]} == names_and_shapes(c)
    assert metadata["max_batch_size"] == c["batch"]
    assert metadata["prefill_chunk_size"] == metadata["context_window_size"]
    folder = site[0] / name
    folder.mkdir()
    shutil.copyfile(library, folder / "library.wasm")
    stored = write_folder(folder / "model", metadata, SEED)
    tokenizer = with_marks(folder / "model/resolve/main/tokenizer.json")
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
    ids = list(tokenizer.encode(WORDS, add_special_tokens=False).ids)
    assert len(tokenizer.encode(WORDS).ids) == len(ids) + 2, "WebLLM leaves marks to its caller"
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
