"""Token estimates stay above the real counts of the embedded models' tokenizers."""

from __future__ import annotations

import pytest
from sidelight.tokens import LARGE, STARTER, TINY

pytestmark = pytest.mark.unit

# Counted with the tokenizers in models/prebuilt: (text, starter, tiny).
COUNTED = [
    ("The bakery opened in 1931 and sells rye bread.", 18, 34),
    ("Volunteers bought the tower for 90,000 pounds in 2002.", 27, 33),
    ("今日は天気がいいです。公園に行きましょう。", 63, 63),
    ("Привет, как дела? Сегодня хорошая погода.", 69, 74),
    ('{"name": "add_todo", "arguments": {"text": "buy milk"}}', 20, 27),
]


@pytest.mark.parametrize(("text", "starter", "tiny"), COUNTED)
def test_estimates_err_on_the_high_side(text: str, starter: int, tiny: int) -> None:
    assert STARTER.estimate(text) >= starter
    assert TINY.estimate(text) >= tiny


def test_estimates_grow_with_the_text_and_stay_useful() -> None:
    text = "The light was turned off in 1994 because ships had moved on. " * 20
    assert STARTER.estimate(text + "x") >= STARTER.estimate(text)
    assert len(text) / 5 < LARGE.estimate(text) < STARTER.estimate(text) < len(text)
    assert LARGE.estimate("") == 0
