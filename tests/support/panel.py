"""The side panel as a person uses it: found by role and accessible name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import wait_until
from tests.support.limits import WAIT_S


class Panel:
    """Page object of the real side panel (or of its page in a tab)."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.get_by_role("textbox", name="Message", exact=True)
        self.log = page.get_by_role("log", name="Conversation", exact=True)
        self.questions = page.get_by_role("article", name="You", exact=True)
        self.answers = page.get_by_role("article", name="Answer", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.chip = page.get_by_role("group", name="Page", exact=True)
        self.card = page.get_by_role("alertdialog")

    # ---------------------------------------------------------------- asking

    def ask(self, text: str) -> None:
        """Type a message and send it with Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def choose_model(self, label: str) -> None:
        """Choose a model in the dialog of the state line."""
        self.page.get_by_role("button", name="Choose a model").click()
        dialog = self.page.get_by_role("dialog", name="Models")
        dialog.get_by_role("radio", name=label).check()
        self.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    def new_chat(self) -> None:
        """Start another conversation."""
        self.page.get_by_role("button", name="New chat", exact=True).click()
        expect(self.answers).to_have_count(0)

    def attach_page(self) -> None:
        """Press the page chip until the page will be read with the next message."""
        toggle = self.chip.get_by_role("button").first
        if toggle.get_attribute("aria-pressed") != "true":
            toggle.click()
        expect(self.chip.get_by_role("button", pressed=True)).to_have_count(1)

    def wait_answer(self, number: int = 1, timeout_s: float = WAIT_S) -> str:
        """Text of the n-th answer, counted from 1, once it is finished."""
        answer = self.answers.nth(number - 1)
        expect(answer).to_be_visible(timeout=timeout_s * 1000)
        expect(answer).to_have_attribute("aria-busy", "false", timeout=timeout_s * 1000)
        return self.answer_text(number)

    def wait_streaming(self, number: int = 1, chars: int = 1, timeout_s: float = WAIT_S) -> str:
        """Text of the n-th answer once that much of it has arrived, finished or not."""

        def look() -> str | None:
            self.page.wait_for_timeout(20)
            text = self.answer_text(number) if self.answers.count() >= number else ""
            return text if len(text) >= chars else None

        return wait_until(look, timeout_s) or ""

    def answer_text(self, number: int = 1) -> str:
        """What the n-th answer says now, without its status and figures."""
        parts = self.answers.nth(number - 1).locator(".items > .md").all()
        return "\n\n".join(part.inner_text() for part in parts).strip()

    def stop(self) -> None:
        """Stop the running answer."""
        self.stop_button.click()

    def figures(self, number: int = 1) -> dict[str, int]:
        """Token counts under the n-th answer: prompt (in) and answer (out)."""
        words = self.answers.nth(number - 1).locator("answer-foot").inner_text()
        found = re.search(r"([\d,.]+) tokens? read\W+([\d,.]+) written", words)
        assert found, words
        counts = [int(re.sub(r"\D", "", text)) for text in found.groups()]
        return {"prompt_tokens": counts[0], "completion_tokens": counts[1]}

    # ---------------------------------------------------------------- approval

    def wait_card(self, timeout_s: float = WAIT_S) -> Locator:
        """The approval card once it is there."""
        expect(self.card).to_be_visible(timeout=timeout_s * 1000)
        return self.card

    def approve(self, timeout_s: float = WAIT_S) -> None:
        """Allow the tool call that waits."""
        self.wait_card(timeout_s).get_by_role("button", name="Allow once", exact=True).click()
        expect(self.card).to_have_count(0)

    def deny(self, timeout_s: float = WAIT_S) -> None:
        """Deny the tool call that waits."""
        self.wait_card(timeout_s).get_by_role("button", name="Deny", exact=True).click()
        expect(self.card).to_have_count(0)

    # ---------------------------------------------------------------- what it shows

    def wait_chip(self, text: str, timeout_s: float = WAIT_S) -> str:
        """The chip's words once they contain the text."""
        expect(self.chip).to_contain_text(text, timeout=timeout_s * 1000)
        return self.chip.inner_text()

    def screenshot(self, path: Path, scheme: Literal["light", "dark"] = "light") -> None:
        """The panel as PNG in one colour scheme."""
        self.page.emulate_media(color_scheme=scheme)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(path))
