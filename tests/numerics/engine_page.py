"""Runs the extension's engine worker alone in Chromium, for the numeric tests."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]


class EnginePage:
    """A page of the harness extension with one engine worker."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def load(self, model_id: str, **options: Any) -> dict[str, Any]:
        """Load a model; returns the engine's `ready` or `failed` state."""
        state: dict[str, Any] = self.page.evaluate(
            "([id, options]) => harness.load(id, options)", [model_id, options]
        )
        return state

    def control(self, message: dict[str, Any]) -> None:
        """Send one message on the control channel."""
        self.page.evaluate("(message) => harness.control(message)", message)

    def states(self) -> list[dict[str, Any]]:
        """Every `engine.state` message so far."""
        states: list[dict[str, Any]] = self.page.evaluate("() => harness.states")
        return states

    def generate(
        self,
        model_id: str,
        messages: list[dict[str, str]],
        *,
        interrupt_ms: int | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Run one call; returns its last message with `deltas` and `total_s` added."""
        request = {"model_id": model_id, "messages": messages, "options": options}
        result: dict[str, Any] = self.page.evaluate(
            "([request, how]) => harness.generate(request, how)",
            [request, {"interrupt_ms": interrupt_ms}],
        )
        return result

    def generate_all(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Start all calls at once; returns their last messages in order."""
        results: list[dict[str, Any]] = self.page.evaluate(
            "(requests) => Promise.all(requests.map((request) => harness.generate(request)))",
            requests,
        )
        return results


def build(out: Path) -> None:
    """Build the harness extension into `out`; raises CalledProcessError with node's output."""
    script = ROOT / "tests/numerics/harness/build.mjs"
    subprocess.run(["node", str(script), str(out)], check=True, cwd=ROOT)


@contextlib.contextmanager
def engine_page(flags: list[str] | None = None) -> Iterator[EnginePage]:
    """A fresh browser with the harness extension; `flags` default to software WebGPU."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        extension = Path(folder) / "extension"
        build(extension)
        context = playwright.chromium.launch_persistent_context(
            str(Path(folder) / "profile"),
            executable_path="/usr/bin/chromium",
            headless=True,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                f"--disable-extensions-except={extension}",
                f"--load-extension={extension}",
                *(SOFTWARE_WEBGPU if flags is None else flags),
            ],
        )
        try:
            workers = context.service_workers
            worker = workers[0] if workers else context.wait_for_event("serviceworker")
            page = context.new_page()
            page.on("console", lambda message: print("console:", message.text))
            page.on("pageerror", lambda error: print("page error:", error))
            page.goto(f"chrome-extension://{worker.url.split('/')[2]}/page.html")
            yield EnginePage(page)
        finally:
            context.close()
