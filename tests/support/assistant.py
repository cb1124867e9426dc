"""A second client of the assistant beside the panel: its own port, for what no button offers."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import Browser, wait_until
from tests.support.limits import WAIT_S

_CONNECT = """async () => {
  await chrome.runtime.sendMessage(
    { v: 1, id: crypto.randomUUID(), body: { type: "background.ensure_offscreen" } });
  const port = chrome.runtime.connect({ name: "assistant" });
  globalThis.assistant = { port, replies: {}, events: [], times_ms: [] };
  port.onMessage.addListener((frame) => {
    if (frame.reply_to) assistant.replies[frame.reply_to] = frame;
    else if (frame.body?.type === "panel.turn_events")
      for (const event of frame.body.events) {
        assistant.events.push(event);
        assistant.times_ms.push(performance.now());
      }
  });
}"""


class Assistant:
    """Talks to the offscreen document over a port from a tab of the extension."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.extension_page()
        self.page.evaluate(_CONNECT)

    def post(self, frame: Any) -> None:
        """Send a frame as it is, well formed or not."""
        self.page.evaluate("frame => assistant.port.postMessage(frame)", frame)

    def request(self, type: str, timeout_s: float = WAIT_S, **fields: Any) -> dict[str, Any]:
        """One request; the reply frame, ok or not."""
        number = uuid.uuid4().hex
        self.post({"v": 1, "id": number, "body": {"type": type, **fields}})

        def look() -> Any:
            self.page.wait_for_timeout(10)
            return self.page.evaluate("id => assistant.replies[id]", number)

        reply: dict[str, Any] = wait_until(look, timeout_s)
        return reply

    def run_turn(self, text: str, model_id: str, **fields: Any) -> dict[str, Any]:
        """Start a turn; returns the request's body, with its ids."""
        body: dict[str, Any] = {
            "turn_id": f"t-{uuid.uuid4().hex}",
            "conversation_id": f"c-{uuid.uuid4().hex}",
            "parent_id": None,
            "text": text,
            "context_refs": [],
            "page": None,
            "model_id": model_id,
            "options": {},
            **fields,
        }
        reply = self.request("offscreen.run_turn", **body)
        assert reply["ok"], reply
        return {**body, **reply["result"]}

    def events(self, turn_id: str) -> list[dict[str, Any]]:
        """Events of a turn so far, as they arrived."""
        found = self.page.evaluate(
            "id => assistant.events.filter(({turn_id}) => turn_id === id)", turn_id
        )
        return list(found)

    def wait_event(self, turn_id: str, type: str, timeout_s: float = WAIT_S) -> dict[str, Any]:
        """The first event of that type. Raises TimeoutError."""

        def look() -> dict[str, Any] | None:
            self.page.wait_for_timeout(20)
            events = [entry["event"] for entry in self.events(turn_id)]
            return next((event for event in events if event["type"] == type), None)

        return wait_until(look, timeout_s) or {}
