"""An approval that waits in another conversation is told of, also by what waits behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e

TOLD = "Another conversation waits for your decision."
BEHIND = "Waits for your decision in another chat"


def queue_behind(panel: Panel, turns: int, place: int = 1) -> str:
    """Ask something that has to wait; ``turns`` is the number of turns with it."""
    panel.box.fill("hello")
    panel.box.press("Enter")
    turn = panel.turn(turns)
    panel.emit(turn, {"type": "turn.status", "stage": "queued", "place": place})
    return turn


def test_after_the_panel_was_reopened(panel: Panel) -> None:
    """The request for approval came before this panel was there: only the attach can tell of it."""
    panel.approve_ask(panel.ask("add milk to my to-do list"))
    expect(panel.card).to_be_visible()
    panel.page.reload()
    expect(panel.card).to_be_visible()
    expect(panel.state).not_to_contain_text(TOLD)
    panel.button("New chat").click()
    expect(panel.state).to_contain_text(TOLD)
    queue_behind(panel, 2)
    expect(panel.answers).to_contain_text(BEHIND)
    panel.button("Open conversations").click()
    rows = panel.page.get_by_role("dialog", name="Conversations").get_by_role("listitem")
    expect(rows.filter(has_text="Waits for your decision")).to_have_count(1)
    expect(rows.filter(has_text="Waits for your decision")).to_contain_text("add milk")
    panel.page.keyboard.press("Escape")
    panel.state.get_by_role("button", name="Open").click()
    expect(panel.card).to_be_visible()
    expect(panel.state).not_to_contain_text(TOLD)
    panel.card.get_by_role("button", name="Deny").click()
    expect(panel.card).to_have_count(0)


def test_reopened_in_the_conversation_that_waits_behind_it(panel: Panel) -> None:
    """The attach of the open conversation does not bring it: the running one is looked at."""
    first = panel.ask("add milk")
    approval_id = panel.approve_ask(first)
    panel.button("New chat").click()
    queue_behind(panel, 2)
    panel.page.reload()
    expect(panel.asked).to_have_text("hello")
    expect(panel.state).to_contain_text(TOLD)
    expect(panel.answers).to_contain_text(BEHIND)
    decided = {"approval_id": approval_id, "decision": "deny", "decided_by": "timeout"}
    panel.emit(first, {"type": "turn.approval_decided", **decided})
    expect(panel.state).not_to_contain_text(TOLD)
    expect(panel.answers).to_contain_text("Waits for the answer in another chat")


def test_what_ended_while_the_connection_was_lost_waits_no_more(panel: Panel) -> None:
    first = panel.ask("add milk")
    panel.approve_ask(first)
    panel.button("New chat").click()
    expect(panel.state).to_contain_text(TOLD)
    panel.eval("fake.drop()")
    panel.eval("fake.approvals.clear()")
    panel.finish(first, "", status="stopped", usage=None)
    expect(panel.state).not_to_contain_text(TOLD)


def test_the_queue_says_what_is_ahead(panel: Panel) -> None:
    turn = queue_behind(panel, 1, place=1)
    expect(panel.answers).to_contain_text("Waits for the answer in another chat")
    panel.emit(turn, {"type": "turn.status", "stage": "queued", "place": 3})
    expect(panel.answers).to_contain_text("Waits for 3 answers in other chats")
