"""Events of a turn: what Python and the offscreen document tell the panels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sidelight.contract.values import Approval, DecidedBy, ErrorData, Id, Model, ShortText, Usage


class TurnStarted(Model):
    type: Literal["turn.started"]
    conversation_id: Id
    user_message_id: Id
    assistant_message_id: Id
    model_id: Id


class TurnStatus(Model):
    """What the turn is doing now. ``place`` counts the turns before it (stage queued)."""

    type: Literal["turn.status"]
    stage: Literal[
        "queued",
        "reading_page",
        "starting_python",
        "loading_model",
        "prefill",
        "decode",
        "tool",
        "waiting_approval",
    ]
    detail: str = ""
    place: int | None = None
    prompt_tokens: int | None = None


class TurnContext(Model):
    """A context block that went into the prompt (its text is left out), with the share read."""

    type: Literal["turn.context"]
    kind: str
    origin: str
    title: str
    url: str
    read_chars: int
    total_chars: int


class TurnBlockStart(Model):
    type: Literal["turn.block_start"]
    block_index: int
    block_type: Literal["text", "thinking"]


class TurnDelta(Model):
    type: Literal["turn.delta"]
    block_index: int
    text: str


class TurnToolCall(Model):
    type: Literal["turn.tool_call"]
    tool_call_id: Id
    tool_name: ShortText
    arguments: dict[str, Any]


class TurnToolResult(Model):
    type: Literal["turn.tool_result"]
    tool_call_id: Id
    tool_name: ShortText
    status: Literal["ok", "denied", "timed_out", "error"]
    text: str


class TurnApprovalRequested(Model):
    type: Literal["turn.approval_requested"]
    approval: Approval


class TurnApprovalDecided(Model):
    type: Literal["turn.approval_decided"]
    approval_id: Id
    decision: Literal["allow", "deny"]
    decided_by: DecidedBy


class TurnUsage(Model):
    type: Literal["turn.usage"]
    usage: Usage


class TurnNotice(Model):
    """Something was left out or done differently, and the user is told."""

    type: Literal["turn.notice"]
    code: Id
    message: str


class TurnFinished(Model):
    """The last event of a turn. ``transcript`` holds the provider-level messages it added."""

    type: Literal["turn.finished"]
    status: Literal["completed", "stopped", "failed"]
    text: str
    error: ErrorData | None = None
    usage: Usage | None = None
    transcript: list[dict[str, Any]] = []


TurnEventBody = Annotated[
    TurnStarted
    | TurnStatus
    | TurnContext
    | TurnBlockStart
    | TurnDelta
    | TurnToolCall
    | TurnToolResult
    | TurnApprovalRequested
    | TurnApprovalDecided
    | TurnUsage
    | TurnNotice
    | TurnFinished,
    Field(discriminator="type"),
]


class TurnEvent(Model):
    """One event; ``seq`` counts from 0 within the turn, without gaps."""

    turn_id: Id
    seq: int = Field(ge=0)
    event: TurnEventBody
