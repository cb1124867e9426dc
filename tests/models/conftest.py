"""Fixtures: a served folder with a bare WebLLM page, and Chromium with software WebGPU on it."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, sync_playwright

from models.library.places import MODELS, ROOT

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage"]
FLAGS += ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the page and the packaged models, and the page's address."""
    folder = tmp_path_factory.mktemp("site")
    script = ROOT / "tests/models/harness/build.mjs"
    subprocess.run(["node", str(script), str(folder)], check=True, cwd=ROOT)
    (folder / "models").symlink_to(MODELS)
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """One driver per file: its event loop must be gone before other files run theirs."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def page(
    driver: Playwright, site: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The page in a fresh browser, with a profile on disk.

    A private window's cache lives in memory and fails with an internal error at some 100 MB.
    """
    browser = driver.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"), executable_path="/usr/bin/chromium", args=FLAGS
    )
    opened = browser.new_page()
    opened.set_default_timeout(0)
    opened.goto(site[1])
    opened.wait_for_function("() => globalThis.checked", timeout=0)
    yield opened
    browser.close()
