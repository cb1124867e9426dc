"""Another extension, and a web page: no message, port, frame or file of ours is in their reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Worker

from tests.contract.golden import VALID
from tests.support.browser import Browser, wait_until
from tests.support.messages import Messenger
from tests.support.pages import Site

pytestmark = pytest.mark.e2e

#: Every request of the contract, well formed, and each port's name.
FRAMES = [
    {"v": 1, "id": f"s-{number}", "body": {"type": kind, **body}}
    for number, (kind, body) in enumerate(sorted(VALID.items()))
]
PORTS = ["assistant", "panel", "offscreen", "engine", "python", ""]

FORGE = """async ([id, frames, ports]) => {
  const told = [];
  for (const frame of frames) {
    try {
      const reply = await chrome.runtime.sendMessage(id, frame);
      if (reply !== undefined) told.push(["reply", frame.body.type, reply]);
    } catch (error) {
      if (!String(error).includes("Receiving end does not exist")) told.push(String(error));
    }
  }
  for (const name of ports) {
    const port = chrome.runtime.connect(id, { name });
    const closed = new Promise((done) => port.onDisconnect.addListener(() => {
      void chrome.runtime.lastError;
      done(true);
    }));
    port.onMessage.addListener((message) => told.push(["port", name, message]));
    try {
      for (const frame of frames) port.postMessage(frame);
    } catch {
      // It is closed already.
    }
    const waited = new Promise((done) => setTimeout(done, 3000, false));
    if (!(await Promise.race([closed, waited]))) told.push(["open", name]);
  }
  return told;
}"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """An extension with every right that could help it."""
    folder = tmp_path / "other"
    folder.mkdir()
    manifest = {
        "manifest_version": 3,
        "name": "Another extension",
        "version": "1.0",
        "background": {"service_worker": "worker.js"},
        "permissions": ["tabs", "scripting", "storage"],
        "host_permissions": ["<all_urls>"],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    # Listening itself, it is also the control: what it forges would be heard.
    (folder / "worker.js").write_text(
        "chrome.runtime.onMessageExternal.addListener((message, _, reply) => reply('heard'));"
        "chrome.runtime.onConnectExternal.addListener((port) => port.postMessage('heard'));"
    )
    return folder


def stranger(browser: Browser) -> Worker:
    """The worker of the other extension."""

    def found() -> Worker | None:
        browser.targets("service_worker")
        workers = browser.context.service_workers
        ours = browser.extension_url("")
        return next((worker for worker in workers if not worker.url.startswith(ours)), None)

    return wait_until(found)


def test_another_extension_is_not_heard(
    launch: Callable[..., Browser], other: Path, site: Site
) -> None:
    browser = launch(more_extensions=[other])
    messenger = Messenger(browser)
    messenger.request("background.ensure_offscreen")
    before = messenger.request("background.read_settings")
    own = browser.extension_url("")
    worker = stranger(browser)
    assert worker.evaluate(FORGE, [browser.extension_id, FRAMES, PORTS]) == []
    # Its rights over pages end at ours: neither the panel's page nor its files.
    reached = worker.evaluate(
        """async (own) => {
          const told = [];
          for (const tab of await chrome.tabs.query({})) {
            if (!tab.url?.startsWith(own)) continue;
            const target = { tabId: tab.id };
            await chrome.scripting.executeScript({ target, func: () => document.title })
              .then(() => told.push("script"), () => {});
          }
          for (const path of ["sidepanel/index.html", "manifest.json", "offscreen/index.html"]) {
            await fetch(own + path).then((r) => told.push([path, r.status]), () => {});
          }
          return told;
        }""",
        own,
    )
    assert reached == []
    assert messenger.request("background.read_settings") == before


def test_a_web_page_cannot_reach_or_frame_us(browser: Browser, site: Site) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    found = page.evaluate(
        """async (own) => {
          const told = [];
          if (globalThis.chrome?.runtime?.sendMessage) told.push("runtime");
          const ours = ["sidepanel/index.html", "offscreen/python/frame.html", "icons/16.png"];
          for (const path of ours) {
            await fetch(own + path).then((r) => told.push([path, r.status]), () => {});
            const frame = document.createElement("iframe");
            frame.src = own + path;
            const loaded = new Promise((done) => frame.addEventListener("load", done));
            document.body.append(frame);
            await loaded;
            const seen = new Promise((done) => {
              addEventListener("message", (event) => done(event.origin), { once: true });
              setTimeout(done, 300, null);
            });
            frame.contentWindow.postMessage({ v: 1, id: "x", body: { type: "x" } }, "*");
            if ((await seen) !== null) told.push(["answered", path]);
          }
          return told;
        }""",
        browser.extension_url(""),
    )
    assert found == []
    # A frame that Chromium refused has its error page, not ours.
    assert [f.url for f in page.frames if f.url.startswith("chrome-extension:")] == []


def test_who_listens_to_others_is_caught(launch: Callable[..., Browser], other: Path) -> None:
    """The control: the same messages and ports, to an extension that hears them."""
    browser = launch(more_extensions=[other])
    other_id = stranger(browser).url.split("/")[2]
    told = browser.worker_evaluate(FORGE, [other_id, FRAMES[:2], PORTS[:1]])
    kinds = [one[0] for one in told]
    assert kinds.count("reply") == 2
    assert {"port", "open"} <= set(kinds)
