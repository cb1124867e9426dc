"""The engine computes what the weights say: log-probabilities against NumPy.

Real Chromium, software WebGPU, the engine worker as shipped. Twenty prompts over both models: first
token, decode steps, a prompt longer than one prefill chunk, turns that reuse the KV cache.

WGSL lets sine and cosine be wrong by 2**-11, and software WebGPU uses much of that (1.9e-4), which
would move log-probabilities by up to 2e-3. The libraries' rotary kernel computes its own, so the
reference is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tests.numerics.engine_page import EnginePage
from tests.numerics.reference import Message, Reference

pytestmark = pytest.mark.e2e

TOLERANCE = 1e-3
TINY = "You are a test model."
STARTER = "You are the built-in starter model of a private offline browser extension."
WORDS = "river stone cloud moon bread green east link bridge star".split()
PAGE = (
    "<page>\nTitle: Harbour Museum\n[1] The museum opened in 1911.\n"
    "[2] Admission costs 9 euros.\n[3] Dogs are not allowed inside.\n</page>\n"
)


@dataclass(frozen=True)
class Case:
    """A conversation: `turns` are user texts, each answered by the engine before the next."""

    name: str
    model: str
    turns: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def system(self) -> str:
        return TINY if self.model == "tiny" else STARTER


def words(count: int, step: int = 3) -> str:
    """`count` words in an order the model was not trained on."""
    return " ".join(WORDS[(i * step + i // 7) % len(WORDS)] for i in range(count))


SAMPLED = {"temperature": 1.0, "seed": 7}
CASES = [
    Case("greeting", "tiny", ("Hello",)),
    Case("counting", "tiny", ("Count to 7.",)),
    Case("repetition", "tiny", (f"Repeat: {words(6)}",)),
    Case("tool call", "tiny", ("Find moon on the page.",)),
    Case("sampled 1", "tiny", ("Tell me about the east bridge",), SAMPLED),
    Case("sampled 2", "tiny", ("zzz qqq 12345",), {"temperature": 1.0, "seed": 11}),
    Case("sampled 3", "tiny", ("Why?",), {"temperature": 1.0, "seed": 3, "top_p": 0.8}),
    Case("dollars", "tiny", ("Repeat: $& costs $$ $1 {function_string}",)),
    Case("unicode", "tiny", ("Größe 中文 🙂",), SAMPLED),
    Case("one chunk", "tiny", (words(200),)),
    Case("two chunks", "tiny", (words(330),)),
    Case("three turns", "tiny", ("My name is Dana.", "What is my name?", "Hello")),
    Case("starter greeting", "starter", ("Hello",)),
    Case("starter sampled", "starter", ("Who painted the bridge?",), SAMPLED),
    Case("starter page", "starter", (PAGE + "When did it open?", "Are dogs allowed?")),
]
PROMPTS = 20


def test_there_are_twenty_prompts() -> None:
    assert sum(len(case.turns) for case in CASES) + 2 == PROMPTS


@pytest.fixture(scope="module")
def references() -> dict[str, Reference]:
    return {model: Reference.of(model) for model in ("tiny", "starter")}


def chat(system: str, history: list[Message]) -> list[dict[str, str]]:
    """Messages of a request."""
    return [{"role": role, "content": text} for role, text in [("system", system), *history]]


def token_of(reference: Reference, entry: dict[str, Any], expected: Any) -> int:
    """The token an entry names; fails when its log-probability differs from the expected one."""
    near = np.flatnonzero(np.abs(expected - entry["logprob"]) <= TOLERANCE).tolist()
    named = [t for t in near if reference.tokenizer.decode([t], False) == entry["token"]]
    assert named, f"no token {entry['token']!r} with log-probability {entry['logprob']}"
    return int(named[0])


def step(reference: Reference, entry: dict[str, Any], expected: Any) -> int:
    """Compare one position's log-probabilities; returns the token the engine chose."""
    # Below the first, WebLLM's list of alternatives may miss some, but each value is right.
    tops = [token_of(reference, top, expected) for top in entry["top"]]
    assert tops[0] == int(expected.argmax())
    assert len(tops) == 5
    return token_of(reference, entry, expected)


def compare(reference: Reference, prompt: list[int], result: dict[str, Any]) -> list[int]:
    """Compare a whole answer with the reference fed `prompt`; returns the answer's tokens."""
    assert result["type"] == "engine.done", result
    assert result["usage"]["prompt_tokens"] == len(prompt)
    assert len(result["logprobs"]) == result["usage"]["completion_tokens"] > 0
    reference.reset()
    expected = reference.feed(prompt)
    tokens: list[int] = []
    for entry in result["logprobs"]:
        tokens.append(step(reference, entry, expected))
        expected = reference.feed(tokens[-1:])
    return tokens


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_logprobs_equal_numpy(
    engine: EnginePage, references: dict[str, Reference], case: Case
) -> None:
    reference = references[case.model]
    history: list[Message] = []
    fed: list[int] = []
    for number, text in enumerate(case.turns):
        history.append(("user", text))
        result = engine.generate(
            case.model,
            chat(case.system, history),
            logprobs=True,
            top_logprobs=5,
            max_tokens=24,
            **case.options,
        )
        prompt = reference.prompt_ids([("system", case.system), *history])
        tokens = compare(reference, prompt, result)
        reused = result["usage"]["prompt_tokens"] - result["usage"]["prefilled_tokens"]
        assert reused == (len(fed) if number else 0)
        # The last sampled token is the end mark: it is fed as the next prompt's first new token.
        fed = prompt + tokens[:-1]
        history.append(("assistant", result["text"]))


def test_fresh_and_reused_prompts_agree_and_the_end_mark_matters(
    engine: EnginePage, references: dict[str, Reference]
) -> None:
    """Without the previous answer's end mark (WebLLM's own reuse) the numbers are others."""
    reference = references["tiny"]
    history: list[Message] = [("user", "My name is Dana.")]
    first = engine.generate("tiny", chat(TINY, history))
    history += [("assistant", first["text"]), ("user", "zzz qqq")]
    asked: dict[str, Any] = {"logprobs": True, "top_logprobs": 5, "max_tokens": 8, **SAMPLED}
    reused = engine.generate("tiny", chat(TINY, history), **asked)
    engine.generate("tiny", chat(TINY, [("user", "Hello")]))
    fresh = engine.generate("tiny", chat(TINY, history), **asked)
    assert reused["usage"]["prefilled_tokens"] < fresh["usage"]["prefilled_tokens"]
    prompt = reference.prompt_ids([("system", TINY), *history])
    assert compare(reference, prompt, fresh) == compare(reference, prompt, reused)

    end = [2, *reference.tokenizer.encode("\n").ids]
    at = next(
        i
        for i in range(len(prompt) - 1, 0, -1)
        if prompt[i : i + len(end)] == end
        and reference.tokenizer.decode(prompt[:i], False).endswith(first["text"])
    )
    reference.reset()
    without = reference.feed(prompt[:at] + prompt[at + len(end) :])
    # The likeliest token may stay as sure; the others tell the two prompts apart.
    told = [top["logprob"] for top in reused["logprobs"][0]["top"]]
    assert np.abs(np.sort(without)[::-1][: len(told)] - told).max() > TOLERANCE
