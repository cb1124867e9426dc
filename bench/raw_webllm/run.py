"""Raw WebLLM in a bare page: what the whole stack is compared with.

The page is served from this machine over http, holds the unmodified WebLLM on its main thread, and
nothing else: no extension, no worker, no Python, no journal.
"""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
SOFTWARE_WEBGPU = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the folder without a line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


class RawWebLLM:
    """A browser with the bare page. Use as a context manager; `load` once, then `generate`.

    Hold one open beside the stack under test to interleave runs.
    """

    def __init__(
        self,
        *,
        flags: tuple[str, ...] = SOFTWARE_WEBGPU,
        playwright: Playwright | None = None,
        executable: str = CHROMIUM,
    ) -> None:
        self._flags = flags
        self._given = playwright
        self._executable = executable
        self._folder = tempfile.TemporaryDirectory()
        self._server: http.server.ThreadingHTTPServer | None = None
        self._own: Any = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    def __enter__(self) -> Self:
        site = Path(self._folder.name) / "site"
        site.mkdir()
        script = Path(__file__).with_name("build.mjs")
        subprocess.run(["node", str(script), str(site)], check=True, cwd=ROOT)
        (site / "models").symlink_to(ROOT / "models")
        handler = functools.partial(_Handler, directory=str(site))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        playwright = self._given
        if playwright is None:
            self._own = sync_playwright().start()
            playwright = self._own
        self._context = playwright.chromium.launch_persistent_context(
            str(Path(self._folder.name) / "profile"),
            executable_path=self._executable,
            headless=True,
            args=["--no-sandbox", "--disable-dev-shm-usage", *self._flags],
        )
        self._page = self._context.new_page()
        self._page.goto(f"http://127.0.0.1:{self._server.server_port}/index.html")
        self._page.wait_for_function("() => globalThis.raw")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._context is not None:
            self._context.close()
        if self._own is not None:
            self._own.stop()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._folder.cleanup()

    @property
    def page(self) -> Page:
        """The bare page; raises RuntimeError outside the context."""
        if self._page is None:
            raise RuntimeError("RawWebLLM is used as a context manager")
        return self._page

    def load(self, model: str) -> float:
        """Load a packaged model by id; returns seconds. Repeated loads read WebLLM's cache."""
        manifest = json.loads((ROOT / "models/manifest.json").read_text())
        entry = next(item for item in manifest["models"] if item["id"] == model)
        names = ("model_path", "library_path", "context_window_tokens")
        record = {"model_id": model, **{name: entry[name] for name in names}}
        return float(self.page.evaluate("(record) => raw.load(record)", record))

    def generate(
        self,
        messages: list[dict[str, str]],
        max_tokens: int,
        *,
        grammar: str | None = None,
        ignore_eos: bool = False,
    ) -> dict[str, Any]:
        """One greedy answer without reuse.

        Returns text, prompt_tokens, completion_tokens, time_to_first_token_s, total_s,
        tokens_per_s (wall clock, first to last token), and WebLLM's own prefill_tokens_per_s and
        decode_tokens_per_s.
        """
        request = {
            "messages": messages,
            "max_tokens": max_tokens,
            "grammar": grammar,
            "ignore_eos": ignore_eos,
        }
        result: dict[str, Any] = self.page.evaluate("(r) => raw.generate(r)", request)
        return result


def run_raw(
    model: str,
    prompt_messages: list[dict[str, str]],
    max_tokens: int,
    runs: int,
    *,
    flags: tuple[str, ...] = SOFTWARE_WEBGPU,
    ignore_eos: bool = False,
) -> dict[str, Any]:
    """Load `model` in a fresh browser and answer the same prompt `runs` times.

    Returns model, load_s (cold), reload_s (from WebLLM's cache), runs (see `RawWebLLM.generate`).
    """
    with RawWebLLM(flags=flags) as raw:
        load_s = raw.load(model)
        results = [
            raw.generate(prompt_messages, max_tokens, ignore_eos=ignore_eos) for _ in range(runs)
        ]
        return {"model": model, "load_s": load_s, "reload_s": raw.load(model), "runs": results}
