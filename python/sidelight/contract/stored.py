"""What is stored: conversations as trees of messages, and to-dos."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sidelight.contract.events import (
    TurnApprovalDecided,
    TurnContext,
    TurnNotice,
    TurnToolCall,
    TurnToolResult,
)
from sidelight.contract.values import (
    Approval,
    DecidedBy,
    ErrorData,
    Id,
    Model,
    ShortText,
    Usage,
)


class TextItem(Model):
    """One block of an answer's words or thinking; ``done`` when no more of it will come."""

    kind: Literal["text", "thinking"]
    block_index: int
    text: str
    done: bool


class ToolItem(Model):
    """A tool call and what became of it: asked, decided, run."""

    kind: Literal["tool"]
    call: TurnToolCall
    result: TurnToolResult | None
    approval: Approval | None
    decision: TurnApprovalDecided | None


class NoticeItem(Model):
    kind: Literal["notice"]
    notice: TurnNotice


Item = Annotated[TextItem | ToolItem | NoticeItem, Field(discriminator="kind")]


class StoredMessage(Model):
    """A message of a conversation; messages form a tree by ``parent_id``.

    An answer is its ``items``, in the order in which they came. ``thinking``, ``thinking_blocks``,
    ``tools`` and ``tool_results`` are read of answers that were stored before there were items;
    ``notices`` also holds what was added after the turn.
    """

    message_id: Id
    conversation_id: Id
    parent_id: Id | None
    role: Literal["user", "assistant"]
    text: str
    items: list[Item] = []
    thinking: str = ""
    thinking_blocks: list[int] = []
    created_at_ms: float
    turn_id: Id | None = None
    status: Literal["complete", "streaming", "stopped", "failed"] = "complete"
    model_id: str | None = None
    context: list[TurnContext] = []
    tools: list[TurnToolCall] = []
    tool_results: list[TurnToolResult] = []
    notices: list[TurnNotice] = []
    usage: Usage | None = None
    error: ErrorData | None = None
    transcript: list[dict[str, Any]] = []


class ConversationSummary(Model):
    """``imported``: it came from a file, so that nothing in it is known to be true."""

    conversation_id: Id
    title: str
    created_at_ms: float
    updated_at_ms: float
    message_count: int
    imported: bool = False


class Conversation(Model):
    summary: ConversationSummary
    messages: list[StoredMessage]


class Decision(Model):
    """What was decided about a tool call, what became of it, and whether it can be undone."""

    approval_id: Id
    at_ms: float
    conversation_id: Id
    tool_name: ShortText
    title: ShortText
    detail: str
    target_origin: str | None
    decision: Literal["allow", "deny"]
    decided_by: DecidedBy
    outcome: Literal["not_run", "done", "failed"]
    undo: Literal["none", "available", "undone"]


class LedgerEntry(Model):
    """One request that left the device, or wanted to."""

    entry_id: Id
    at_ms: float
    host: ShortText
    purpose: ShortText
    asked_by: ShortText
    bytes_out: int
    bytes_in: int
    status: Literal["open", "done", "failed", "refused", "cancelled"]
    detail: ShortText


class ConversationFile(Model):
    """An export. Whoever reads one treats all of it as untrusted."""

    format: Literal["sidelight-conversations-1"]
    exported_at_ms: float
    conversations: list[Conversation] = Field(max_length=10_000)


class Todo(Model):
    """One to-do item; ``number`` counts from 1 and is never reused."""

    number: int
    text: str
    done: bool
