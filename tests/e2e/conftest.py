"""Fixtures of the browser tests: real Chromium, demonstration pages, messages.

Every browser is recorded by DevTools protocol and net log, and nothing may leave the device; see
``tests/support/leaks.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.browser import Browser, Options
from tests.support.display import Display
from tests.support.leaks import Guard
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


@pytest.fixture(autouse=True)
def nothing_leaves(request: pytest.FixtureRequest) -> Iterator[Guard]:
    """Fails a test whose browsers contacted anybody but the servers that it names.

    The demonstration pages are named for tests that use them; others say ``serve(origin)``.
    """
    guard = Guard()
    if "site" in request.fixturenames:
        running: Site = request.getfixturevalue("site")
        guard.serve(running.origin, running.other_origin)
    yield guard
    guard.check()


@pytest.fixture
def display() -> Iterator[Display]:
    """A real screen, mouse and keyboard; name it before ``launch``, so that it ends after."""
    with Display() as running:
        yield running


@pytest.fixture
def launch(playwright: Playwright, nothing_leaves: Guard) -> Iterator[Callable[..., Browser]]:
    """Start browsers with options; all are closed when the test ends."""
    with ExitStack() as stack:

        def start(**options: Any) -> Browser:
            running = Browser(playwright, Options(**{"record": True, **options}))
            return nothing_leaves.watch(stack.enter_context(running))

        yield start


@pytest.fixture
def browser(launch: Callable[..., Browser]) -> Browser:
    """A headless browser with software WebGPU and a fresh profile."""
    return launch()


@pytest.fixture(scope="module")
def shared_browser(playwright: Playwright, site: Site) -> Iterator[Browser]:
    """One browser for all tests of a file that only read; judged when the last of them ends."""
    guard = Guard()
    guard.serve(site.origin, site.other_origin)
    with Browser(playwright, Options(record=True)) as running:
        yield guard.watch(running)
    guard.check()


@pytest.fixture
def messenger(browser: Browser) -> Messenger:
    """Sends requests to the background worker as the panel does, and hears its notifications."""
    return Messenger(browser)
