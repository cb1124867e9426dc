"""The stored message is the fold of its events: order and decisions are kept."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from sidelight import contract

from tests.panel.support import HERE
from tests.panel.turns import MIXED, MIXED_TEXT, block, called, finished

pytestmark = pytest.mark.unit


def fold(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The message, accepted by the contract."""
    done = subprocess.run(
        ["node", str(HERE / "fold.mjs")],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
    )
    message: dict[str, Any] = json.loads(done.stdout)
    contract.StoredMessage.model_validate(message, strict=True)
    return message


def told(item: dict[str, Any]) -> str:
    """One item in short."""
    if item["kind"] == "tool":
        decision = (item["decision"] or {}).get("decided_by")
        status = (item["result"] or {}).get("status")
        return f"{item['call']['tool_call_id']} {decision} {status}"
    if item["kind"] == "notice":
        return f"notice {item['notice']['code']}"
    return f"{item['kind']} {item['text']}"


def test_items_keep_their_order_and_decisions() -> None:
    message = fold([*MIXED, finished()])
    assert [told(item) for item in message["items"]] == [
        "text First I add **oil**.",
        "oil user ok",
        "thinking Let me see what else.",
        "text Then wicks.",
        "wicks user denied",
        "notice cut",
        "rope timeout timed_out",
        "text Only oil is on the list.",
    ]
    assert [i["decision"]["decision"] for i in message["items"] if i["kind"] == "tool"] == [
        "allow",
        "deny",
        "deny",
    ]
    assert message["text"] == MIXED_TEXT
    assert message["status"] == "complete"
    assert all(item.get("done", True) for item in message["items"])


def test_a_draft_has_what_arrived_so_far() -> None:
    message = fold(MIXED[:5])
    assert [told(item) for item in message["items"]] == [
        "text First I add **oil**.",
        "oil None None",
    ]
    assert message["items"][1]["approval"]["approval_id"] == "approval-oil"
    assert message["text"] == "First I add **oil**."


def test_nothing_is_kept_twice() -> None:
    """A tool may bring a whole page: it is stored once."""
    page = "page " * 50
    message = fold([*called("read", "allow", "user", {"status": "ok", "text": page}), finished("")])
    assert json.dumps(message).count(page) == 1


def test_an_approval_before_its_call_is_the_same_item() -> None:
    call, asked, decided, result = called("oil", "allow", "user", {"status": "ok", "text": ""})
    message = fold([asked, call, decided, result])
    assert [told(item) for item in message["items"]] == ["oil user ok"]


def test_what_was_stored_counts_when_the_stream_was_different() -> None:
    message = fold([*block(0, "Streamed."), finished("Said otherwise.")])
    assert [told(item) for item in message["items"]] == ["text Said otherwise."]
    assert message["text"] == "Said otherwise."


def test_a_stopped_turn_keeps_its_text() -> None:
    message = fold([*block(0, "Half of"), finished("", status="stopped")])
    assert [told(item) for item in message["items"]] == ["text Half of"]
    assert (message["text"], message["status"]) == ("Half of", "stopped")
