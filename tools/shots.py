"""``./dev shots``: the panel's screens, light and dark, into ``docs/screenshots/``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.panel.screens import SCREENS
from tests.panel.support import chromium, open_panel, panel_site
from tests.support.browser import Browser
from tests.support.pages import Site
from tools import run
from tools.build import ROOT, build

SHOTS = ROOT / "docs/screenshots"


def demonstration() -> None:
    """Build, drive the demonstration in the real extension, keep its pictures."""
    build()
    run.SHOTS = SHOTS
    with sync_playwright() as driver, Site() as site, Browser(driver) as browser:
        page = browser.context.pages[0] if browser.context.pages else browser.context.new_page()
        page.goto(site.url("demo.html"))
        run.demonstrate(browser, page)


def screens(folder: Path) -> None:
    """Screens that need servers, files or a history: the panel over the tests' fake assistant."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as site,
        panel_site(Path(site)) as origin,
        chromium() as browser,
    ):
        for name, (before, prepare) in SCREENS.items():
            context = browser.new_context(device_scale_factor=2)
            page, seen = open_panel(context, origin, before)
            prepare(page, seen)
            page.wait_for_timeout(700)
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=str(folder / f"{name}-{scheme}.png"))
            context.close()


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="./dev shots")
    parser.add_argument("--screens", action="store_true", help="only those that need no extension")
    parser.add_argument("--out", type=Path, default=SHOTS, help="folder of the second kind")
    args = parser.parse_args()
    if not args.screens:
        demonstration()
    screens(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
