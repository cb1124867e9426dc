"""What the page chip is told: readable, needs a click, cannot be read (and why), changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.support.browser import EXTENSION, Browser, changed_manifest, wait_until
from tests.support.leaks import Guard
from tests.support.messages import Messenger, ReplyError

if TYPE_CHECKING:
    from tests.support.pages import Site

pytestmark = pytest.mark.e2e


def test_tab_switch_and_cross_origin_link_need_a_new_click(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    panel = browser.open_panel(page)
    panel.evaluate("() => { globalThis.still_here = 7; }")
    assert messenger.wait_state("readable")["can_request_origin"] is True

    other = browser.context.new_page()
    other.goto(site.other_url("plain.html"))
    state = messenger.wait_state("needs_click")
    assert state["reason"] == "Sidelight reads a page only after you click it there."
    assert "icon in the toolbar" in state["hint"]
    assert "Ctrl+Shift+Y" in state["hint"]
    # The browser hides the address until the click: nothing is guessed.
    assert (state["host"], state["title"], state["page"]) == ("", "", None)
    assert state["can_request_origin"] is False

    page.bring_to_front()
    assert messenger.wait_state("readable")["host"] == site.origin.removeprefix("http://")
    page.click("#across")
    page.wait_for_url(site.other_url("article.html"))
    state = messenger.wait_state("needs_click")
    assert "went to another site" in state["reason"]
    browser.click_action(page)
    state = messenger.wait_state("readable")
    assert state["page"]["origin"] == site.other_origin
    assert panel.evaluate("() => globalThis.still_here") == 7


def test_grant_stays_within_the_site_and_the_document_is_told_as_changed(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    browser.click_action(page)
    read = messenger.wait_state("readable")["page"]
    page.click("#same")
    page.wait_for_url(site.url("article.html"))
    state = messenger.wait_state("changed", read["document_id"])
    assert "changed since Sidelight read it" in state["reason"]
    assert state["page"]["document_id"] != read["document_id"]
    with pytest.raises(ReplyError) as caught:
        messenger.read_page(read)
    assert caught.value.data["code"] == "page_changed"
    text = messenger.read_page(state["page"])["block"]["text"]
    assert "customs house" in text
    # Another origin under the same document id is not what was shown: it is refused.
    with pytest.raises(ReplyError) as caught:
        messenger.read_page({**state["page"], "origin": "https://example.org"})
    assert caught.value.data["code"] == "page_changed"


def test_reading_without_a_grant_says_what_to_do(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    browser.click_action(page)
    read = messenger.wait_state("readable")["page"]
    page.goto(site.other_url("article.html"))
    messenger.wait_state("needs_click")
    with pytest.raises(ReplyError) as caught:
        messenger.read_page({**read, "document_id": None})
    assert caught.value.data["code"] == "page_needs_click"
    assert "icon in the toolbar" in caught.value.data["hint"]
    page.close()
    with pytest.raises(ReplyError) as caught:
        messenger.read_page({**read, "document_id": None})
    assert caught.value.data["code"] == "page_gone"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("chrome://version/", "page of the browser itself"),
        ("{extension}", "belongs to an extension"),
        ("{site}/document.pdf", "PDF in the browser's own viewer"),
        ("{site}/empty.html", "no text on this page"),
        ("view-source:{site}/plain.html", "no extension read this kind of page"),
        ("data:text/html,<p>hello", "no extension read this kind of page"),
    ],
)
def test_restricted_page_is_explained(
    browser: Browser, messenger: Messenger, site: Site, address: str, reason: str
) -> None:
    page = browser.context.new_page()
    own = browser.extension_url("manifest.json?again")
    page.goto(address.format(site=site.origin, extension=own))
    browser.click_action(page)

    def explained() -> dict[str, object] | None:
        state = messenger.page_state()
        return state if reason in state["reason"] else None

    state = wait_until(explained) or {}
    assert state["state"] == "unreadable"
    assert state["hint"]
    assert state["page"] is None
    assert state["can_request_origin"] is False


def test_extension_store_is_explained(
    launch: Callable[..., Browser], nothing_leaves: Guard
) -> None:
    nothing_leaves.expect("chromewebstore.google.com")  # asked for, but stopped on its way out
    browser = launch(flags=("--host-resolver-rules=MAP chromewebstore.google.com ^NOTFOUND",))
    messenger = Messenger(browser)
    page = browser.context.new_page()
    # Without an answer Chromium asks other servers whether it is online at all.
    page.route("**/*", lambda route: route.abort("connectionreset"))
    # The address decides, whether or not the store itself can be reached.
    with pytest.raises(PlaywrightError):
        page.goto("https://chromewebstore.google.com/")
    wait_until(lambda: "extension store" in messenger.page_state()["reason"])


def test_page_that_did_not_load_is_explained(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    browser.click_action(page)
    messenger.wait_state("readable")
    page.route("**/*", lambda route: route.abort("connectionreset"))
    with pytest.raises(PlaywrightError):
        page.goto(site.url("article.html"))
    browser.click_action(page)
    wait_until(lambda: "error page" in messenger.page_state()["reason"])


def test_refused_click_is_forgotten_with_the_page(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto("data:text/html,<p>hello")
    browser.click_action(page)
    wait_until(lambda: "this kind of page" in messenger.page_state()["reason"])
    page.goto(site.url("plain.html"))
    state = messenger.wait_state("needs_click")
    assert "only after you click" in state["reason"]


def test_page_that_cannot_answer_is_told_in_time(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    browser.click_action(page)
    messenger.wait_state("readable")
    page.evaluate(
        "() => { setTimeout(() => { const end = Date.now() + 6000; while (Date.now() < end); }); }"
    )
    time.sleep(0.2)
    asked = time.monotonic()
    state = messenger.page_state()
    assert time.monotonic() - asked < 5
    assert state["state"] == "unreadable"
    assert "does not answer" in state["reason"]
    assert messenger.wait_state("readable")


def test_lasting_site_access_needs_no_click(launch: Callable[..., Browser], site: Site) -> None:
    """The permission dialog cannot be answered headless, so the copy has what it would give."""
    with changed_manifest(EXTENSION, host_permissions=["http://localhost/*"]) as extension:
        browser = launch(extension=extension)
        messenger = Messenger(browser)
        page = browser.context.new_page()
        page.goto(site.other_url("plain.html"))
        state = messenger.wait_state("readable")
        assert state["can_request_origin"] is False
        page.goto(site.url("plain.html"))
        messenger.wait_state("needs_click")
        page.goto(site.other_url("article.html"))
        messenger.wait_state("readable")


def test_panel_is_told_of_tab_and_page_changes(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    window_id = messenger.window_id()
    changes: list[Callable[[], object]] = [
        lambda: page.goto(site.url("plain.html")),
        lambda: browser.click_action(page),
        messenger.page.bring_to_front,
        page.bring_to_front,
    ]
    for change in changes:
        messenger.forget()
        change()
        assert messenger.wait_heard("panel.page_changed")["window_id"] == window_id
