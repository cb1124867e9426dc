"""Fixtures of the browser tests: real Chromium, demonstration pages, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.browser import Browser, Options
from tests.support.messages import Messenger
from tests.support.pages import Site


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One driver per file: its event loop must be gone before other files run theirs."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The demonstration pages."""
    with Site() as running:
        yield running


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Start browsers with options; all are closed when the test ends."""
    with ExitStack() as stack:

        def start(**options: Any) -> Browser:
            return stack.enter_context(Browser(playwright, Options(**options)))

        yield start


@pytest.fixture
def browser(launch: Callable[..., Browser]) -> Browser:
    """A headless browser with software WebGPU and a fresh profile."""
    return launch()


@pytest.fixture(scope="module")
def shared_browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests of a file that only read."""
    with Browser(playwright) as running:
        yield running


@pytest.fixture
def messenger(browser: Browser) -> Messenger:
    """Sends requests to the background worker as the panel does, and hears its notifications."""
    return Messenger(browser)
