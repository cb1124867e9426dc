"""One build for all panel tests, one browser a file, one browser context a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.panel.driver import Panel
from tests.panel.support import chromium, open_panel, panel_site
from tests.support.limits import WAIT_MS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One per file: the driver's event loop must be gone before other files run theirs."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with panel_site(tmp_path_factory.mktemp("panel")) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(WAIT_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def start(context: BrowserContext, origin: str) -> Iterator[Callable[..., Panel]]:
    """Open the panel; at the end nothing may have gone wrong unseen or left the machine."""
    opened: list[Panel] = []

    def start(before: str = "") -> Panel:
        panel = Panel(*open_panel(context, origin, before))
        opened.append(panel)
        return panel

    yield start
    for panel in opened:
        assert panel.seen.errors == []
        assert panel.seen.outside(origin) == []
        assert panel.seen.dialogs == []


@pytest.fixture
def panel(start: Callable[..., Panel]) -> Panel:
    return start()
