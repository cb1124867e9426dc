"""Which failures are worth a second run alone."""

from __future__ import annotations

from tools.test import MOST, to_repeat

E2E = "tests/e2e/test_chat.py::test_an_answer_streams"
UNIT = "tests/unit/test_labels.py::test_labels"


def test_a_few_in_a_browser_are_repeated() -> None:
    assert to_repeat([E2E]) == [E2E]
    assert to_repeat([E2E] * MOST) == [E2E] * MOST


def test_many_or_none_or_those_without_a_browser_are_not() -> None:
    assert to_repeat([]) == []
    assert to_repeat([E2E] * (MOST + 1)) == []
    assert to_repeat([UNIT]) == []
    assert to_repeat([E2E, UNIT]) == []
