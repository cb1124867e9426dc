"""Messages between the offscreen document and the Python worker."""

from __future__ import annotations

from typing import Any, Literal

from sidelight.contract.events import TurnEventBody
from sidelight.contract.stored import Todo
from sidelight.contract.values import (
    Approval,
    ContextBlock,
    DecidedBy,
    Id,
    Model,
    ModelInfo,
    PageRef,
    Server,
    Settings,
    ShortText,
    TurnOptions,
)


class PythonRunTurn(Model):
    """Run one turn. ``transcript`` is that of the parent chain, oldest first."""

    type: Literal["python.run_turn"]
    turn_id: Id
    conversation_id: Id
    parent_id: Id | None
    user_message_id: Id
    assistant_message_id: Id
    text: str
    context_blocks: list[ContextBlock]
    page: PageRef | None
    model: ModelInfo
    options: TurnOptions
    transcript: list[dict[str, Any]]
    settings: Settings
    server: Server | None
    #: measured in earlier answers of this model on this device, if there were any
    prefill_tokens_per_s: float | None = None
    #: the message, or something attached to it, is pinned
    pinned: bool = False


class PythonCancelTurn(Model):
    type: Literal["python.cancel_turn"]
    turn_id: Id
    immediate: bool


class PythonCloseConversation(Model):
    type: Literal["python.close_conversation"]
    conversation_id: Id


class PythonEvents(Model):
    """Events of a turn without ``seq``: the journal numbers them."""

    type: Literal["offscreen.python_events"]
    turn_id: Id
    events: list[TurnEventBody]


class AskApproval(Model):
    type: Literal["offscreen.ask_approval"]
    approval: Approval
    #: what Python's policy said; the offscreen document asks all the same where it must
    verdict: Literal["allow", "ask"]


class ApprovalDecision(Model):
    """``ticket_id`` is present exactly when the decision is allow."""

    decision: Literal["allow", "deny"]
    decided_by: DecidedBy
    ticket_id: str | None


class ExecuteTool(Model):
    """Run a tool's effect on the JavaScript side. ``ticket_id`` is checked there, whatever
    Python's policy said; tools whose effects need no approval pass None."""

    type: Literal["offscreen.execute_tool"]
    conversation_id: Id
    turn_id: Id
    tool_call_id: Id
    tool_name: ShortText
    arguments: dict[str, Any]
    page: PageRef | None
    ticket_id: str | None


class ToolOutput(Model):
    """Exactly one of the fields is set."""

    block: ContextBlock | None = None
    todos: list[Todo] | None = None
