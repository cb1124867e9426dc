"""Long prompts: four prefill chunks, and a turn on top of them.

Real Chromium, software WebGPU, against NumPy with the device's sine and cosine, as in
tests/numerics. `starter` takes minutes here and is left to `./dev models check starter`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Playwright

from tests.numerics.engine_page import EnginePage, engine_page
from tests.numerics.reference import Array, Message, Reference
from tests.numerics.test_logprobs import STARTER, TINY, chat, compare, words

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

WINDOW = 2048
CHUNK = {"tiny": 256, "starter": 512}
SYSTEM = {"tiny": TINY, "starter": STARTER}
MODELS = ["tiny", pytest.param("starter", marks=pytest.mark.campaign)]


@pytest.fixture(scope="module")
def engine(driver: Playwright) -> Iterator[EnginePage]:
    with engine_page(driver) as page:
        yield page


@pytest.fixture(scope="module")
def references(engine: EnginePage) -> dict[str, Reference]:
    half = 16
    table = np.arange(WINDOW)[:, None] * 10000.0 ** (-np.arange(half) / half)
    values = engine.sin_cos(table.astype(np.float32).ravel().tolist())
    pairs = np.array(values, dtype=np.float32).reshape(WINDOW, half, 2)

    def look_up(angles: Array) -> tuple[Array, Array]:
        positions = np.rint(angles[:, 0]).astype(int)
        return pairs[positions, :, 0], pairs[positions, :, 1]

    return {model: Reference.of(model, look_up) for model in ("tiny", "starter")}


def prompt_of(reference: Reference, model: str, least: int, most: int) -> tuple[str, list[int]]:
    """A user text whose prompt has between `least` and `most` tokens."""
    count = least // 2
    while True:
        text = words(count)
        ids = reference.prompt_ids([("system", SYSTEM[model]), ("user", text)])
        if least <= len(ids) <= most:
            return text, ids
        count += 1 if len(ids) < least else -1


@pytest.mark.parametrize("model", MODELS)
def test_four_chunks_and_a_turn_on_top(
    engine: EnginePage, references: dict[str, Reference], model: str
) -> None:
    reference = references[model]
    # Not a multiple of the chunk: the last one is short.
    least = 3 * CHUNK[model] + 21
    text, prompt = prompt_of(reference, model, least, least + 20)
    asked = {"logprobs": True, "top_logprobs": 5, "max_tokens": 6}
    history: list[Message] = [("user", text)]
    first = engine.generate(model, chat(SYSTEM[model], history), **asked)
    tokens = compare(reference, prompt, first)
    history += [("assistant", first["text"]), ("user", "Hello")]
    second = engine.generate(model, chat(SYSTEM[model], history), **asked)
    compare(reference, reference.prompt_ids([("system", SYSTEM[model]), *history]), second)
    reused = second["usage"]["prompt_tokens"] - second["usage"]["prefilled_tokens"]
    # An answer cut off by its limit is not fed again as it was, so the prompt alone is reused.
    assert reused in (0, len(prompt), len(prompt) + len(tokens) - 1)
