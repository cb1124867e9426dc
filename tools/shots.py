"""``./dev shots``: the demonstration's screens, light and dark, into ``docs/screenshots/``."""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

from tests.support.browser import Browser
from tests.support.pages import Site
from tools import run
from tools.build import ROOT, build


def main() -> int:
    """Build, drive the demonstration, keep its pictures."""
    build()
    run.SHOTS = ROOT / "docs/screenshots"
    with sync_playwright() as driver, Site() as site, Browser(driver) as browser:
        page = browser.context.pages[0] if browser.context.pages else browser.context.new_page()
        page.goto(site.url("demo.html"))
        run.demonstrate(browser, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
