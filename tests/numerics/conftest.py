"""Fixtures: one browser with one engine worker per file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.numerics.engine_page import EnginePage, engine_page


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """One driver per file: its event loop must be gone before other files run theirs."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def engine(driver: Playwright) -> Iterator[EnginePage]:
    """An engine worker on software WebGPU."""
    with engine_page(driver) as page:
        yield page
