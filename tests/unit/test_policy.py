"""The policy is a table, closed by default."""

from __future__ import annotations

import pytest
from sidelight.effects import Effects, make_effect
from sidelight.policy import decide

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("tool", "effects", "decision"),
    [
        ("read_page", Effects(reads=True), "ask"),
        ("list_todos", Effects(reads=True), "allow"),
        ("add_todo", Effects(writes=True), "ask"),
        ("complete_todo", Effects(writes=True), "ask"),
        ("anything", Effects(reads=True), "ask"),
        ("anything", Effects(sends=True, runs_code=True), "ask"),
        ("anything", None, "deny"),
        ("list_todos", None, "deny"),
    ],
)
def test_verdicts(tool: str, effects: Effects | None, decision: str) -> None:
    verdict = decide(tool, effects)
    assert verdict.decision == decision
    assert verdict.reason.endswith(".")


def test_the_card_shows_no_invisible_text() -> None:
    effect = make_effect(Effects(writes=True), "Add", "Adds “a\u202eb\x00c”" + "x" * 9000)
    assert effect.detail.startswith("Adds “abc”")
    assert len(effect.detail) == 4000
    assert effect.writes and not effect.sends
