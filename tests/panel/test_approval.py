"""The approval card: exact, denied by default, allowed by a real click only."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e


def decisions(panel: Panel) -> list[str]:
    return [body["decision"] for body in panel.requests("offscreen.decide_approval")]


def test_card_shows_the_exact_effect_and_deny_has_the_focus(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(
        turn,
        arguments={"text": "oil", "note": "x" * 3000},
        page={"tab_id": 7, "document_id": "doc-1", "origin": "https://harbour.example"},
    )
    expect(panel.card).to_contain_text("Add “oil” to your to-do list")
    expect(panel.card).to_contain_text("It is stored on this device.")
    expect(panel.card).to_contain_text("add_todo")
    expect(panel.card).to_contain_text("harbour.example")
    expect(panel.card).to_contain_text("change data")
    expect(panel.card).to_contain_text("x" * 3000)
    expect(panel.card).to_contain_text("3,003 characters")
    expect(panel.card).to_contain_text("Denied by itself in")
    expect(panel.card.get_by_role("button", name="Deny")).to_be_focused()
    assert panel.card.get_attribute("aria-modal") == "false"
    assert "Your decision is needed" in panel.page.locator("#announcer").inner_text()


def test_allow_by_click(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(turn)
    panel.card.get_by_role("button", name="Allow once").click()
    expect(panel.answers).to_contain_text("Allowed by you")
    expect(panel.card).to_have_count(0)
    assert decisions(panel) == ["allow"]
    call = {"tool_call_id": "call-1", "tool_name": "add_todo", "status": "ok", "text": "1. oil"}
    panel.emit(turn, {"type": "turn.tool_result", **call})
    expect(panel.answers).to_contain_text("done")
    expect(panel.box).to_be_focused()


def test_allow_waits_a_moment_and_wants_a_person(panel: Panel) -> None:
    """No script and no click meant for what was there before can allow."""
    turn = panel.ask("add oil")
    panel.approve_ask(turn)
    expect(panel.card).to_be_visible()
    allow = panel.card.get_by_role("button", name="Allow once")
    expect(allow).to_be_enabled()
    panel.eval("document.querySelector('button.allow').click()")
    panel.page.wait_for_timeout(100)
    assert decisions(panel) == []
    panel.card.get_by_role("button", name="Deny").click()
    expect(panel.answers).to_contain_text("Denied by you")
    assert decisions(panel) == ["deny"]


@pytest.mark.parametrize("key", ["Escape", "Enter", "Space"])
def test_keys_on_the_card_deny(panel: Panel, key: str) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(turn)
    expect(panel.card.get_by_role("button", name="Deny")).to_be_focused()
    panel.page.keyboard.press(key)
    expect(panel.answers).to_contain_text("Denied by you")
    assert decisions(panel) == ["deny"]
    assert panel.requests("offscreen.stop_turn") == [], "Escape on the card does not stop the turn"


def test_someone_typing_keeps_the_caret(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.box.fill("my next quest")
    panel.approve_ask(turn)
    expect(panel.card).to_be_visible()
    expect(panel.box).to_be_focused()
    panel.page.keyboard.type("ion")
    panel.page.keyboard.press("Enter")
    expect(panel.box).to_have_value("my next question")
    assert decisions(panel) == []


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("timeout", "Timed out: denied"),
        ("page_changed", "Page changed: denied"),
        ("stop", "Stopped: denied"),
    ],
)
def test_decided_elsewhere(panel: Panel, by: str, said: str) -> None:
    turn = panel.ask("add oil")
    approval_id = panel.approve_ask(turn)
    expect(panel.card).to_be_visible()
    decided = {"approval_id": approval_id, "decision": "deny", "decided_by": by}
    panel.emit(turn, {"type": "turn.approval_decided", **decided})
    expect(panel.answers).to_contain_text(said)
    expect(panel.card).to_have_count(0)


def test_time_runs_out_on_the_card(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(turn, timeout_s=1.5)
    expect(panel.card).to_contain_text("Time is up: denied")
    expect(panel.card.get_by_role("button", name="Allow once")).to_be_disabled()
    assert decisions(panel) == []


def test_decision_that_came_too_late_is_told(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(turn)
    panel.eval("fake.approvals.clear()")
    panel.card.get_by_role("button", name="Allow once").click()
    expect(panel.card).to_contain_text("This request is no longer waiting.")
    expect(panel.card.get_by_role("button", name="Allow once")).to_be_disabled()


def test_pending_card_is_shown_again_after_a_lost_connection(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.eval("fake.drop()")
    panel.approve_ask(turn)
    expect(panel.card).to_have_count(1)
    panel.eval("fake.drop()")
    panel.wait_requests("offscreen.attach", 3)
    expect(panel.card).to_have_count(1)
    panel.card.get_by_role("button", name="Deny").click()
    expect(panel.answers).to_contain_text("Denied by you")


def test_card_of_another_conversation_is_announced(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.button("New chat").click()
    expect(panel.asked).to_have_count(0)
    panel.approve_ask(turn)
    expect(panel.state).to_contain_text("Another conversation waits for your decision.")
    panel.state.get_by_role("button", name="Open").click()
    expect(panel.card).to_be_visible()
    panel.card.get_by_role("button", name="Deny").click()
    expect(panel.answers).to_contain_text("Denied by you")


def test_hostile_arguments_are_text(panel: Panel) -> None:
    bad = "<img src=x onerror=alert(1)>"
    turn = panel.ask("add oil")
    effect = {"title": bad, "detail": bad, "target_origin": bad}
    flags = {"reads": True, "writes": True, "sends": True, "runs_code": True}
    panel.approve_ask(turn, tool_name=bad, arguments={bad: bad}, effect={**effect, **flags})
    expect(panel.card).to_contain_text(bad)
    assert panel.page.locator("chat-log img").count() == 0


def test_what_was_denied_and_why_is_told_once(panel: Panel) -> None:
    turn = panel.ask("add oil")
    panel.approve_ask(turn)
    panel.card.get_by_role("button", name="Deny").click()
    told = {"tool_call_id": "call-1", "tool_name": "add_todo", "status": "denied"}
    panel.emit(turn, {"type": "turn.tool_result", **told, "text": "You did not allow it."})
    row = panel.answers.locator("tool-row")
    expect(row).to_contain_text("Denied by you. Not done: Add “oil” to your to-do list")
    row.get_by_text("add_todo").click()
    expect(row).not_to_contain_text("You did not allow it.")


@pytest.mark.parametrize("flag", ["reads", "sends"])
def test_the_site_is_not_said_to_be_here_when_it_is_not_known(panel: Panel, flag: str) -> None:
    turn = panel.ask("read it")
    flags = {"reads": False, "writes": False, "sends": False, "runs_code": False, flag: True}
    effect = {"title": "Do it", "detail": "", "target_origin": None, **flags}
    panel.approve_ask(turn, effect=effect)
    expect(panel.card).to_contain_text("It will")
    expect(panel.card).not_to_contain_text("stays in Sidelight")


def test_what_stays_here_is_said_to(panel: Panel) -> None:
    panel.approve_ask(panel.ask("add oil"))
    expect(panel.card).to_contain_text("stays in Sidelight")


def test_only_the_values_count_as_data(panel: Panel) -> None:
    arguments = {"text": "oil", "more": {"n": 12, "on": True}, "list": ["ab", None]}
    panel.approve_ask(panel.ask("add oil"), arguments=arguments)
    expect(panel.card).to_contain_text("15 characters")


@pytest.mark.parametrize("height", [445, 640])
def test_a_tall_card_shows_title_and_buttons_together(panel: Panel, height: int) -> None:
    panel.page.set_viewport_size({"width": 360, "height": height})
    panel.finish(panel.ask("hello"), "line\n\n" * 30)
    turn = panel.ask("add oil")
    panel.approve_ask(turn, arguments={"text": "x" * 3000, "note": "y\n" * 40})
    title = panel.card.get_by_role("heading")
    expect(panel.card).to_be_visible()
    panel.page.wait_for_timeout(300)
    log = panel.log.bounding_box()
    assert log
    for part in (title, *panel.card.get_by_role("button").all(), panel.card.locator(".left")):
        box = part.bounding_box()
        assert box and box["height"] > 10
        assert box["y"] >= log["y"] and box["y"] + box["height"] <= log["y"] + log["height"] + 1
    about = panel.card.get_by_role("group", name="What will be done")
    box = about.bounding_box()
    assert box and box["height"] > 30
    about.evaluate("e => { e.scrollTop = e.scrollHeight }")
    assert about.evaluate("e => e.scrollTop") > 100


GRANTABLE = {
    "title": "Read the page “Opening hours”",
    "detail": "",
    "target_origin": "https://harbour.example",
    "reads": True,
    "writes": False,
    "sends": False,
    "runs_code": False,
    "carries": ["page https://lamps.example", "tool list_todos"],
    "grantable": True,
}
HERE = "Allow for this chat on this site"


def test_the_card_says_what_was_read(panel: Panel) -> None:
    panel.approve_ask(panel.ask("read it"), effect=GRANTABLE)
    said = "What the assistant has read: page https://lamps.example and tool list_todos"
    expect(panel.card).to_contain_text(said)


def test_allow_for_the_chat_on_the_site(panel: Panel) -> None:
    panel.approve_ask(panel.ask("read it"), effect=GRANTABLE)
    here = panel.card.get_by_role("button", name=HERE)
    assert here.is_disabled(), "not under a click that was meant for something else"
    expect(here).to_be_enabled()
    panel.eval("document.querySelector('approval-card .here').click()")
    panel.page.wait_for_timeout(100)
    assert decisions(panel) == [], "no script allows"
    here.click()
    expect(panel.answers).to_contain_text("Allowed by you")
    sent = panel.requests("offscreen.decide_approval")[0]
    assert (sent["decision"], sent["scope"]) == ("allow", "chat_site")


def test_once_is_once(panel: Panel) -> None:
    panel.approve_ask(panel.ask("read it"), effect=GRANTABLE)
    panel.card.get_by_role("button", name="Allow once").click()
    expect(panel.answers).to_contain_text("Allowed by you")
    assert panel.requests("offscreen.decide_approval")[0]["scope"] == "once"


def test_no_wider_permission_where_the_table_gives_none(panel: Panel) -> None:
    panel.approve_ask(panel.ask("add oil"))
    expect(panel.card.get_by_role("button", name="Allow once")).to_be_enabled()
    expect(panel.card.get_by_role("button", name=HERE)).to_have_count(0)


def test_nothing_on_the_card_is_unseen_or_turned_around(panel: Panel) -> None:
    bad = "a\u202eb\u200bc\u3164d\U000e0041e\u0085f"
    effect = {**GRANTABLE, "title": bad, "detail": bad, "carries": [bad]}
    panel.approve_ask(panel.ask("x"), effect=effect, tool_name=bad, arguments={bad: bad})
    shown = "a\\u202eb\\u200bc\\u3164d\\u{e0041}e\\u0085f"
    for part in ("h3", ".detail", ".carries", "dl code", "pre"):
        expect(panel.card.locator(part)).to_contain_text(shown)
    label = panel.card.get_attribute("aria-labelledby")
    assert "\u202e" not in panel.page.locator(f"#{label}").inner_text()


@pytest.mark.parametrize("height", [445, 640])
def test_a_tall_card_with_three_buttons_fits(panel: Panel, height: int) -> None:
    panel.page.set_viewport_size({"width": 360, "height": height})
    effect = {**GRANTABLE, "title": "Read " * 40, "detail": "d " * 300}
    panel.approve_ask(panel.ask("read"), effect=effect, arguments={"text": "x" * 3000})
    expect(panel.card).to_be_visible()
    panel.page.wait_for_timeout(300)
    log = panel.log.bounding_box()
    assert log
    for part in panel.card.get_by_role("button").all():
        box = part.bounding_box()
        assert box and box["height"] > 10
        assert box["y"] >= log["y"] and box["y"] + box["height"] <= log["y"] + log["height"] + 1
