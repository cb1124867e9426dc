"""Page object of the panel over the fake bus: what a user does, and what the assistant sends."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.panel import trust
from tests.panel.support import Seen, wait_for

USAGE = {
    "prompt_tokens": 1312,
    "prefilled_tokens": 1312,
    "completion_tokens": 214,
    "time_to_first_token_s": 0.87,
    "decode_tokens_per_s": 38.24,
    "prefill_tokens_per_s": 900.0,
    "model_calls": 1,
}


class Panel:
    """The open panel. Elements are found by role and name."""

    def __init__(self, page: Page, seen: Seen) -> None:
        self.page = page
        self.seen = seen
        self.box = page.get_by_role("textbox", name="Message")
        self.log = page.get_by_role("log", name="Conversation")
        self.answers = page.get_by_role("article", name="Answer")
        self.asked = page.get_by_role("article", name="You")
        self.card = page.get_by_role("alertdialog")
        self.state = page.get_by_role("region", name="State of the assistant")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def eval(self, script: str, argument: Any = None) -> Any:
        """Run JavaScript in the panel."""
        return self.page.evaluate(script, argument)

    def wait(self, script: str, argument: Any = None) -> None:
        """Until the script gives something true; raises TimeoutError."""
        wait_for(self.page, script, argument)

    # -- the user

    def ask(self, text: str) -> str:
        """Type and send; gives the turn id once the assistant has the turn."""
        before = self.eval("fake.turns.size")
        self.box.fill(text)
        self.box.press("Enter")
        return self.turn(before + 1)

    def turn(self, count: int = 1) -> str:
        """The newest turn's id, once there are ``count`` and its first event is out."""
        self.wait(
            "n => fake.turns.size >= n && [...fake.turns.values()].at(-1).events.length > 0", count
        )
        return str(self.eval("[...fake.turns.keys()].at(-1)"))

    # -- the assistant

    def emit(self, turn_id: str, event: dict[str, Any], push: bool = True) -> dict[str, Any]:
        numbered: dict[str, Any] = self.eval(
            "([t, e, p]) => fake.emit(t, e, p)", [turn_id, event, push]
        )
        return numbered

    def say(self, turn_id: str, text: str, push: bool = True) -> dict[str, Any]:
        return self.emit(turn_id, {"type": "turn.delta", "block_index": 0, "text": text}, push)

    def begin_text(self, turn_id: str) -> None:
        self.emit(turn_id, {"type": "turn.block_start", "block_index": 0, "block_type": "text"})

    def finish(self, turn_id: str, text: str, **more: Any) -> None:
        event = {"type": "turn.finished", "status": "completed", "text": text, "usage": USAGE}
        self.emit(turn_id, {**event, **more})

    def approve_ask(self, turn_id: str, **more: Any) -> str:
        """The assistant asks to run add_todo; gives the approval id."""
        conversation_id = self.eval("t => fake.turns.get(t).conversation_id", turn_id)
        call = {"tool_call_id": "call-1", "tool_name": "add_todo", "arguments": {"text": "oil"}}
        self.emit(turn_id, {"type": "turn.tool_call", **call})
        self.emit(turn_id, {"type": "turn.status", "stage": "waiting_approval"})
        approval = {
            **call,
            "approval_id": "approval-1",
            "conversation_id": conversation_id,
            "turn_id": turn_id,
            "effect": {
                "title": "Add “oil” to your to-do list",
                "detail": "It is stored on this device.",
                "target_origin": None,
                "reads": False,
                "writes": True,
                "sends": False,
                "runs_code": False,
            },
            "page": None,
            "asked_at_ms": self.eval("Date.now()"),
            "timeout_s": 300,
            **more,
        }
        self.emit(turn_id, {"type": "turn.approval_requested", "approval": approval})
        return str(approval["approval_id"])

    def decided(self, turn_id: str, by: str, undo: str = "available") -> str:
        """add_todo was allowed and run, decided by ``by``; it is in the list of decisions."""
        approval_id = self.approve_ask(turn_id)
        ids = {"approval_id": approval_id, "decision": "allow", "decided_by": by}
        self.emit(turn_id, {"type": "turn.approval_decided", **ids})
        call = {"tool_call_id": "call-1", "tool_name": "add_todo", "status": "ok"}
        self.emit(turn_id, {"type": "turn.tool_result", **call, "text": "1. oil"})
        now_ms = self.eval("Date.now()")
        self.eval(
            "d => { fake.decisions.unshift(d); fake.notify({type: 'panel.decisions_changed'}) }",
            trust.decision(approval_id, now_ms, decided_by=by, undo=undo),
        )
        return approval_id

    # -- what crossed

    def requests(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.eval(
            "t => fake.requests.filter(r => r.type === t)", kind
        )
        return found

    def wait_requests(self, kind: str, count: int) -> list[dict[str, Any]]:
        self.wait("([t, n]) => fake.requests.filter(r => r.type === t).length >= n", [kind, count])
        return self.requests(kind)

    # -- what is shown

    def words(self) -> str:
        """The last answer's words alone, without caret, meter and buttons."""
        return " ".join(self.answers.last.locator(".md").all_inner_texts()).strip()

    def expect_words(self, text: str) -> None:
        expect(self.answers.last.locator(".md").last).to_have_text(text)
