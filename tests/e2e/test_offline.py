"""Nothing leaves the device: every browser test is recorded; here, each kind of leak is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.browser import EXTENSION, Browser, changed_manifest, loosened, wait_until
from tests.support.leaks import Guard, LeakError
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
LEAK = "leak.invalid"
LOOSE = {"extension_pages": "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'"}
STUN_SERVER = "192.0.2.1"  # for documentation: nobody has it


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
    browser: Browser, site: Site, nothing_leaves: Guard
) -> None:
    use_everything(browser, site)
    assert browser.recorder is not None
    outgoing, watched = browser.recorder.outgoing, browser.recorder.target_urls
    watched |= {request.by for request in browser.recorder.requests}
    # Not an empty record: the page was seen, and so was each part of the extension.
    assert {request.url for request in outgoing} >= {site.url("plain.html")}
    for part in ("background/index.js", "offscreen/engine/worker.js", "offscreen/python/"):
        assert any(f"/{part}" in url for url in watched), f"{part} was not watched"
    nothing_leaves.check()
    assert browser.net_log is not None
    assert browser.net_log.requested_by(browser.extension_url("").rstrip("/")) == set()
    assert {c.host for c in browser.net_log.contacts if not c.goes_nowhere} == {"127.0.0.1"}


FETCH = "url => fetch(url).then(() => 'sent', (error) => String(error))"


def test_the_extension_cannot_send_even_when_told_to(
    browser: Browser, site: Site, nothing_leaves: Guard
) -> None:
    """What its parts are made of, not our good will; each way of each part: test_realms.py."""
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = browser.open_panel(page)
    for asked in (
        panel.evaluate(FETCH, f"http://{LEAK}/x"),
        browser.worker_evaluate(FETCH, f"http://{LEAK}/x"),
    ):
        assert "TypeError" in asked  # our own words, or the policy's when the page is not up yet
    nothing_leaves.check()
    assert browser.net_log is not None
    assert LEAK not in browser.net_log.hosts


def test_the_recorder_catches_a_leak(
    launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    """Positive control: without the policy, the extension is caught, whatever the server."""
    with changed_manifest(EXTENSION, content_security_policy=LOOSE) as copy:
        browser = launch(extension=loosened(copy))
        page = browser.extension_page()
        for url in (f"http://{LEAK}/x", site.url("plain.html")):
            page.evaluate(FETCH, url)
        browser.worker_evaluate(FETCH.replace("fetch(", "leak("), f"http://worker.{LEAK}/x")
        recorder = browser.recorder
        assert recorder is not None
        wait_until(lambda: any(f"worker.{LEAK}" in r.url for r in recorder.outgoing))
        with pytest.raises(LeakError, match=rf"request {LEAK}:80 by chrome-extension://"):
            nothing_leaves.check()
    own = browser.extension_url("").rstrip("/")
    caught = {(c.kind, c.host, c.initiator) for c in nothing_leaves.caught()}
    for host in (LEAK, "127.0.0.1", f"worker.{LEAK}"):
        assert {("request", host, own), ("protocol", host, own)} <= caught
    assert {("look-up", LEAK, ""), ("look-up", f"worker.{LEAK}", "")} <= caught


def test_the_extension_may_ask_only_the_server_that_it_was_told_to_use(
    launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    nothing_leaves.serve_extension(site.origin)
    with changed_manifest(EXTENSION, content_security_policy=LOOSE) as copy:
        page = launch(extension=copy).extension_page()
        for url in (site.url("plain.html"), site.other_url("plain.html")):
            page.evaluate(FETCH, url)
        places = {contact.place for contact in nothing_leaves.caught()}
    assert places == {urlsplit(site.other_origin).netloc}


LEAKS = """async ({ host, stun }) => {
  const link = (rel) => {
    const element = Object.assign(document.createElement("link"), { rel });
    element.href = `http://${rel}.${host}/`;
    document.head.append(element);
  };
  link("dns-prefetch");
  link("preconnect");
  const socket = new WebSocket(`ws://socket.${host}/`);
  const closed = new Promise((resolve) => { socket.onclose = resolve; });
  await fetch(`http://fetch.${host}/`).catch(() => {});
  await fetch("http://127.0.0.1:9/").catch(() => {});
  globalThis.peers = [];  // one that nobody holds may be collected before it sends
  const failures = [stun, `stun.${host}`].map(async (server) => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${server}:3478` }] });
    peers.push(peer);
    const failed = new Promise((resolve) => { peer.onicecandidateerror = resolve; });
    peer.createDataChannel("leak");
    await peer.setLocalDescription(await peer.createOffer());
    return failed;
  });
  await closed;
  await failures[1];  // the look-up; the packet to the other server was sent by now
}"""


def test_each_kind_of_leak_of_a_page_is_caught(
    browser: Browser, site: Site, nothing_leaves: Guard
) -> None:
    """Positive controls: request, socket, look-up, preconnect, STUN, and a server nobody named."""
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    page.evaluate(LEAKS, {"host": LEAK, "stun": STUN_SERVER})
    with Site() as unnamed:
        page.evaluate(FETCH, unnamed.url("plain.html"))
        place = urlsplit(unnamed.origin).netloc
    with pytest.raises(LeakError, match="left the device"):
        nothing_leaves.check()
    found = nothing_leaves.caught()
    caught = {(c.kind, c.host) for c in found}
    assert {("request", f"fetch.{LEAK}"), ("protocol", f"fetch.{LEAK}")} <= caught
    assert {("request", f"socket.{LEAK}"), ("protocol", f"socket.{LEAK}")} <= caught
    assert ("look-up", f"dns-prefetch.{LEAK}") in caught
    assert ("request", f"dns-prefetch.{LEAK}") not in caught  # only the look-up gives it away
    assert ("look-up", f"preconnect.{LEAK}") in caught
    assert {("udp", STUN_SERVER), ("look-up", f"stun.{LEAK}")} <= caught
    assert {("request", place), ("tcp", place)} <= {(c.kind, c.place) for c in found}
    nowhere = [c for c in found if c.place == "127.0.0.1:9"]
    assert {(c.kind, c.initiator) for c in nowhere} == {
        ("request", site.origin),
        ("protocol", site.origin),
    }


def test_what_chromium_asks_by_itself_is_not_ours_and_goes_nowhere(
    launch: Callable[..., Browser], tmp_path: Path
) -> None:
    """The same with an extension that does nothing at all in the place of Sidelight."""
    manifest = {
        "manifest_version": 3,
        "name": "Nothing",
        "version": "1",
        "background": {"service_worker": "nothing.js"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "nothing.js").write_text("")
    asked = []
    for extension in (tmp_path, EXTENSION):
        browser = launch(extension=extension)
        browser.context.pages[0].wait_for_timeout(3000)
        browser.close()
        assert browser.net_log is not None
        contacts = browser.net_log.contacts
        assert all(contact.goes_nowhere for contact in contacts), contacts
        asked.append({urlsplit(c.url).path for c in contacts if c.kind == "request"})
    assert "/ListAccounts" in asked[0]
    assert asked[1] <= asked[0] | {"/"}
