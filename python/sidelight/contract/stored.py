"""What is stored: conversations as trees of messages, and to-dos."""

from __future__ import annotations

from typing import Any, Literal

from sidelight.contract.events import TurnContext, TurnNotice, TurnToolCall, TurnToolResult
from sidelight.contract.values import ErrorData, Id, Model, Usage


class StoredMessage(Model):
    """A message of a conversation; messages form a tree by ``parent_id``."""

    message_id: Id
    conversation_id: Id
    parent_id: Id | None
    role: Literal["user", "assistant"]
    text: str
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
    conversation_id: Id
    title: str
    created_at_ms: float
    updated_at_ms: float
    message_count: int


class Conversation(Model):
    summary: ConversationSummary
    messages: list[StoredMessage]


class Todo(Model):
    """One to-do item; ``number`` counts from 1 and is never reused."""

    number: int
    text: str
    done: bool
