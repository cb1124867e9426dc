"""Events of turns, as the assistant sends them."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]


def block(index: int, text: str, kind: str = "text") -> list[Event]:
    """One block of the answer, in two pieces."""
    half = len(text) // 2
    return [
        {"type": "turn.block_start", "block_index": index, "block_type": kind},
        {"type": "turn.delta", "block_index": index, "text": text[:half]},
        {"type": "turn.delta", "block_index": index, "text": text[half:]},
    ]


def called(call_id: str, decision: str, decided_by: str, result: Event) -> list[Event]:
    """A tool call that was asked, decided and answered."""
    call = {"tool_call_id": call_id, "tool_name": "add_todo", "arguments": {"text": call_id}}
    effect = {"title": "Add it", "detail": "", "target_origin": None}
    flags = {"reads": False, "writes": True, "sends": False, "runs_code": False}
    approval = {
        **call,
        "approval_id": f"approval-{call_id}",
        "conversation_id": "c-1",
        "turn_id": "t-1",
        "effect": {**effect, **flags},
        "page": None,
        "asked_at_ms": 1,
        "timeout_s": 300,
    }
    named = {"tool_call_id": call_id, "tool_name": "add_todo"}
    ids = {"approval_id": approval["approval_id"]}
    return [
        {"type": "turn.tool_call", **call},
        {"type": "turn.approval_requested", "approval": approval},
        {"type": "turn.approval_decided", **ids, "decision": decision, "decided_by": decided_by},
        {"type": "turn.tool_result", **named, **result},
    ]


#: Every kind of item, in no sorted order.
MIXED: list[Event] = [
    *block(0, "First I add **oil**."),
    *called("oil", "allow", "user", {"status": "ok", "text": "1. oil"}),
    # A later model call of the turn counts its blocks from 0 again.
    *block(0, "Let me see what else.", "thinking"),
    *block(1, "Then wicks."),
    *called("wicks", "deny", "user", {"status": "denied", "text": "The user said no."}),
    {"type": "turn.notice", "code": "cut", "message": "The end was left out."},
    *called("rope", "deny", "timeout", {"status": "timed_out", "text": ""}),
    *block(0, "Only oil is on the list."),
]
MIXED_TEXT = "First I add **oil**.\n\nThen wicks.\n\nOnly oil is on the list."


def finished(text: str = MIXED_TEXT, **more: Any) -> Event:
    return {"type": "turn.finished", "status": "completed", "text": text, "transcript": [], **more}
