"""Nothing leaves the device: all traffic is recorded; the recorder is shown to see a leak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import EXTENSION, Browser, changed_manifest
from tests.support.pages import Site
from tests.support.panel import Panel
from tests.support.traffic import read_net_log

pytestmark = pytest.mark.e2e
LEAK = "leak.invalid"


def use_everything(browser: Browser, site: Site) -> None:
    """A session as a person has it: page, question, tool, selection."""
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.attach_page()
    panel.ask("What does a ticket cost?")
    assert "eleven crowns" in panel.wait_answer(1)
    panel.new_chat()
    panel.ask("add buy milk to my to-do list")
    panel.approve()
    assert panel.wait_answer(1) == "Done."


def test_nothing_but_the_page_itself_is_requested(
    launch: Callable[..., Browser], site: Site, tmp_path: Path
) -> None:
    log = tmp_path / "net-log.json"
    browser = launch(record_network=True, net_log=log)
    use_everything(browser, site)
    assert browser.recorder is not None
    outgoing = browser.recorder.outgoing
    watched = browser.recorder.target_urls
    own_origin = browser.extension_url("").rstrip("/")
    browser.close()
    assert {request.url.split("/")[2] for request in outgoing} <= {
        site.origin.removeprefix("http://")
    }
    assert {request.target_type for request in outgoing} <= {"page"}, outgoing
    # The offscreen document's own address is empty when it is first seen; its workers hang on it.
    for script in ("background/index", "offscreen/engine/worker", "offscreen/python/worker"):
        assert any(f"/{script}.js" in url for url in watched), f"{script} was not watched"
    recorded = read_net_log(log)
    assert recorded.requested_by(own_origin) == set()
    assert recorded.foreign_hosts() == set()


FETCH = f"fetch('http://{LEAK}/x').then(() => 'sent', (error) => String(error))"


def test_the_extension_cannot_send_even_when_told_to(
    launch: Callable[..., Browser], tmp_path: Path
) -> None:
    """The content security policy, not our good will: the request never starts."""
    log = tmp_path / "net-log.json"
    browser = launch(net_log=log)
    assert "Failed to fetch" in browser.extension_page().evaluate(FETCH)
    browser.close()
    assert LEAK not in read_net_log(log).hosts


def test_the_recorder_catches_a_leak(launch: Callable[..., Browser], tmp_path: Path) -> None:
    """Positive control: without the policy, the same request is seen by both recorders."""
    log = tmp_path / "net-log.json"
    loose = {"extension_pages": "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'"}
    with changed_manifest(EXTENSION, content_security_policy=loose) as copy:
        browser = launch(extension=copy, record_network=True, net_log=log)
        browser.extension_page().evaluate(FETCH)
        assert browser.recorder is not None
        assert any(LEAK in request.url for request in browser.recorder.outgoing)
        browser.close()
    assert LEAK in read_net_log(log).hosts
