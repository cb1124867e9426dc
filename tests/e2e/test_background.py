"""The background worker: panel, grants, the offscreen document, parked jobs, its own death."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import EXTENSION, Browser, changed_manifest, wait_until
from tests.support.messages import Messenger, ReplyError

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.pages import Site

pytestmark = pytest.mark.e2e


def dispatch_menu(browser: Browser, page: Page, selection: str) -> None:
    """The menu's event without its gesture: enough for everything but opening the panel."""
    browser.worker_evaluate(
        """async ([url, selectionText]) => {
          const tabs = await chrome.tabs.query({});
          const active = tabs.find((tab) => tab.active);
          chrome.contextMenus.onClicked.dispatch(
            { menuItemId: "summarize-selection", selectionText, pageUrl: url, frameId: 0 }, active);
        }""",
        [page.url, selection],
    )


def test_action_click_opens_the_panel_and_grants_the_tab(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    assert messenger.page_state()["state"] == "needs_click"
    assert not browser.panel_is_open()
    panel = browser.open_panel(page)
    assert panel.url == browser.extension_url("sidepanel/index.html")
    assert messenger.wait_state("readable")["title"] == "How the harbour clock is kept right"


def test_second_click_keeps_the_panel_as_it_is(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    first = browser.context.new_page()
    first.goto(site.url("article.html"))
    panel = browser.open_panel(first)
    panel.evaluate("() => { globalThis.still_here = 7; }")
    second = browser.context.new_page()
    second.goto(site.url("plain.html"))
    assert messenger.wait_state("needs_click")
    browser.click_action(second)
    assert messenger.wait_state("readable")["title"] == "Ferry times"
    assert panel.evaluate("() => globalThis.still_here") == 7
    assert len(browser.contexts("SIDE_PANEL")) == 1


def test_offscreen_document_is_made_once(browser: Browser, messenger: Messenger) -> None:
    many = """() => Promise.all(Array.from({length: 6}, (_, n) => chrome.runtime.sendMessage(
      {v: 1, id: "e" + n, body: {type: "background.ensure_offscreen"}})))"""
    replies = messenger.page.evaluate(many)
    assert [reply.get("result") for reply in replies] == [{"done": True}] * 6
    documents = browser.contexts("OFFSCREEN_DOCUMENT")
    assert len(documents) == 1
    browser.kill_service_worker()
    assert messenger.request("background.ensure_offscreen") == {"done": True}
    again = browser.contexts("OFFSCREEN_DOCUMENT")
    assert [d["documentId"] for d in again] == [documents[0]["documentId"]]


def test_killed_worker_comes_back_for_every_event(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    worker_life = "() => globalThis.life ?? (globalThis.life = Math.random())"
    before = browser.worker_evaluate(worker_life)

    browser.kill_service_worker()
    browser.open_panel(page)  # the toolbar click wakes it
    state = messenger.wait_state("readable")
    assert browser.worker_evaluate(worker_life) != before

    browser.kill_service_worker()
    assert messenger.read_page(state["page"])["block"]["text"]  # a message wakes it

    browser.kill_service_worker()
    messenger.forget()
    other = browser.context.new_page()  # a tab event wakes it
    assert messenger.wait_heard("panel.page_changed")["window_id"] == messenger.window_id()
    other.close()


def test_menu_job_survives_the_worker_and_is_taken_once(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    dispatch_menu(browser, page, " a ticket costs eleven crowns ")
    job = wait_until(messenger.parked)[0]
    browser.kill_service_worker()
    window_id = messenger.window_id()
    taken = messenger.request("background.take_handoff", window_id=window_id)["handoff"]
    assert taken == job
    assert taken["kind"] == "summarize_selection"
    # The tab was not granted, so this is what the menu's event said, with the page it named.
    assert taken["block"]["text"] == "a ticket costs eleven crowns"
    assert taken["block"]["trust"] == "untrusted"
    assert taken["block"]["origin"] == site.origin
    assert taken["page"]["document_id"] is None
    assert messenger.request("background.take_handoff", window_id=window_id) == {"handoff": None}


def test_menu_job_holds_the_true_selection_where_it_can_be_read(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    browser.open_panel(page)
    messenger.wait_state("readable")
    browser.close_panel()  # an open panel would take the job
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('ul'))")
    dispatch_menu(browser, page, "one line")
    job = wait_until(messenger.parked)[0]
    lines = [line for line in job["block"]["text"].splitlines() if line]
    assert lines[0] == "Wind the two weights: the heavy one drives the hands."
    assert lines[-1] == "Write the error into the log book."
    assert job["block"]["url"] == site.url("article.html")
    assert job["page"]["document_id"]


def test_old_job_is_not_run_by_surprise(browser: Browser, messenger: Messenger, site: Site) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    dispatch_menu(browser, page, "eleven")
    wait_until(messenger.parked)
    messenger.page.evaluate(
        """async () => {
          const all = await chrome.storage.session.get();
          for (const [key, job] of Object.entries(all)) {
            if (!key.startsWith("handoff:")) continue;
            await chrome.storage.session.set({[key]: {...job, parked_at_ms: Date.now() - 150_000}});
          }
        }"""
    )
    taken = messenger.request("background.take_handoff", window_id=messenger.window_id())
    assert taken == {"handoff": None}


def test_offscreen_document_hears_what_became_of_a_page(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    browser.open_panel(page)
    messenger.request("background.ensure_offscreen")
    read = messenger.wait_state("readable")["page"]

    def changes() -> list[dict[str, object]]:
        heard = messenger.heard("offscreen.tab_changed")
        return [body for body in heard if body["tab_id"] == read["tab_id"]]

    messenger.forget()
    page.evaluate("() => history.pushState({}, '', '#later')")
    page.reload()
    wait_until(
        lambda: [c for c in changes() if c["document_id"] not in (None, read["document_id"])]
    )
    messenger.forget()
    page.click("#across")
    wait_until(lambda: [c for c in changes() if c["document_id"] is None and c["origin"] is None])
    messenger.forget()
    page.close()
    wait_until(changes)


def test_same_document_is_not_reported_as_another(
    browser: Browser, messenger: Messenger, site: Site
) -> None:
    """A page that rewrites its own address keeps its document, and what waits for it."""
    page = browser.context.new_page()
    page.goto(site.url("article.html"))
    browser.open_panel(page)
    messenger.request("background.ensure_offscreen")
    read = messenger.wait_state("readable")["page"]
    messenger.forget()
    page.evaluate("() => history.pushState({}, '', '/article.html?view=2')")
    heard = wait_until(lambda: messenger.heard("offscreen.tab_changed"))
    assert {body["document_id"] for body in heard} == {read["document_id"]}
    assert messenger.page_state(read["document_id"])["state"] == "readable"


def test_page_script_gets_no_answer(launch: Callable[..., Browser], site: Site) -> None:
    """Even a script inside the page's isolated world is not one of our own pages."""
    with changed_manifest(EXTENSION, host_permissions=["http://127.0.0.1/*"]) as extension:
        browser = launch(extension=extension)
        messenger = Messenger(browser)
        page = browser.context.new_page()
        page.goto(site.url("plain.html"))
        ask = """async (url) => {
          const [tab] = await chrome.tabs.query({url: url + "*"});
          const [{result}] = await chrome.scripting.executeScript({
            target: {tabId: tab.id},
            func: () => Promise.race([
              chrome.runtime
                .sendMessage({v: 1, id: "x", body: {type: "background.ensure_offscreen"}})
                .then((reply) => ["answered", reply ?? null], () => ["refused", null]),
              new Promise((done) => setTimeout(done, 800, ["silence", null])),
            ]),
          });
          return result;
        }"""
        kind, reply = browser.worker_evaluate(ask, site.url("plain.html"))
        assert reply is None, kind
        assert browser.contexts("OFFSCREEN_DOCUMENT") == []
        assert messenger.request("background.ensure_offscreen") == {"done": True}


def test_malformed_request_is_refused_with_a_reason(messenger: Messenger) -> None:
    with pytest.raises(ReplyError) as caught:
        messenger.request("background.page_state", window_id="first")
    assert caught.value.data["code"] == "invalid_message"
    with pytest.raises(ReplyError) as caught:
        messenger.request("background.read_everything")
    assert caught.value.data["code"] == "unknown_request"
