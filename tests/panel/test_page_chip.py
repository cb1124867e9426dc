"""The page chip: what will be read is shown, and only what the user chose is attached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e

OTHER_SITE = {
    "title": "Another site",
    "host": "other.example",
    "page": {"tab_id": 7, "document_id": "doc-9", "origin": "https://other.example"},
}
SAME_SITE = {
    "state": "changed",
    "title": "The next article",
    "page": {"tab_id": 7, "document_id": "doc-2", "origin": "https://harbour.example"},
}


def set_page(panel: Panel, page: dict[str, Any]) -> None:
    panel.eval("p => fake.setPage(p)", page)


def refs(panel: Panel, turn: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel.requests("offscreen.run_turn")[turn]["context_refs"]
    return found


def test_off_until_chosen_then_remembered(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    expect(chip).to_contain_text("How lighthouses were lit")
    expect(chip).to_contain_text("Not attached · harbour.example")
    panel.finish(panel.ask("Without"), "ok")
    assert refs(panel, 0) == []
    chip.get_by_role("button", name="Attach this page", pressed=False).click()
    expect(chip).to_contain_text("Will be read · harbour.example")
    panel.finish(panel.ask("With"), "ok")
    (ref,) = refs(panel, 1)
    assert ref["kind"] == "page" and ref["page"]["document_id"] == "doc-1"
    assert panel.requests("background.page_state")[-1]["read_document_id"] == "doc-1"
    panel.page.reload()
    expect(chip).to_contain_text("Will be read")
    chip.get_by_role("button", pressed=True).click()
    panel.button("New chat").click()
    expect(chip).to_contain_text("Not attached")


def test_choice_does_not_follow_to_another_site(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    chip.get_by_role("button", name="Attach this page", pressed=False).click()
    expect(chip).to_contain_text("Will be read")
    set_page(panel, OTHER_SITE)
    expect(chip).to_contain_text("Not attached · other.example")
    panel.ask("Question")
    assert refs(panel, 0) == []


def test_changed_page_says_so(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    panel.finish(panel.ask("/page One"), "ok")
    chip.get_by_role("button", pressed=True).click()
    set_page(panel, SAME_SITE)
    expect(chip).to_contain_text("The next article")
    expect(chip).to_contain_text("Changed since it was read")
    chip.get_by_role("button", name="Attach this page", pressed=False).click()
    expect(chip).to_contain_text("Changed, will be read again")
    panel.ask("Two")
    assert refs(panel, 1)[0]["page"]["document_id"] == "doc-2"


def test_needs_a_click_says_what_to_do(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    set_page(
        panel,
        {
            "state": "needs_click",
            "reason": "Sidelight reads a page only after you click it there.",
            "hint": "Click Sidelight's icon in the toolbar. Until then nothing is known.",
            "page": None,
            "can_request_origin": False,
        },
    )
    expect(chip).to_contain_text("Needs a click")
    expect(chip.get_by_text("Click Sidelight's icon in the toolbar.")).to_be_visible()
    expect(chip.get_by_role("button")).to_have_count(0)
    chip.get_by_text("Needs a click").click()
    expect(chip.get_by_text("Sidelight reads a page only after you click it")).to_be_visible()
    panel.box.fill("/page Who?")
    panel.box.press("Enter")
    expect(panel.page.get_by_text("The page cannot be attached.")).to_be_visible()
    expect(panel.box).to_have_value("/page Who?")
    assert panel.requests("offscreen.run_turn") == []


@pytest.mark.parametrize("granted", [True, False])
def test_always_on_this_site_asks_inside_the_click(panel: Panel, granted: bool) -> None:
    """The browser grants only during a gesture: nothing may be awaited before the request."""
    chip = panel.page.get_by_role("group", name="Page")
    set_page(panel, {"state": "needs_click", "page": None, "can_request_origin": True})
    panel.eval("g => { fake.grant = g }", granted)
    asked_before = len(panel.requests("background.page_state"))
    chip.get_by_role("button", name="Always on this site").click()
    panel.wait_requests("background.page_state", asked_before + 1)
    (call,) = panel.eval("fake.permission_calls")
    assert call == {"what": {"origins": ["*://harbour.example/*"]}, "gesture": True}
    if not granted:
        expect(chip).to_contain_text("Not granted")


def test_unreadable_page_says_why(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    why = {"reason": "The browser guards its own pages.", "hint": "Open a web page."}
    set_page(panel, {"state": "unreadable", "page": None, "host": "", **why})
    expect(chip).to_contain_text("Cannot be read")
    expect(chip.get_by_text("The browser guards its own pages.")).to_be_visible()
    expect(panel.button("Summarize this page")).to_be_disabled()


def test_other_windows_tabs_are_not_ours(panel: Panel) -> None:
    panel.wait("fake.lastRequest('background.page_state')")
    before = len(panel.requests("background.page_state"))
    panel.eval("fake.broadcast({type: 'panel.page_changed', window_id: 99})")
    panel.page.wait_for_timeout(50)
    assert len(panel.requests("background.page_state")) == before


def test_suggestions_act(start: Callable[..., Panel]) -> None:
    panel = start()
    expect(panel.page.get_by_role("main")).to_contain_text("Very small (5.8 million parameters)")
    panel.button("What does this page say about").click()
    expect(panel.box).to_have_value("/page What does this page say about ")
    panel.button("Add something to my to-do list").click()
    expect(panel.box).to_have_value("/todo ")
    panel.box.fill("")
    panel.button("Summarize this page").click()
    sent = panel.wait_requests("offscreen.run_turn", 1)[0]
    assert sent["text"] == "Summarize this page."
    assert sent["context_refs"][0]["page"]["origin"] == "https://harbour.example"
    expect(panel.page.get_by_role("group", name="Page")).to_contain_text("Will be read")


def test_hostile_titles_are_text(panel: Panel) -> None:
    bad = "<img src=x onerror=alert(1)>"
    set_page(panel, {"title": bad, "host": bad})
    expect(panel.page.get_by_role("group", name="Page")).to_contain_text(bad)
    assert panel.page.locator("footer img, main img").count() == 0


def test_the_chip_names_what_pressing_does(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    chip.get_by_role("button", name="Attach this page to the next message", pressed=False).click()
    off = chip.get_by_role("button", name="Do not attach this page", pressed=True)
    expect(off).to_be_visible()
    expect(chip.get_by_role("button", name="Attach this page to the next message")).to_have_count(0)
    off.click()
    expect(chip.get_by_role("button", name="Attach this page", pressed=False)).to_be_visible()


def test_why_a_page_cannot_be_read_is_told_once(panel: Panel) -> None:
    chip = panel.page.get_by_role("group", name="Page")
    why = {"reason": "The browser guards its own pages.", "hint": "Open a web page."}
    set_page(panel, {"state": "unreadable", "page": None, "host": "", **why})
    expect(chip).to_contain_text("Cannot be read")
    panel.box.fill("/page Who?")
    panel.box.press("Enter")
    expect(panel.page.get_by_text("The page cannot be attached.")).to_be_visible()
    for words in why.values():
        expect(panel.page.get_by_text(words)).to_have_count(1)
        expect(panel.page.get_by_text(words)).to_be_visible()
    set_page(panel, {"title": "Another title"})
    panel.page.wait_for_timeout(50)
    expect(chip.get_by_text("Open a web page.")).to_be_visible()
