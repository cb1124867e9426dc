"""Long prompts: four prefill chunks, and a turn on top of them.

Real Chromium, software WebGPU, against NumPy, as in tests/numerics: more than three prefill chunks
and a turn on them, and a prompt that all but fills the window. `starter` takes minutes here and is
left to `./dev models check starter`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright

from tests.numerics.engine_page import EnginePage, engine_page
from tests.numerics.reference import Message, Reference
from tests.numerics.test_logprobs import STARTER, TINY, chat, compare, words

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

WINDOW = 2048
ANSWER = 8
CHUNK = {"tiny": 256, "starter": 512}
SYSTEM = {"tiny": TINY, "starter": STARTER}
MODELS = ["tiny", pytest.param("starter", marks=pytest.mark.campaign)]


@pytest.fixture(scope="module")
def engine(driver: Playwright) -> Iterator[EnginePage]:
    with engine_page(driver) as page:
        yield page


@pytest.fixture(scope="module")
def references() -> dict[str, Reference]:
    return {model: Reference.of(model) for model in ("tiny", "starter")}


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


@pytest.mark.parametrize("model", MODELS)
def test_the_end_of_the_window(
    engine: EnginePage, references: dict[str, Reference], model: str
) -> None:
    reference = references[model]
    text, prompt = prompt_of(reference, model, WINDOW - ANSWER - 16, WINDOW - ANSWER - 2)
    asked = {"logprobs": True, "top_logprobs": 5, "max_tokens": ANSWER}
    told = engine.generate(model, chat(SYSTEM[model], [("user", text)]), **asked)
    compare(reference, prompt, told)
