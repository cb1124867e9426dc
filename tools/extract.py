"""``./dev extract FILE.html ...``: what Sidelight reads of pages, one JSON object per line.

Real Chromium, and the very script that the extension injects, in its own isolated world. Without
files, or with ``-``, one page comes from standard input. Pages are served from this machine, with
the other files of their folder; no other machine can be reached.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.support.browser import EXTENSION, Browser, Options, changed_manifest

#: Nothing but this machine is found; names fail at once instead of after a time-out.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
LOAD_WITHIN_S = 15
_READ = """async ([url, call]) => {
  const tabs = await chrome.tabs.query({});
  const tab = tabs.find((one) => one.url === url);
  if (!tab) throw new Error("the page went elsewhere");
  const at = {target: {tabId: tab.id}, injectImmediately: true};
  await chrome.scripting.executeScript({...at, files: ["background/extract.js"]});
  const [answer] = await chrome.scripting.executeScript({
    ...at, args: [call], func: (call) => globalThis[call](),
  });
  return answer.result;
}"""


class _Handler(BaseHTTPRequestHandler):
    """``/N/NAME``: a file of the N-th folder, or the page that came from standard input."""

    extractor: Extractor

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).split("/", 2)
        body = self.extractor.file(parts[1], parts[2]) if len(parts) == 3 else None
        if body is None:
            self.send_error(404)
            return
        page = parts[2].endswith((".html", ".htm", ".xhtml"))
        if page:
            other = f"http://localhost:{self.extractor.port}/{parts[1]}/"
            body = body.replace(b"{{other}}", other.encode())
        declared = b"charset" in body[:4096].lower()
        kind = "text/html" if declared else "text/html; charset=utf-8"
        self.send_response(200)
        if page:
            self.send_header("Content-Type", kind)
            if not self.extractor.scripts:
                self.send_header("Content-Security-Policy", "script-src 'none'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


class Extractor:
    """A browser that reads pages, one after the other. A context manager."""

    def __init__(self, playwright: Playwright, *, scripts: bool = True) -> None:
        self.scripts = scripts
        self._folders: dict[str, Path | bytes] = {}
        self._open = contextlib.ExitStack()
        handler = partial(type("Handler", (_Handler,), {"extractor": self}))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._server.server_port
        serving = threading.Thread(target=self._server.serve_forever, daemon=True)
        serving.start()
        self._open.callback(self._server.server_close)
        self._open.callback(self._server.shutdown)
        try:
            # On this one origin without a click: a frame of any other stays closed, as it is.
            allowed = {"host_permissions": ["http://127.0.0.1/*"]}
            extension = self._open.enter_context(changed_manifest(EXTENSION, **allowed))
            options = Options(webgpu=False, extension=extension, flags=(OFFLINE,))
            self.browser = self._open.enter_context(Browser(playwright, options))
            self.page: Page = self.browser.context.new_page()
        except BaseException:
            self._open.close()
            raise

    def file(self, folder: str, name: str) -> bytes | None:
        """A file to serve; None when there is none."""
        known = self._folders.get(folder)
        if known is None or isinstance(known, bytes):
            return known
        file = known / name
        inside = file.resolve().is_relative_to(known.resolve())
        return file.read_bytes() if inside and file.is_file() else None

    def open(self, source: Path | bytes) -> str:
        """Load a page, and wait until it is laid out; returns its address."""
        if isinstance(source, Path) and not source.is_file():
            raise FileNotFoundError(f"there is no file {source.name}")
        number = str(len(self._folders))
        name = "page.html" if isinstance(source, bytes) else source.name
        if isinstance(source, Path) and source.suffix not in (".html", ".htm", ".xhtml"):
            source, name = source.read_bytes(), "page.html"
        self._folders[number] = source if isinstance(source, bytes) else source.parent
        url = f"http://127.0.0.1:{self.port}/{number}/{quote(name)}"
        with contextlib.suppress(
            PlaywrightError
        ):  # a page that never ends loading is read as it is
            self.page.goto(url, timeout=LOAD_WITHIN_S * 1000)
        self.page.evaluate("new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
        return url

    def read(self, url: str) -> dict[str, Any]:
        """What the extension reads of the open page. Raises RuntimeError with the reason."""
        result = self.browser.worker_evaluate(_READ, [url, "sidelightTell"])
        if not result or not result["ok"]:
            raise RuntimeError(result["error"]["message"] if result else "the page gave no answer")
        page: dict[str, Any] = result["page"]
        return page

    def extract(self, source: Path | bytes) -> dict[str, Any]:
        """Open and read. Raises RuntimeError, OSError, PlaywrightError."""
        return self.read(self.open(source))

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def sources(names: list[str]) -> Iterator[tuple[str, Path | bytes]]:
    """What to read, with the name to give it in the answer."""
    for name in names or ["-"]:
        yield name, sys.stdin.buffer.read() if name == "-" else Path(name)


def main() -> int:
    """Command line entry. Exit code 1 when a page could not be read."""
    parser = argparse.ArgumentParser(prog="./dev extract", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE.html", help="pages; - is standard input")
    parser.add_argument("--no-scripts", action="store_true", help="pages may run no script")
    args = parser.parse_args()
    failed = False
    with sync_playwright() as driver, Extractor(driver, scripts=not args.no_scripts) as extractor:
        for name, source in sources(args.files):
            try:
                answer = {"file": name, "ok": True, **extractor.extract(source)}
            except (RuntimeError, OSError, PlaywrightError) as error:
                answer = {"file": name, "ok": False, "error": str(error).splitlines()[0]}
                failed = True
            print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
