"""The recorders must catch what they are there for: a copy that may use the network is caught."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import EXTENSION, Browser, changed_manifest, wait_until
from tests.support.messages import Messenger
from tests.support.traffic import read_net_log

if TYPE_CHECKING:
    from tests.support.pages import Site

pytestmark = pytest.mark.e2e

OPEN_POLICY = {"extension_pages": "script-src 'self' 'wasm-unsafe-eval'; connect-src *"}
NOWHERE = "sidelight-control.invalid"
FETCH = "url => fetch(url).then(() => true, () => false)"


def test_recorders_catch_every_process(
    launch: Callable[..., Browser], site: Site, tmp_path: Path
) -> None:
    log = tmp_path / "net-log.json"
    with changed_manifest(EXTENSION, content_security_policy=OPEN_POLICY) as extension:
        (extension / "control.js").write_text("fetch(new URL(location.href).hash.slice(1));")
        browser = launch(extension=extension, record_network=True, net_log=log)
        messenger = Messenger(browser)
        page = browser.context.new_page()
        page.goto(site.url("plain.html"))
        panel = browser.open_panel(page)
        panel.evaluate(FETCH, site.url("from-panel"))
        browser.worker_evaluate(FETCH, site.url("from-service-worker"))
        start = "url => { globalThis.control = new Worker('/control.js#' + url); }"
        messenger.page.evaluate(start, site.url("from-worker"))
        messenger.page.evaluate(FETCH, f"http://{NOWHERE}/from-tab")
        recorder = browser.recorder
        assert recorder
        control = ("from-panel", "from-service-worker", "from-worker", "from-tab")

        def caught() -> bool:
            seen = {request.url.rsplit("/", 1)[-1] for request in recorder.outgoing}
            return seen.issuperset(control)

        wait_until(caught)
        wait_until(lambda: "/from-worker" in site.requested)
        origin = browser.extension_url("").rstrip("/")
        browser.close()
    read = read_net_log(log)
    asked = {url.rsplit("/", 1)[-1] for url in read.requested_by(origin)}
    assert asked == set(control)
    assert read.foreign_hosts() == {NOWHERE}


def test_extension_policy_lets_no_request_out(
    launch: Callable[..., Browser], site: Site, tmp_path: Path
) -> None:
    """The same attempts in the extension as it is: nothing is even looked up."""
    log = tmp_path / "net-log.json"
    browser = launch(record_network=True, net_log=log)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = browser.open_panel(page)
    for where in (site.url("from-policy"), f"http://{NOWHERE}/from-policy"):
        assert panel.evaluate(FETCH, where) is False
        assert messenger.page.evaluate(FETCH, where) is False
        assert browser.worker_evaluate(FETCH, where) is False
    assert browser.recorder
    own = [r for r in browser.recorder.outgoing if r.target_url.startswith("chrome-extension:")]
    assert own == []
    assert not any(r.url.endswith("from-policy") for r in browser.recorder.outgoing)
    origin = browser.extension_url("").rstrip("/")
    browser.close()
    read = read_net_log(log)
    assert read.requested_by(origin) == set()
    assert read.requested_by(site.origin)  # the log has what a page asked for: its icon
    assert read.foreign_hosts() == set()
    assert "/from-policy" not in site.requested


def test_killed_browser_leaves_its_profile_and_a_readable_log(
    launch: Callable[..., Browser], site: Site, tmp_path: Path
) -> None:
    profile, log = tmp_path / "profile", tmp_path / "net-log.json"
    browser = launch(profile=profile, net_log=log)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    messenger.page.evaluate("() => chrome.storage.local.set({kept: 'yes'})")
    first_id = browser.extension_id
    browser.kill()
    assert "127.0.0.1" in read_net_log(log).hosts
    again = launch(profile=profile)
    assert again.extension_id == first_id
    kept = Messenger(again).page.evaluate("() => chrome.storage.local.get('kept')")
    assert kept == {"kept": "yes"}
