"""The recorders must catch what they are there for: a copy that may use the network is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import EXTENSION, Browser, changed_manifest, loosened, wait_until
from tests.support.leaks import Guard, LeakError
from tests.support.messages import Messenger
from tests.support.netlog import EVENT_NAMES, Contact, is_finished, read_net_log

if TYPE_CHECKING:
    from tests.support.pages import Site

pytestmark = pytest.mark.e2e

OPEN_POLICY = {"extension_pages": "script-src 'self' 'wasm-unsafe-eval'; connect-src *"}
NOWHERE = "sidelight-control.invalid"
FETCH = "url => fetch(url).then(() => true, () => false)"
FREED = FETCH.replace("fetch(", "leak(")


def test_recorders_catch_every_process(
    launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    with changed_manifest(EXTENSION, content_security_policy=OPEN_POLICY) as extension:
        (extension / "control.js").write_text("fetch(new URL(location.href).hash.slice(1));")
        browser = launch(extension=loosened(extension))
        messenger = Messenger(browser)
        page = browser.context.new_page()
        page.goto(site.url("plain.html"))
        panel = browser.open_panel(page)
        panel.evaluate(FREED, site.url("from-panel"))
        browser.worker_evaluate(FREED, site.url("from-service-worker"))
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
        found = nothing_leaves.caught()
    origin = browser.extension_url("").rstrip("/")
    for kind in ("request", "protocol"):
        own = [c for c in found if c.kind == kind and c.initiator == origin]
        assert {c.url.rsplit("/", 1)[-1] for c in own} == set(control)
    assert {c.host for c in found} - {"127.0.0.1"} >= {NOWHERE}


def test_extension_policy_lets_no_request_out(
    browser: Browser, site: Site, nothing_leaves: Guard
) -> None:
    """The same attempts in the extension as it is: nothing is even looked up."""
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = browser.open_panel(page)
    for where in (site.url("from-policy"), f"http://{NOWHERE}/from-policy"):
        assert panel.evaluate(FETCH, where) is False
        assert browser.worker_evaluate(FETCH, where) is False
    assert browser.recorder
    own = [r for r in browser.recorder.outgoing if r.by.startswith("chrome-extension:")]
    assert own == []
    assert not any(r.url.endswith("from-policy") for r in browser.recorder.outgoing)
    nothing_leaves.check()
    read = browser.net_log
    assert read
    assert read.requested_by(browser.extension_url("").rstrip("/")) == set()
    assert read.requested_by(site.origin)  # the log has what a page asked for: its icon
    assert NOWHERE not in read.hosts
    assert "/from-policy" not in site.requested


def test_killed_browser_leaves_its_profile_and_a_readable_log(
    launch: Callable[..., Browser], site: Site, tmp_path: Path, nothing_leaves: Guard
) -> None:
    profile = tmp_path / "profile"
    browser = launch(profile=profile)
    messenger = Messenger(browser)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    messenger.page.evaluate("() => chrome.storage.local.set({kept: 'yes'})")
    page.evaluate(FETCH, f"http://{NOWHERE}/before-the-kill")
    first_id = browser.extension_id
    browser.kill()
    browser.close()
    assert browser.net_log is not None
    assert {"127.0.0.1", NOWHERE} <= browser.net_log.hosts
    again = launch(profile=profile)
    assert again.extension_id == first_id
    kept = Messenger(again).page.evaluate("() => chrome.storage.local.get('kept')")
    assert kept == {"kept": "yes"}
    caught = {(c.kind, c.host) for c in nothing_leaves.caught()}
    assert {("protocol", NOWHERE), ("request", NOWHERE)} <= caught


EVENTS = (
    ("UDP_CONNECT", 1, {"address": "192.0.2.1:3478"}),
    ("UDP_CONNECT", 2, {"address": "[2001:4860:4860::8888]:443"}),
    ("UDP_BYTES_SENT", 2, {"byte_count": 20}),
    ("UDP_BYTES_SENT", 3, {"address": "224.0.0.251:5353"}),
    ("REQUEST_ALIVE", 4, {"url": "https://a.invalid/x"}),
    ("URL_REQUEST_START_JOB", 4, {"url": "https://a.invalid/x", "initiator": "null"}),
    ("OTHER", 5, {"url": "https://b.invalid/"}),
    ("HOST_RESOLVER_MANAGER_REQUEST", 6, {"host": "c.invalid:53"}),
    ("DNS_TRANSACTION", 8, {"hostname": "d.invalid."}),
    ("TCP_CONNECT", 7, {"address_list": ["192.0.2.2:80", "[2001:db8::1]:80"]}),
)


def written(path: Path, *, end: str = '],\n"polledData": [{}]\n}\n') -> Path:
    """A net log of EVENTS as Chromium writes it."""
    names = sorted({*EVENT_NAMES, *(name for name, _, _ in EVENTS)})
    types = {name: number for number, name in enumerate(names)}
    lines = [
        json.dumps(
            {"params": params, "source": {"id": source, "type": 1}, "type": types[name]},
            separators=(",", ":"),
        )
        for name, source, params in EVENTS
    ]
    head = json.dumps({"constants": {"logEventTypes": types}}, separators=(",", ":"))[:-1]
    path.write_text(f'{head},\n"events": [\n' + ",\n".join(lines) + end)
    return path


def test_each_kind_of_event_is_read_also_from_a_log_that_is_cut_off(tmp_path: Path) -> None:
    whole = read_net_log(written(tmp_path / "whole"))
    assert whole.complete and is_finished(tmp_path / "whole")
    assert whole.contacts == [
        Contact("udp", "192.0.2.1:3478"),
        Contact("udp", "[2001:4860:4860::8888]:443"),  # a packet, where there was only a route
        Contact("udp", "224.0.0.251:5353"),
        Contact("request", "a.invalid:443", "null", "https://a.invalid/x"),
        Contact("look-up", "c.invalid:53"),
        Contact("look-up", "d.invalid"),
        Contact("tcp", "192.0.2.2:80"),
        Contact("tcp", "[2001:db8::1]:80"),
    ]
    cut = read_net_log(written(tmp_path / "cut", end=',\n{"params":{"address_list":["192.'))
    assert (cut.complete, cut.contacts) == (False, whole.contacts)
    assert not is_finished(tmp_path / "cut")
    between = written(tmp_path / "between", end=",\n")
    assert not is_finished(between) and not read_net_log(between).complete
    text = (tmp_path / "whole").read_text()
    (tmp_path / "middle").write_text(text.replace('"source":', '"source"', 1))
    with pytest.raises(ValueError, match="is broken at"):
        read_net_log(tmp_path / "middle")
    (tmp_path / "renamed").write_text(text.replace("UDP_BYTES_SENT", "UDP_SENT"))
    with pytest.raises(ValueError, match="writes no UDP_BYTES_SENT"):
        read_net_log(tmp_path / "renamed")
    (tmp_path / "other").write_text("{}")
    with pytest.raises(ValueError, match="not a net log"):
        read_net_log(tmp_path / "other")


def test_the_guard_wants_servers_of_this_machine_and_what_it_expects() -> None:
    guard = Guard()
    for origin in ("http://example.org:80", "http://127.0.0.1", "http://192.0.2.1:80"):
        with pytest.raises(ValueError, match="not a server of this machine"):
            guard.serve(origin)
    guard.expect(NOWHERE)
    with pytest.raises(LeakError, match="expected, but not recorded"):
        guard.check()
