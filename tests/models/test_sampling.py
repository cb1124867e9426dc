"""Temperature, nucleus, bias and penalties: the kernels between logits and the chosen token.

Raw WebLLM with the packaged `tiny` on software WebGPU. Each setting's log-probabilities equal what
NumPy makes of the reference's logits, and a sampled token lies in the nucleus.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.models.alternatives import Alternatives, Scores
from tests.numerics.reference import Reference

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TOLERANCE = 1e-3
STEPS = 10
MESSAGES = [
    {"role": "system", "content": "You are a test model."},
    {"role": "user", "content": "river stone cloud"},
]

SETTINGS: list[dict[str, Any]] = [
    {"temperature": 1.0, "seed": 2},
    {"temperature": 0.6, "seed": 3},
    {"temperature": 1.7, "seed": 4},
    {"temperature": 1.4, "top_p": 0.5, "seed": 5},
    {"temperature": 1.4, "top_p": 0.05, "seed": 6},
    {"temperature": 1.0, "frequency_penalty": 1.5, "presence_penalty": 0.5, "seed": 7},
    {"temperature": 1.0, "repetition_penalty": 1.8, "seed": 8},
    {"temperature": 1.0, "logit_bias": {"300": 9.5, "301": -20.0, "7": 4.0}, "seed": 9},
]


@pytest.fixture(scope="module")
def loaded(page: Page) -> Page:
    request = {
        "model_path": "models/prebuilt/tiny",
        "library_path": "models/prebuilt/tiny/tiny.wasm",
        "context_window_tokens": 2048,
    }
    page.evaluate("(r) => checked.load(r)", request)
    return page


class Logits:
    """The reference's logits, which it reports as log-probabilities only.

    A row of zeros in the output layer has logit 0, so the others' logits are their distances to it.
    """

    def __init__(self) -> None:
        self.reference = Reference.of("tiny")
        head = self.reference.weights["head.weight"]
        self.reference.weights["head.weight"] = np.vstack([head, np.zeros_like(head[:1])])

    def feed(self, ids: list[int]) -> Scores:
        """Logits of the token after `ids`, [vocabulary]."""
        scores = self.reference.feed(ids)
        return np.asarray(scores[:-1] - scores[-1])


def processed(logits: Scores, seen: Counter[int], setting: dict[str, Any]) -> Scores:
    """Log-probabilities after bias, penalties and temperature, in the engine's order."""
    logits = logits.copy()
    for token, bias in setting.get("logit_bias", {}).items():
        logits[int(token)] += bias
    for token, count in seen.items():
        logits[token] -= setting.get("presence_penalty", 0.0)
        logits[token] -= count * setting.get("frequency_penalty", 0.0)
        repetition = setting.get("repetition_penalty", 1.0)
        logits[token] *= repetition if logits[token] < 0 else 1 / repetition
    logits /= max(setting["temperature"], 1e-6)
    logits -= logits.max()
    return np.asarray(logits - np.log(np.exp(logits).sum()))


def nucleus(scores: Scores, top_p: float) -> set[int]:
    """The most probable tokens whose mass first reaches top_p."""
    order = np.argsort(-scores, kind="stable")
    mass = np.cumsum(np.exp(scores[order]))
    return set(order[: int(np.searchsorted(mass, top_p)) + 1].tolist())


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_settings_change_probabilities_as_numpy_does(loaded: Page, setting: dict[str, Any]) -> None:
    source = Logits()
    reference = source.reference
    ask = {"messages": MESSAGES, "max_tokens": STEPS, "sampling": setting}
    told = loaded.evaluate("(r) => checked.generate(r)", ask)
    prompt = reference.prompt_ids([(m["role"], m["content"]) for m in MESSAGES])
    assert told["prompt_tokens"] == len(prompt)
    alternatives = Alternatives(reference.tokenizer)
    seen: Counter[int] = Counter()
    logits = source.feed(prompt)
    for step in told["steps"]:
        expected = processed(logits, seen, setting)
        assert alternatives.worst(step, expected) <= TOLERANCE, (step, expected.max())
        token, distance = alternatives.nearest(step, expected)
        assert distance <= TOLERANCE
        assert token in nucleus(expected, min(1.0, setting.get("top_p", 1.0) + 1e-4))
        seen[token] += 1
        logits = source.feed([token])
    assert len(told["steps"]) == STEPS
