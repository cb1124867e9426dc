"""What a person says, and what pages say, is in no console; the recorder is shown to hear them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.browser import Browser, wait_until
from tests.support.consoles import ConsoleRecorder
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
ASKED = "quincebarrow"
NOTED = "elderfenwick"
OF_THE_PAGE = "crowns"


def test_nothing_said_is_logged(launch: Callable[..., Browser], site: Site) -> None:
    browser = launch()
    recorder = ConsoleRecorder(browser.websocket_url)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    assert OF_THE_PAGE in page.inner_text("body")
    panel = Panel(browser.open_panel(page))
    panel.attach_page()
    panel.ask("What does a ticket cost?")
    assert OF_THE_PAGE in panel.wait_answer(1)
    panel.ask(f"What is the {ASKED}?")
    panel.wait_answer(2)
    panel.new_chat()
    panel.ask(f"add buy {NOTED} to my to-do list")
    panel.approve()
    assert panel.wait_answer(1) == "Done."
    heard_from, heard = recorder.target_urls, recorder.text
    recorder.stop()
    # The Python worker is made of a blob, in an opaque origin.
    for part in ("/background/index.js", "/offscreen/engine/worker.js", "blob:null/"):
        assert any(part in url for url in heard_from), f"{part} was not heard"
    for word in (ASKED, NOTED, OF_THE_PAGE):
        assert word not in heard


def test_the_recorder_hears_every_console(launch: Callable[..., Browser]) -> None:
    """Positive control: a page, the service worker, and a worker of a page are all heard."""
    browser = launch()
    recorder = ConsoleRecorder(browser.websocket_url)
    browser.worker_evaluate("() => console.debug('heard')")
    page = browser.extension_page()
    page.evaluate("() => console.log({ deep: 'heard' })")
    page.evaluate("() => { setTimeout(() => { throw new Error('thrown'); }); }")
    # The packaged worker throws at a message that is nothing: no code of the test runs in it.
    page.evaluate(
        """url => { globalThis.worker = new Worker(url, { type: "module" });
          worker.postMessage(null); }""",
        browser.extension_url("offscreen/python/worker.js"),
    )

    def hears(kind: str, words: str) -> None:
        wait_until(lambda: re.search(f"^{kind} .*{words}", recorder.text, re.M))

    hears("service_worker", "heard")
    hears("page", "deep.*heard")
    hears("page", "thrown")
    hears("worker", "Cannot set properties of undefined")
    recorder.stop()
