"""What was sent, what was decided, and taking a change back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import get_args

import pytest
from playwright.sync_api import expect
from sidelight import contract

from tests.panel import trust
from tests.panel.driver import Panel
from tests.panel.test_privacy import opened

pytestmark = pytest.mark.e2e
BAD = "<img src=x onerror=alert(1)>\u202e"
SHOWN = "<img src=x onerror=alert(1)>\\u202e"


def ledger(*entries: dict[str, object]) -> str:
    return f"fake.ledger = {trust.js(list(entries))};"


def history(*decisions: dict[str, object]) -> str:
    return f"fake.decisions = {trust.js(list(decisions))};"


def test_nothing_has_left(panel: Panel) -> None:
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    expect(view).to_contain_text("Nothing has left this device.")
    expect(view.get_by_role("button", name="Clear")).to_have_count(0)
    view.get_by_role("tab", name="Decisions").click()
    expect(view).to_contain_text("No decisions yet.")


def test_what_was_sent_newest_first_by_day(start: Callable[..., Panel]) -> None:
    now = time.time() * 1000
    panel = start(
        ledger(
            trust.sent("old", now - 24 * trust.HOUR_MS, host="old.example", status="refused"),
            trust.sent("new", now, detail="stopped by you", status="cancelled"),
        )
    )
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    days = view.locator(".days h3")
    expect(days).to_have_text(["today", "yesterday"])
    first = view.get_by_role("list", name="today").get_by_role("listitem")
    expect(first).to_contain_text("127.0.0.1:11434")
    expect(first).to_contain_text("Answer a message")
    expect(first).to_contain_text("12.3 kB out, 2.1 kB in · asked by the chat")
    expect(first).to_contain_text("stopped: stopped by you")
    expect(view.get_by_role("list", name="yesterday")).to_contain_text("refused, nothing sent")


def test_sent_is_live(panel: Panel) -> None:
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    expect(view).to_contain_text("Nothing has left this device.")
    panel.eval(
        "e => { fake.ledger = [e]; fake.notify({type: 'panel.ledger_changed'}) }",
        trust.sent("l-1", time.time() * 1000, status="open"),
    )
    expect(view).to_contain_text("under way")
    panel.eval("fake.ledger[0].status = 'done'; fake.notify({type: 'panel.ledger_changed'})")
    expect(view.locator("li .outcome")).to_have_text(["done"])


def test_clear_asks_first(start: Callable[..., Panel]) -> None:
    panel = start(ledger(trust.sent("l-1", time.time() * 1000)))
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    view.get_by_role("button", name="Clear").click()
    asked = view.get_by_role("alertdialog")
    expect(asked.get_by_role("button", name="Keep")).to_be_focused()
    panel.page.keyboard.press("Enter")
    expect(view.get_by_role("button", name="Clear")).to_be_focused()
    assert panel.requests("offscreen.clear_ledger") == []
    view.get_by_role("button", name="Clear").click()
    asked.get_by_role("button", name="Delete the list").click()
    expect(view).to_contain_text("Nothing has left this device.")
    assert len(panel.requests("offscreen.clear_ledger")) == 1


def test_a_list_that_cannot_be_read_says_so(panel: Panel) -> None:
    error = "{code: 'x', message: 'The store is locked.', hint: 'Try again.', retryable: true}"
    panel.eval(f"fake.failing['offscreen.list_ledger'] = {error}")
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    expect(view.get_by_role("alert")).to_contain_text("The store is locked.")
    expect(view).not_to_contain_text("Nothing has left")
    panel.eval("fake.failing = {}")
    view.get_by_role("button", name="Try again").click()
    expect(view).to_contain_text("Nothing has left this device.")


def test_long_lists_come_in_steps(start: Callable[..., Panel]) -> None:
    now = time.time() * 1000
    panel = start(ledger(*(trust.sent(f"l-{i}", now - i) for i in range(250))))
    view = opened(panel)
    view.get_by_role("tab", name="Sent").click()
    expect(view.locator(".days li")).to_have_count(100)
    view.get_by_role("button", name="Show 150 more").click()
    expect(view.locator(".days li")).to_have_count(250)


def test_decisions_tell_what_where_how_and_what_came_of_it(start: Callable[..., Panel]) -> None:
    now = time.time() * 1000
    denied = trust.decision(
        "a-2",
        now - 1000,
        title="Send 5 characters",
        target_origin="https://api.example",
        decision="deny",
        decided_by="page_changed",
        outcome="not_run",
        undo="none",
    )
    panel = start(history(trust.decision("a-1", now), denied))
    view = opened(panel)
    view.get_by_role("tab", name="Decisions").click()
    rows = view.locator(".days li")
    expect(rows.nth(0)).to_contain_text("Add “oil” to your to-do list")
    expect(rows.nth(0)).to_contain_text("Allowed by you · done")
    expect(rows.nth(1)).to_contain_text("add_todo · api.example")
    expect(rows.nth(1)).to_contain_text("Page changed: denied · not done")
    expect(rows.nth(1).get_by_role("button")).to_have_count(0)
    rows.nth(0).get_by_role("button", name="Undo: Add “oil”").click()
    expect(rows.nth(0)).to_contain_text("Allowed by you; undone")
    expect(rows.nth(0).get_by_role("button")).to_have_count(0)
    expect(view.get_by_role("tab", name="Decisions")).to_be_focused()
    assert panel.requests("offscreen.undo_decision") == [
        {"type": "offscreen.undo_decision", "approval_id": "a-1"}
    ]


def test_each_way_of_deciding_has_words(start: Callable[..., Panel]) -> None:
    ways = get_args(contract.Decision.model_fields["decided_by"].annotation)
    assert {"user", "grant", "policy"} <= set(ways)
    now = time.time() * 1000
    decisions = [
        trust.decision(f"{way}-{decision}", now, decided_by=way, decision=decision, undo="none")
        for way in ways
        for decision in ("allow", "deny")
    ]
    panel = start(history(*decisions))
    view = opened(panel)
    view.get_by_role("tab", name="Decisions").click()
    lines = view.locator(".days .decision")
    expect(lines).to_have_count(len(decisions))
    said = lines.all_inner_texts()
    assert not [line for line in said if "undefined" in line], said
    assert not [line for line in said if not re.match(r"(Allowed|Denied|Done|.*: denied)", line)]


def test_an_undo_that_fails_is_told_in_its_row(start: Callable[..., Panel]) -> None:
    panel = start(history(trust.decision("a-1", time.time() * 1000)))
    view = opened(panel)
    view.get_by_role("tab", name="Decisions").click()
    panel.eval("fake.decisions[0].undo = 'none'")
    view.get_by_role("button", name="Undo").click()
    expect(view.locator(".days li")).to_contain_text("This can no longer be undone.")


def test_hostile_entries_are_text(start: Callable[..., Panel]) -> None:
    now = time.time() * 1000
    panel = start(
        ledger(trust.sent("l", now, host=BAD, purpose=BAD, asked_by=BAD, detail=BAD))
        + history(trust.decision("a", now, title=BAD, detail=BAD, tool_name=BAD, target_origin=BAD))
    )
    view = opened(panel)
    for tab in ("Sent", "Decisions"):
        view.get_by_role("tab", name=tab).click()
        expect(view.get_by_role("tabpanel")).to_contain_text(SHOWN)
        assert "\u202e" not in view.inner_text()
    assert panel.page.locator("img").count() == 0


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("user", "Allowed by you"),
        ("grant", "Allowed by an earlier choice"),
        ("policy", "Done at once; can be undone"),
    ],
)
def test_a_tools_row_tells_how_and_takes_back(panel: Panel, by: str, said: str) -> None:
    turn = panel.ask("add oil")
    panel.decided(turn, by)
    row = panel.answers.locator("tool-row")
    expect(row.locator(".decision")).to_have_text(said)
    row.get_by_role("button", name="Undo: Add “oil” to your to-do list").press("Enter")
    expect(row.locator(".decision")).to_contain_text("undone")
    expect(row.locator("summary")).to_be_focused()
    expect(row.get_by_role("button")).to_have_count(0)
    assert "Undone" in panel.page.locator("#announcer").inner_text()


def test_a_row_without_undo(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.decided(turn, "policy", undo="none")
    row = panel.answers.locator("tool-row")
    expect(row.locator(".decision")).to_have_text("Done at once")
    expect(row.get_by_role("button")).to_have_count(0)


def test_malformed_messages_change_nothing(panel: Panel) -> None:
    """Nothing half-right is shown, and later messages still work."""
    before = len(panel.requests("offscreen.list_decisions"))
    bad = [
        "{type: 'panel.app_state', app: {engine: {state: 'on fire'}}}",
        "{type: 'panel.app_state'}",
        "{type: 'panel.turn_events', conversation_id: 1, turn_id: 2, events: 3}",
        "{type: 'panel.decisions_changed', more: 1}",
        "{type: 'constructor'}",
        "{type: 'panel.unknown'}",
        "{type: 5}",
        "null",
        "'panel.ledger_changed'",
    ]
    for body in bad:
        panel.eval(f"fake.notify({body})")
    level = "{...fake.settings, level: 'everything'}"
    panel.eval(
        "[...fake.broadcasts.get('panel.settings_changed')].forEach("
        f"f => f({{type: 'panel.settings_changed', settings: {level}}}))"
    )
    panel.page.wait_for_timeout(100)
    expect(panel.button("Nothing leaves this device")).to_be_visible()
    assert len(panel.requests("offscreen.list_decisions")) == before
    turn = panel.ask("hello")
    panel.finish(turn, "Hi")
    panel.expect_words("Hi")
