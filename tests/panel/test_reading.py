"""What is read: the exact text, its share, what was left out; what is chosen is what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e


def opened(panel: Panel) -> Locator:
    panel.button("See what is read of this page").click()
    view = panel.page.get_by_role("dialog", name="What is read")
    expect(view).to_be_visible()
    return view


def text_of(view: Locator) -> Locator:
    return view.get_by_role("region", name="The text that is read, exactly")


def sent(panel: Panel) -> dict[str, Any]:
    panel.ask("What burned?")
    (ref,) = panel.requests("offscreen.run_turn")[-1]["context_refs"]
    found: dict[str, Any] = ref
    return found


def test_shows_text_share_and_what_was_left_out(panel: Panel) -> None:
    view = opened(panel)
    expect(text_of(view)).to_contain_text("Rapeseed oil burned with a clear flame")
    expect(view).to_contain_text("% of what the page shows")
    view.get_by_text("Left out: 105 characters").click()
    for words in ("Menus, page head and foot", "Home · Tours · Shop · Contact"):
        expect(view.get_by_text(words)).to_be_visible()
    expect(view.get_by_text("Text that cannot be seen")).to_be_visible()
    expect(view.get_by_text("One part of the page belongs to another site")).to_be_visible()
    view.get_by_role("button", name="Attach this text").click()
    expect(view).to_be_hidden()
    ref = sent(panel)
    assert ref["block"] is None  # the main text is read afresh
    assert ref["kind"] == "page"


def test_a_section_is_sent_as_it_was_shown(panel: Panel) -> None:
    view = opened(panel)
    view.get_by_role("radio", name="A section").check()
    view.get_by_label("Section", exact=True).select_option(index=1)
    shown = "## Oil\n\nRapeseed oil burned with a clear flame, but it thickened in the cold."
    expect(text_of(view)).to_contain_text(shown)
    expect(text_of(view)).not_to_contain_text("acetylene")
    view.get_by_role("button", name="Attach this text").click()
    chip = panel.page.get_by_role("group", name="Page")
    expect(chip).to_contain_text("“Oil”")
    ref = sent(panel)
    assert ref["block"]["text"].startswith(shown)
    assert ref["block"]["trust"] == "untrusted"
    panel.eval(
        "fake.setPage({page: {tab_id: 7, document_id: 'doc-2', origin: 'https://harbour.example'}})"
    )
    expect(chip).not_to_contain_text("“Oil”")


def test_whole_page_and_selection_by_keyboard(panel: Panel) -> None:
    button = panel.button("See what is read of this page")
    button.focus()
    panel.page.keyboard.press("Enter")
    view = panel.page.get_by_role("dialog", name="What is read")
    view.get_by_role("radio", name="Main text").focus()
    panel.page.keyboard.press("ArrowRight")
    expect(text_of(view)).to_contain_text("Home Tours Shop", use_inner_text=False)
    expect(view).to_contain_text("100 % of what the page shows")
    panel.page.keyboard.press("ArrowRight")
    panel.page.keyboard.press("ArrowRight")
    expect(text_of(view)).to_have_text("trim a wick")
    expect(view).to_contain_text("11 characters are selected")
    view.get_by_role("button", name="Attach this text").click()
    ref = sent(panel)
    assert (ref["kind"], ref["block"]["text"]) == ("selection", "trim a wick")


def test_a_page_that_cannot_be_read_says_why_and_escape_closes(panel: Panel) -> None:
    error = {
        "code": "page_busy",
        "message": "The page did not answer in time.",
        "hint": "Wait a moment.",
        "retryable": True,
    }
    panel.eval("e => { fake.failing['background.read_page'] = e; }", error)
    view = opened(panel)
    expect(view.get_by_role("alert")).to_contain_text("The page did not answer in time.")
    expect(view.get_by_role("button", name="Attach this text")).to_be_disabled()
    panel.eval("() => { delete fake.failing['background.read_page']; }")
    view.get_by_role("button", name="Try again").click()
    expect(text_of(view)).to_contain_text("Rapeseed oil")
    panel.page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(panel.button("See what is read of this page")).to_be_focused()


def test_hostile_text_is_text(panel: Panel) -> None:
    view = opened(panel)
    expect(text_of(view)).to_contain_text("1858 | coal gas")
    assert text_of(view).evaluate("e => e.children.length") == 0
