"""The built panel under watch: careful or careless, with the extension's policy or without."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Error, Frame, Page, Request

from tests.panel.support import OpenHandler, panel_site, serve, wait_for

HERE = Path(__file__).resolve().parent
#: All that the panel itself loads.
#: What Chromium itself asks about any page with fields, whatever they hold.
BROWSERS_OWN = "CONNECT content-autofill.googleapis.com:443 "
OWN_FILES = {"/index.html", "/index.js", "/panel.css", "/extension.css", "/favicon.ico"}


@dataclass
class Sites:
    """Origins that serve the panel."""

    strict: str  #: with the extension's policy
    open: str  #: without a policy: what does not run here is stopped by the code alone
    careless_strict: str  #: writes text as markup, with the policy
    careless: str  #: writes text as markup, without


@contextmanager
def sites(folder: Path) -> Iterator[Sites]:
    """Build and serve the panel and its careless twin."""
    careful, careless = folder / "careful", folder / "careless"
    careful.mkdir()
    with panel_site(careful) as strict, serve(careful, OpenHandler) as opened:
        shutil.copytree(careful, careless)
        for target, how in ((careful, []), (careless, ["careless"])):
            command = ["node", str(HERE / "bundle.mjs"), str(target / "index.js"), *how]
            subprocess.run(command, check=True)
        with serve(careless) as bad_strict, serve(careless, OpenHandler) as bad:
            yield Sites(strict, opened, bad_strict, bad)


class _Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.lines: list[str] = []


class _Line(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        """Write down the first line, answer nothing."""
        assert isinstance(self.server, _Sink)
        try:
            line = self.rfile.readline(2000).decode("latin-1").strip()
        except OSError:
            line = ""
        if not line.startswith(BROWSERS_OWN):
            self.server.lines.append(line or "(connected)")


@contextmanager
def sink() -> Iterator[tuple[str, list[str]]]:
    """A proxy that lets nothing out: its address, and what was asked of it so far."""
    with _Sink() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", server.lines
        finally:
            server.shutdown()


@dataclass
class Watched:
    """A page and all that it did which no text may make it do."""

    page: Page
    origin: str
    wire: list[str]  #: requests to other machines, as the proxy saw them
    requests: list[str] = field(default_factory=list)  #: other than the panel's own files
    dialogs: list[str] = field(default_factory=list)
    navigations: list[str] = field(default_factory=list)
    popups: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def found(self) -> list[dict[str, str]]:
        """What the page itself saw: kind, what, where, during."""
        found: list[dict[str, str]] = self.page.evaluate("xss.found")
        return found

    def findings(self) -> list[Any]:
        """Everything, worth an empty list."""
        outside = ("wire", "requests", "dialogs", "navigations", "popups", "errors")
        told = [(name, what) for name in outside for what in getattr(self, name)]
        if self.navigations:
            return told  # what the page saw went with it
        counted = Counter(tuple(sorted(one.items())) for one in self.found())
        return [*told, *counted.items()]

    def run(self, script: str, argument: Any = None) -> Any:
        """Evaluate; a page that went away meanwhile is told by ``navigations``."""
        try:
            return self.page.evaluate(script, argument)
        except Error:
            self.settle()
            if not self.navigations:
                raise
            return None

    def settle(self, ms: int = 300) -> None:
        """Give what was put in the time to load or run."""
        self.page.wait_for_timeout(ms)


@contextmanager
def watched(browser: Browser, origin: str) -> Iterator[Watched]:
    """The panel open and connected; every detector on."""
    with sink() as (proxy, wire):
        own = origin.removeprefix("http://")
        context = browser.new_context(proxy={"server": proxy, "bypass": own})
        for name in ("detect.js", "hands.js", "turns.js", "paths.js"):
            context.add_init_script(path=HERE / name)
        page = context.new_page()
        page.set_viewport_size({"width": 360, "height": 640})
        seen = Watched(page, origin, wire)

        def on_request(request: Request) -> None:
            path = request.url.removeprefix(origin).partition("#")[0]
            if path not in OWN_FILES:
                seen.requests.append(request.url)

        def on_dialog(dialog: Dialog) -> None:
            seen.dialogs.append(f"{dialog.type} {dialog.message}")
            dialog.dismiss()

        def on_navigation(frame: Frame) -> None:
            if frame != page.main_frame or frame.url != f"{origin}/index.html":
                seen.navigations.append(frame.url)

        context.on("request", on_request)
        page.goto(f"{origin}/index.html")
        wait_for(page, "globalThis.fake && fake.channels.size > 0 && xss.watch() === undefined")
        page.on("framenavigated", on_navigation)
        page.on("dialog", on_dialog)
        context.on("page", lambda other: seen.popups.append(other.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        try:
            yield seen
        finally:
            context.close()
