"""What a click covers: once, or this chat on this site; and what the card says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    command = ["node", "tests/offscreen/approvals.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_grant_covers_one_tool_in_one_chat_on_one_site(found: dict[str, Any]) -> None:
    """[who decided, whether there was a ticket]"""
    waits, granted = ["waits", False], ["grant", True]
    assert found["results"] == {
        "before": waits,
        "granting": ["user", True],
        "again": granted,
        "new_document": granted,
        "other_site": waits,
        "other_chat": waits,
        "other_receiver": waits,
        "no_page": waits,
        "policy_withholds": waits,
        "local_grant": ["not_grantable", False],
        "local_asks": waits,
        "local_at_once": ["policy", True],
        "after_deletion": waits,
    }


def test_each_decision_is_told_once(found: dict[str, Any]) -> None:
    assert len(found["decided"]) == len(found["results"])
    assert found["decided"][:3] == [
        "read_page deny user",
        "read_page allow user",
        "read_page allow grant",
    ]


def test_the_card_tells_the_effect_and_not_what_python_says(found: dict[str, Any]) -> None:
    reading, adding = found["effects"]["read_page"], found["effects"]["add_todo"]
    assert reading["title"] == "Read this page"
    assert "https://a.example" in reading["detail"]
    assert "the model at host.example" in reading["detail"]
    assert (reading["reads"], reading["undoable"], reading["grantable"]) == (True, False, True)
    assert reading["carries"] == ["the page a.example"]
    assert adding["detail"].endswith("“a�b�c�d�e”"), "invisible characters are marked"
    assert (adding["writes"], adding["undoable"], adding["grantable"]) == (True, True, False)


def test_an_unknown_tool_can_neither_be_granted_nor_run_at_once(found: dict[str, Any]) -> None:
    for name in ("unknown", "inherited"):
        effect = found["effects"][name]
        assert (effect["grantable"], effect["undoable"]) == (False, False), name


def test_only_what_can_be_undone_or_was_attached_needs_no_card(found: dict[str, Any]) -> None:
    wanted = {"adding_undone", "reading_attached"}
    assert {name for name, allowed in found["at_once"].items() if allowed} == wanted
    assert len(found["at_once"]) == 7
