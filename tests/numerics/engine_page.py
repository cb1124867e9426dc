"""The extension's engine worker alone, in a harness extension in real Chromium."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright

from tests.support.browser import Browser, Options

ROOT = Path(__file__).resolve().parents[2]


class EnginePage:
    """A page of the harness extension that started one engine worker."""

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
        """Every `engine.state` message so far, with `at_ms`."""
        states: list[dict[str, Any]] = self.page.evaluate("() => harness.states")
        return states

    def wait_for_state(self, state: str) -> dict[str, Any]:
        """The newest state message, once it is `state`."""
        self.page.wait_for_function("(state) => harness.states.at(-1)?.state === state", arg=state)
        return self.states()[-1]

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

    def count(self, model_id: str, messages: list[dict[str, str]]) -> dict[str, Any]:
        """The answer to `engine.count`."""
        request = {"type": "engine.count", "model_id": model_id, "messages": messages}
        result: dict[str, Any] = self.page.evaluate(
            "(request) => harness.generate(request)", request
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
    """Build the harness extension into `out`; raises CalledProcessError."""
    script = ROOT / "tests/numerics/harness/build.mjs"
    subprocess.run(["node", str(script), str(out)], check=True, cwd=ROOT)


@contextlib.contextmanager
def engine_page(playwright: Playwright, *, webgpu: bool = True) -> Iterator[EnginePage]:
    """A fresh browser with the harness extension."""
    with tempfile.TemporaryDirectory() as folder:
        extension = Path(folder) / "extension"
        build(extension)
        options = Options(webgpu=webgpu, extension=extension)
        with Browser(playwright, options) as browser:
            page = browser.context.new_page()
            page.on("pageerror", lambda error: print("page error:", error))
            page.goto(browser.extension_url("page.html"))
            yield EnginePage(page)
