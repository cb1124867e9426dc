"""The panel in headless Chromium without the extension: its real code over ``fakes/bus.js``.

The page is served with the content security policy of the manifest: what it forbids fails here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support.limits import WAIT_S

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CSP = json.loads((ROOT / "manifest.json").read_text())["content_security_policy"]["extension_pages"]

#: What Chromium adds to the pages of an extension, before their own styles.
EXTENSION_CSS = "body { font-family: 'DejaVu Serif', serif; font-size: 75%; }"


def bundle(entry: Path, out: Path) -> None:
    """Bundle ``entry`` to ``out``, the message bus replaced by the fake. Raises on an error."""
    subprocess.run(["node", str(HERE / "bundle.mjs"), str(entry), str(out)], cwd=ROOT, check=True)


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, silently."""

    policy: str | None = CSP

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_GET(self) -> None:
        """A tab asks for an icon, which the panel does not have."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: pytest's output is for results."""


class OpenHandler(Handler):
    """Without a policy: what is not executed here is not executed because of the code alone."""

    policy = None


@contextmanager
def serve(folder: Path, handler: type[Handler] = Handler) -> Iterator[str]:
    """Serve ``folder`` on a free port of this machine; gives the origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium without network of its own."""
    with sync_playwright() as playwright:
        path = (
            os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        )
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a page did that a test wants to know: errors, requests, dialogs."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def outside(self, origin: str) -> list[str]:
        """Requests that did not go to ``origin``."""
        return [url for url in self.requests if not url.startswith(origin)]


def watch(page: Page) -> Seen:
    """Record errors, requests and dialogs of a page from now on."""
    seen = Seen()

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            seen.errors.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))

    def on_dialog(dialog: Any) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", on_dialog)
    return seen


def wait_for(page: Page, script: str, argument: Any = None, timeout_s: float = WAIT_S) -> None:
    """Until ``script`` gives something true. Playwright's own wait needs eval: forbidden here."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(script, argument):
        if time.monotonic() > end:
            raise TimeoutError(f"not true after {timeout_s} s: {script}")
        page.wait_for_timeout(20)


@contextmanager
def panel_site(folder: Path) -> Iterator[str]:
    """Build the panel over the fake bus into ``folder`` and serve it; gives the origin."""
    bundle(ROOT / "sidepanel/index.js", folder / "index.js")
    shutil.copy(ROOT / "sidepanel/panel.css", folder / "panel.css")
    (folder / "extension.css").write_text(EXTENSION_CSS)
    html = (ROOT / "sidepanel/index.html").read_text()
    link = '<link rel="stylesheet" href="panel.css">'
    assert link in html
    html = html.replace(link, link.replace("panel", "extension") + link)
    (folder / "index.html").write_text(html)
    with serve(folder) as origin:
        yield origin


def open_panel(context: BrowserContext, origin: str, before: str = "") -> tuple[Page, Seen]:
    """Open the panel at 360 x 640; ``before`` is JavaScript run on ``fake`` before it connects."""
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    seen = watch(page)
    if before:
        page.add_init_script(
            "let f; Object.defineProperty(globalThis, 'fake', {get: () => f, set(fake) { f = fake;"
            + before
            + "}})"
        )
    page.goto(f"{origin}/index.html")
    wait_for(page, "globalThis.fake && fake.channels.size > 0")
    return page, seen
