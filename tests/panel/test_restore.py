"""What is opened again: the answer as it was seen, or why it could not be opened."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from sidelight import contract

from tests.panel.driver import USAGE, Panel
from tests.panel.test_composer import HANDOFF
from tests.panel.turns import MIXED, block, called, finished

pytestmark = pytest.mark.e2e

#: What is visible of the messages: each element with its attributes, and the words.
DRAWN = """(() => {
  const lines = [];
  const draw = (node, depth) => {
    if (node.hidden) return;
    const attributes = [...(node.attributes ?? [])].map((a) => `${a.name}=${a.value}`).sort();
    lines.push([depth, node.localName ?? node.data, ...attributes].join(" "));
    for (const child of node.childNodes) draw(child, depth + 1);
  };
  for (const bubble of document.querySelectorAll("message-bubble")) draw(bubble, 0);
  return lines;
})()"""
BROKEN = {
    "code": "storage_failed",
    "message": "The disk is full.",
    "hint": "Free some disk space and try again.",
    "retryable": True,
}
FAIL = f"fake.failing['offscreen.attach'] = {json.dumps(BROKEN)}"


def live(panel: Panel, events: list[dict[str, Any]]) -> list[str]:
    """Ask, run the turn, and give what is drawn at its end."""
    turn = panel.ask("add oil and wicks")
    for event in events:
        panel.emit(turn, event)
    expect(panel.answers).to_have_attribute("aria-busy", "false")
    panel.page.wait_for_timeout(100)  # what is left of the last frame
    drawn: list[str] = panel.eval(DRAWN)
    return drawn


@pytest.mark.parametrize(
    "events",
    [
        [*MIXED, finished(usage=USAGE)],
        [*block(0, "Half of the"), *MIXED[3:6], finished("", status="stopped")],
        [*MIXED[:7], finished("", status="failed", error=BROKEN)],
        [*called("oil", "deny", "page_changed", {"status": "denied", "text": "no"}), finished("")],
        [*block(0, "Streamed."), *MIXED[3:7], finished("Said otherwise.")],
    ],
    ids=["mixed", "stopped", "failed", "page-changed", "other-text"],
)
def test_a_restored_answer_looks_as_it_did(panel: Panel, events: list[dict[str, Any]]) -> None:
    before = live(panel, events)
    stored = panel.eval("[...fake.conversations.values()][0]")
    contract.Conversation.model_validate(stored)
    panel.page.reload()
    expect(panel.answers).to_have_count(1)
    panel.page.wait_for_timeout(100)
    assert panel.eval(DRAWN) == before


def test_a_draft_of_a_crashed_turn_has_its_order(panel: Panel) -> None:
    """The tab died in mid-answer: nothing of it runs any more, what arrived stands as it came."""
    turn = panel.ask("add oil")
    for event in MIXED[:-1]:
        panel.emit(turn, event)
    panel.eval(
        """t => { const turn = fake.turns.get(t); turn.answer.status = "stopped";
        turn.answer.notices = [{type: "turn.notice", code: "interrupted", message: "It closed."}];
        fake.turns.delete(t); fake.keep() }""",
        turn,
    )
    panel.page.reload()
    expect(panel.answers).to_contain_text("Only oil")
    words = panel.answers.inner_text()
    order = ["First I add", "Allowed by you", "Then wicks", "Denied by you", "left out"]
    order += ["Timed out: denied", "Only oil", "It closed.", "Stopped."]
    places = [words.find(part) for part in order]
    assert places == sorted(places) and places[0] >= 0, words
    expect(panel.answers.locator(".open")).to_have_count(0)


def test_messages_of_the_first_version_open(panel: Panel) -> None:
    """Stored without ``items``: texts, tools and notices apart."""
    turn = panel.ask("add oil")
    panel.finish(turn, "Done.")
    call = {"tool_call_id": "c1", "tool_name": "add_todo"}
    old = {
        "text": "Done.",
        "thinking": "Let me see.",
        "thinking_blocks": [0],
        "tools": [{"type": "turn.tool_call", **call, "arguments": {"text": "oil"}}],
        "tool_results": [{"type": "turn.tool_result", **call, "status": "ok", "text": "1. oil"}],
        "notices": [{"type": "turn.notice", "code": "cut", "message": "The end was left out."}],
    }
    panel.eval(
        """([t, old]) => { const { answer } = fake.turns.get(t); delete answer.items;
        Object.assign(answer, old); fake.keep() }""",
        [turn, old],
    )
    contract.Conversation.model_validate(panel.eval("[...fake.conversations.values()][0]"))
    panel.page.reload()
    expect(panel.answers.locator(".thinking")).to_contain_text("Thoughts")
    expect(panel.answers.locator("tool-row")).to_contain_text("done")
    expect(panel.answers.locator("tool-row")).to_contain_text("1. oil")
    expect(panel.answers).to_contain_text("The end was left out.")
    panel.expect_words("Done.")


def two_conversations(panel: Panel) -> None:
    """The first one has an answer and a draft; the second one is open."""
    panel.finish(panel.ask("First question"), "First answer")
    panel.box.fill("half a thought")
    panel.button("New chat").click()
    expect(panel.answers).to_have_count(0)
    panel.finish(panel.ask("Second question"), "Second answer")


def open_first(panel: Panel) -> None:
    panel.button("Open conversations").click()
    panel.page.get_by_role("button", name="First question").first.click()


def test_a_conversation_that_cannot_be_opened_says_so(panel: Panel) -> None:
    two_conversations(panel)
    panel.eval(FAIL)
    open_first(panel)
    alert = panel.page.get_by_role("alert")
    expect(alert).to_contain_text("This conversation could not be opened.")
    expect(alert).to_contain_text("The disk is full.")
    expect(alert).to_contain_text("Free some disk space and try again.")
    expect(panel.page.get_by_text("Ask about the page beside you.")).to_have_count(0)
    expect(panel.box).to_have_value("half a thought")
    # What is sent now would not know what it follows.
    panel.box.press("Enter")
    expect(panel.page.locator("chat-composer")).to_contain_text("your text stays here")
    expect(panel.box).to_have_value("half a thought")
    assert len(panel.requests("offscreen.run_turn")) == 2
    # Again in vain, then with success.
    asked = len(panel.requests("offscreen.attach"))
    alert.get_by_role("button", name="Try again").click()
    panel.wait_requests("offscreen.attach", asked + 1)
    expect(alert).to_contain_text("The disk is full.")
    panel.eval("fake.failing = {}")
    alert.get_by_role("button", name="Try again").click()
    panel.expect_words("First answer")
    expect(alert).to_have_count(0)
    expect(panel.box).to_have_value("half a thought")
    panel.box.press("Enter")
    panel.turn(3)
    sent = panel.requests("offscreen.run_turn")
    assert sent[2]["parent_id"] == f"m-{sent[0]['turn_id']}-a"


def test_a_failed_conversation_can_be_left(panel: Panel) -> None:
    two_conversations(panel)
    panel.eval(FAIL)
    open_first(panel)
    expect(panel.page.get_by_role("alert")).to_be_visible()
    panel.button("New chat").click()
    expect(panel.page.get_by_text("Ask about the page beside you.")).to_be_visible()
    expect(panel.page.get_by_role("alert")).to_have_count(0)
    panel.eval("fake.failing = {}")
    panel.finish(panel.ask("Third question"), "Third answer")
    panel.expect_words("Third answer")


def test_the_first_conversation_of_a_panel_may_fail_too(start: Callable[..., Panel]) -> None:
    first = start()
    two_conversations(first)
    first.page.add_init_script(
        "let f; Object.defineProperty(globalThis, 'fake', {get: () => f, set(fake) { f = fake;"
        f"{FAIL} }}}})"
    )
    first.page.reload()
    alert = first.page.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("The disk is full.")
    # At once, as the panel also tries by itself.
    press = "document.querySelector('empty-state panel-notice button').click()"
    first.eval(f"(() => {{ fake.failing = {{}}; {press} }})()")
    first.expect_words("Second answer")
    expect(first.state).not_to_contain_text("reconnecting")


def test_storage_that_never_answers_is_told(start: Callable[..., Panel]) -> None:
    panel = start()
    two_conversations(panel)
    late = {"code": "timeout", "message": "No answer within 15 s.", "hint": "Try again."}
    late_json = json.dumps({**late, "retryable": True})
    panel.eval(f"fake.failing['offscreen.attach'] = {late_json}")
    open_first(panel)
    expect(panel.page.get_by_role("alert")).to_contain_text("No answer within 15 s.")


def test_a_handoff_does_not_wait_for_a_failed_conversation(panel: Panel) -> None:
    two_conversations(panel)
    panel.eval(FAIL)
    open_first(panel)
    expect(panel.page.get_by_role("alert")).to_be_visible()
    panel.eval("h => { fake.failing = {}; fake.handoff = h; }", HANDOFF)
    panel.eval("fake.broadcast({type: 'panel.handoff_ready', window_id: 1})")
    panel.wait_requests("offscreen.run_turn", 3)
    expect(panel.asked).to_contain_text("Summarize the selection.")
