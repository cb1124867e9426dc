"""Real mouse and keyboard on a real screen: the context menu and the shortcut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import Browser, wait_until
from tests.support.display import Display
from tests.support.messages import Messenger
from tests.support.panel import Panel

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.pages import Site

pytestmark = pytest.mark.e2e
PASSAGE = "A ticket costs eleven crowns. Bicycles are free."


def place_on_screen(page: Page, selector: str) -> tuple[int, int]:
    """Middle of an element in screen pixels: the browser's own bars are above the page."""
    x_px, y_px = page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          return [screenX + box.x + box.width / 2,
                  screenY + outerHeight - innerHeight + box.y + box.height / 2];
        }""",
        selector,
    )
    return round(x_px), round(y_px)


def still_picture(page: Page, still_s: float = 1.5) -> bytes:
    """What the page shows once it has not changed for a while, as PNG."""
    end = time.monotonic() + 60
    seen, since = page.screenshot(), time.monotonic()
    while time.monotonic() - since < still_s:
        assert time.monotonic() < end, "the page never came to rest"
        page.wait_for_timeout(100)
        now = page.screenshot()
        if now != seen:
            seen, since = now, time.monotonic()
    return seen


def select_word(page: Page, display: Display, x_px: int, y_px: int) -> None:
    """Double-click until it changes nothing any more: the plugin tells nobody when it has drawn."""
    untouched = before = still_picture(page)
    for _ in range(8):
        display.click(x_px, y_px, times=2)
        now = still_picture(page)
        if now == before != untouched:
            return
        before = now
    raise AssertionError("a double click selected nothing in the PDF viewer")


def test_summarize_selection_from_the_context_menu(
    display: Display, launch: Callable[..., Browser], site: Site
) -> None:
    browser = launch(display=display)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    assert messenger.page_state()["state"] == "needs_click"

    x_px, y_px = place_on_screen(page, "#word")
    display.click(x_px, y_px, times=3)
    wait_until(lambda: page.evaluate("() => getSelection().toString().trim()") == PASSAGE)
    display.open_menu(x_px, y_px)
    display.keys("Up", "Up", "Return")  # the last item is Inspect, ours is the one before

    job = wait_until(messenger.parked)[0]
    assert job["kind"] == "summarize_selection"
    assert job["block"]["text"].strip() == PASSAGE
    assert job["block"]["kind"] == "selection"
    assert job["block"]["url"] == site.url("plain.html")
    # With the document's id: the selection came from the page itself, so the click granted the tab.
    assert job["page"]["document_id"]
    answer = Panel(browser.panel_page()).wait_answer(1)
    quoted = re.findall(r"\[\d\] (.+)", answer)
    assert quoted, answer
    assert [sentence for sentence in quoted if sentence not in PASSAGE] == []
    assert messenger.heard("panel.handoff_ready") == [
        {"type": "panel.handoff_ready", "window_id": messenger.window_id()}
    ]
    assert messenger.wait_state("readable")["title"] == "Ferry times"


def test_selection_in_the_pdf_viewer_is_summarized(
    display: Display, launch: Callable[..., Browser], site: Site
) -> None:
    """The viewer's text cannot be read, but the menu's event carries what was selected."""
    browser = launch(display=display)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("document.pdf"))
    # The viewer is no part of the page: its tool bar is 56 px high, its side bar 300 px wide, and
    # the word spans most of the 533 by 266 px sheet, so the middle of the sheet is always in it.
    left_px, top_px, width_px = page.evaluate(
        "() => [screenX, screenY + outerHeight - innerHeight, innerWidth]"
    )
    x_px, y_px = left_px + 300 + (width_px - 300) // 2, top_px + 56 + 135
    select_word(page, display, x_px, y_px)
    display.open_menu(x_px, y_px)
    display.keys("Up", "Up", "Return")
    job = wait_until(messenger.parked)[0]
    assert job["block"]["text"] == "Harbourmaster"
    assert job["block"]["trust"] == "untrusted"
    assert job["block"]["url"] == site.url("document.pdf")
    assert browser.panel_page()
    state = messenger.wait_state("unreadable")
    assert "PDF" in state["reason"]
    assert "Summarize selection" in state["hint"]


def test_keyboard_shortcut_opens_the_panel_and_grants(
    display: Display, launch: Callable[..., Browser], site: Site
) -> None:
    browser = launch(display=display)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    x_px, y_px = place_on_screen(page, "h1")
    display.click(x_px, y_px)
    assert messenger.page_state()["state"] == "needs_click"
    display.keys("ctrl+shift+y")
    assert browser.panel_page()
    assert messenger.wait_state("readable")["title"] == "Ferry times"
