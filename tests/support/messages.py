"""The contract's frames, sent from an extension page: what the panel does, without the panel."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import Browser, wait_until

_LISTEN = """() => {
  globalThis.heard = [];
  globalThis.parked = [];
  chrome.runtime.onMessage.addListener((frame) => { heard.push(frame.body); });
  chrome.storage.session.onChanged.addListener((changes) => {
    for (const [key, { newValue }] of Object.entries(changes))
      if (key.startsWith("handoff:") && newValue) parked.push(newValue.handoff);
  });
}"""


class ReplyError(Exception):
    """An error reply; ``data`` is the contract's ErrorData."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(f"{data['code']}: {data['message']}")
        self.data = data


class Messenger:
    """Requests from, and notifications to, a background tab of the extension."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.page: Page = browser.extension_page()
        self.page.evaluate(_LISTEN)

    def request(self, type: str, **fields: Any) -> dict[str, Any]:
        """One request; returns the result. Raises ReplyError."""
        frame = {"v": 1, "id": uuid.uuid4().hex, "body": {"type": type, **fields}}
        reply = self.page.evaluate("frame => chrome.runtime.sendMessage(frame)", frame)
        assert reply["v"] == 1
        assert reply["reply_to"] == frame["id"], reply
        if not reply["ok"]:
            raise ReplyError(reply["error"])
        result: dict[str, Any] = reply["result"]
        return result

    def window_id(self) -> int:
        """The window the tab is in."""
        found = self.page.evaluate("async () => (await chrome.windows.getCurrent()).id")
        return int(found)

    def page_state(self, read_document_id: str | None = None) -> dict[str, Any]:
        """The chip of this window."""
        return self.request(
            "background.page_state",
            window_id=self.window_id(),
            read_document_id=read_document_id,
        )

    def wait_state(self, state: str, read_document_id: str | None = None) -> dict[str, Any]:
        """The chip once it is in that state. Raises TimeoutError."""

        def look() -> dict[str, Any] | None:
            found = self.page_state(read_document_id)
            return found if found["state"] == state else None

        return wait_until(look) or {}

    def read_page(self, page: dict[str, Any], mode: str = "page") -> dict[str, Any]:
        """The text of a page."""
        return self.request("background.read_page", page=page, mode=mode)

    def heard(self, type: str) -> list[dict[str, Any]]:
        """Messages of one type that any part of the extension sent so far."""
        found = self.page.evaluate("type => heard.filter(body => body.type === type)", type)
        return list(found)

    def wait_heard(self, type: str) -> dict[str, Any]:
        """The first message of that type. Raises TimeoutError."""
        return wait_until(lambda: self.heard(type))[0]

    def parked(self) -> list[dict[str, Any]]:
        """Handoffs parked so far, whether or not a panel has taken them already."""
        return list(self.page.evaluate("() => parked"))

    def forget(self) -> None:
        """Forget the notifications so far."""
        self.page.evaluate("() => { heard.length = 0; parked.length = 0; }")
