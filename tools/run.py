"""``./dev run``: build, then try Sidelight in Chromium; headless without a display."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright

from tests.support.browser import Browser, Options
from tests.support.pages import Site
from tests.support.panel import Panel
from tools.build import ROOT, build

SHOTS = ROOT / "build/run"
SELECT_PASSAGE = """() => {
  const blocks = [...document.querySelectorAll("#passage, article p, main p, p")];
  const passage = blocks.find((block) => block.innerText.trim().length > 80) ?? document.body;
  getSelection().selectAllChildren(passage);
  return passage.innerText.trim().replace(/\\s+/g, " ");
}"""
CLICK_MENU = """async ({ text, url }) => {
  const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
  chrome.contextMenus.onClicked.dispatch(
    { menuItemId: "summarize-selection", selectionText: text, pageUrl: url, frameId: 0 }, tab);
}"""
NO_WEBGPU = (
    "This Chromium has no WebGPU adapter, so the model cannot run.\n"
    "Update the graphics driver or Chromium (137 or newer), or look at chrome://gpu."
)


def problem_of(panel: Panel) -> str | None:
    """What the panel reports when the engine cannot run."""
    text = panel.page.locator("state-line").inner_text()
    return NO_WEBGPU if "WebGPU" in text or "graphics" in text.lower() else None


def stream(panel: Panel, number: int, limit_s: float = 300) -> None:
    """Print the n-th answer as it arrives. Exits with a sentence when it cannot come."""
    shown = ""
    end = time.monotonic() + limit_s
    answer = panel.answers.nth(number - 1)
    while time.monotonic() < end:
        text = panel.answer_text(number) if panel.answers.count() >= number else ""
        if text != shown:
            start = len(shown) if text.startswith(shown) else 0
            print(text[start:], end="", flush=True)
            shown = text
        if panel.answers.count() >= number and answer.get_attribute("aria-busy") == "false":
            print("\n  " + answer.locator("answer-foot").inner_text().replace("\n", " "))
            if shown:
                return
            sys.exit(problem_of(panel) or "No answer came. The panel says:\n" + answer.inner_text())
        panel.page.wait_for_timeout(60)
    sys.exit(f"No answer within {limit_s:.0f} s.")


def shoot(panel: Panel, name: str) -> None:
    """Save the panel, light and dark."""
    panel.screenshot(SHOTS / f"{name}-dark.png", "dark")
    panel.screenshot(SHOTS / f"{name}-light.png", "light")


def demonstrate(browser: Browser, page: Page) -> None:
    """The main job, driven: selection, summary, follow-up question, one approved tool call."""
    print(f"Page: {page.title()}")
    passage = page.evaluate(SELECT_PASSAGE)
    print(f"Selected: {passage[:200]}")
    panel = Panel(browser.open_panel(page))
    shoot(panel, "1-start")
    print("\n> Summarize selection (context menu)")
    # Headless Chromium draws no menu: the click's event is sent; the toolbar click gave the access.
    browser.service_worker.evaluate(CLICK_MENU, {"text": passage, "url": page.url})
    stream(panel, 1)
    shoot(panel, "2-summary")
    question = "What does a ticket cost?" if "ticket" in passage else "How does it start?"
    print(f"\n> {question}")
    panel.ask(question)
    stream(panel, 2)
    shoot(panel, "3-question")
    request = "add read this again to my to-do list"
    print(f"\n> {request}")
    panel.ask(request)
    card = panel.wait_card()
    card.scroll_into_view_if_needed()
    shoot(panel, "4-approval")
    print(
        "  waits for approval: "
        + " · ".join([line for line in card.inner_text().split("\n") if line.strip()][:3])
    )
    panel.approve()
    print("  approved")
    stream(panel, 3)
    shoot(panel, "5-tool")
    print(f"\nScreenshots: {SHOTS.relative_to(ROOT)}/")


def run(address: str | None, headless: bool) -> None:
    """Start the browser on ``address`` (default: the demonstration page) and show or drive it."""
    own: Any = None if headless else SimpleNamespace(env=dict(os.environ))
    # Without a graphics card the flag alone gives software WebGPU; with one, the card is used.
    options = Options(
        webgpu=headless, display=own, flags=() if headless else ("--enable-unsafe-webgpu",)
    )
    with sync_playwright() as driver, Site() as site, Browser(driver, options) as browser:
        page = browser.context.pages[0] if browser.context.pages else browser.context.new_page()
        try:
            page.goto(address or site.url("demo.html"))
        except PlaywrightError as error:
            sys.exit(f"{address} could not be opened: {error.message.splitlines()[0]}")
        if headless:
            demonstrate(browser, page)
            return
        browser.open_panel(page)
        print("Sidelight is open beside the page. Close the browser to end.")
        browser.context.wait_for_event("close", timeout=0)


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="./dev run")
    parser.add_argument("--page", metavar="URL", help="the page to open")
    parser.add_argument("--headless", action="store_true", help="drive it without a window")
    parser.add_argument("--no-build", action="store_true", help="use dist/ as it is")
    args = parser.parse_args()
    if not args.no_build or not Path(ROOT / "dist/manifest.json").exists():
        print("Building the extension ...", flush=True)
        build()
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    run(args.page, args.headless or not shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
