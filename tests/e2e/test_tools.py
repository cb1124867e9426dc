"""Tool calls that wait for the user: approved, denied, timed out, and what none of them can do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.assistant import Assistant
from tests.support.browser import Browser
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def page(shared_browser: Browser, site: Site) -> Page:
    page = shared_browser.context.new_page()
    page.goto(site.url("plain.html"))
    return page


@pytest.fixture(scope="module")
def panel(shared_browser: Browser, page: Page) -> Panel:
    return Panel(shared_browser.open_panel(page))


@pytest.fixture(scope="module")
def assistant(panel: Panel, page: Page, shared_browser: Browser) -> Assistant:
    client = Assistant(shared_browser)
    page.bring_to_front()
    return client


def todos(assistant: Assistant) -> list[str]:
    """The stored to-dos, read from the database without the assistant."""
    found = assistant.page.evaluate(
        """() => new Promise((resolve, reject) => {
          const open = indexedDB.open("sidelight");
          open.onerror = () => reject(open.error);
          open.onsuccess = () => {
            const all = open.result.transaction("todos").objectStore("todos").getAll();
            all.onsuccess = () => { open.result.close(); resolve(all.result.map((t) => t.text)); };
          };
        })"""
    )
    return list(found)


def tool_row(panel: Panel, number: int = 1) -> Any:
    return panel.answers.nth(number - 1).locator("tool-row")


def test_the_model_calls_a_tool_and_waits_for_approval(panel: Panel, assistant: Assistant) -> None:
    """The model itself decides on the tool: the request is plain words, the choice is auto."""
    panel.ask("add buy milk to my to-do list")
    card = panel.wait_card()
    expect(card).to_contain_text("add_todo")
    expect(card).to_contain_text("buy milk")
    assert todos(assistant) == [], "the effect ran before the click"
    panel.approve()
    assert panel.wait_answer(1) == "Done."
    assert todos(assistant) == ["buy milk"]
    expect(tool_row(panel)).to_contain_text("done")
    expect(panel.answers.nth(0)).to_contain_text("Allowed by you")


def test_a_denied_call_has_no_effect(panel: Panel, assistant: Assistant) -> None:
    before = todos(assistant)
    panel.new_chat()
    panel.ask("put call the dentist on my todo list")
    panel.deny()
    panel.wait_answer(1)
    expect(tool_row(panel)).to_contain_text("denied")
    expect(panel.answers.nth(0)).to_contain_text("Denied by you")
    assert todos(assistant) == before


def test_escape_denies(panel: Panel, assistant: Assistant) -> None:
    before = todos(assistant)
    panel.new_chat()
    panel.ask("add water the plants to my to-do list")
    panel.wait_card()
    panel.page.keyboard.press("Escape")
    panel.wait_answer(1)
    expect(tool_row(panel)).to_contain_text("denied")
    assert todos(assistant) == before


def test_a_call_required_through_the_grammar(panel: Panel, assistant: Assistant) -> None:
    """The tiny model knows no such tool: only the grammar makes it call."""
    before = todos(assistant)
    panel.new_chat()
    panel.choose_model("Tiny")
    panel.ask("/todo paint the fence")
    card = panel.wait_card()
    expect(card).to_contain_text("add_todo")
    panel.deny()
    panel.wait_answer(1)
    assert todos(assistant) == before
    panel.choose_model("Starter")


def test_without_a_decision_the_call_is_denied_in_time(panel: Panel, assistant: Assistant) -> None:
    before = todos(assistant)
    turn = assistant.run_turn(
        "add sell the boat to my to-do list", "starter", options={"approval_timeout_s": 1.5}
    )
    decided = assistant.wait_event(turn["turn_id"], "turn.approval_decided")
    assert decided["decision"] == "deny"
    assert decided["decided_by"] == "timeout"
    result = assistant.wait_event(turn["turn_id"], "turn.tool_result")
    assert result["status"] == "timed_out"
    finished = assistant.wait_event(turn["turn_id"], "turn.finished")
    assert finished["status"] == "completed"
    assert todos(assistant) == before


def test_the_page_is_read_after_approval_only(
    panel: Panel, assistant: Assistant, page: Page, site: Site
) -> None:
    """No page attached: the model asks to read it, and answers from what the tool brought."""
    panel.new_chat()
    panel.ask("/read")
    card = panel.wait_card()
    expect(card).to_contain_text("read_page")
    expect(card).to_contain_text(site.origin.removeprefix("http://"))
    panel.approve()
    answer = panel.wait_answer(1)
    expect(tool_row(panel)).to_contain_text("done")
    quoted = re.findall(r"\[\d+\] (.+)", answer)
    text = " ".join(page.locator("body").inner_text().split())
    assert quoted, answer
    assert [line for line in quoted if line not in text] == []


def test_a_panel_cannot_run_a_tool_by_itself(assistant: Assistant) -> None:
    """Effects are Python's requests alone; what Python may do is shown in tests/offscreen."""
    before = todos(assistant)
    reply = assistant.request(
        "offscreen.execute_tool",
        conversation_id="c-1",
        turn_id="t-1",
        tool_call_id="call-1",
        tool_name="add_todo",
        arguments={"text": "forged"},
        page=None,
        ticket_id="11111111-1111-4111-8111-111111111111",
    )
    assert reply["error"]["code"] == "unknown_request"
    assert todos(assistant) == before
