"""Messages between the panel and the offscreen document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sidelight.contract.events import TurnEvent
from sidelight.contract.stored import (
    Conversation,
    ConversationFile,
    ConversationSummary,
    Decision,
    LedgerEntry,
)
from sidelight.contract.values import (
    Approval,
    AppState,
    ContextRef,
    Id,
    Model,
    PageRef,
    Settings,
    TurnOptions,
)


class Ack(Model):
    done: bool


class Attach(Model):
    """A panel announces itself and gets what it missed: events after ``last_seq``."""

    type: Literal["offscreen.attach"]
    conversation_id: Id | None
    turn_id: Id | None
    last_seq: int = Field(ge=-1)


class AttachResult(Model):
    app: AppState
    conversation: Conversation | None
    turn_id: Id | None
    events: list[TurnEvent]
    approvals: list[Approval]


class RunTurn(Model):
    """Ask. The user's message is stored, strictly, before anything else happens.

    ``page`` is the page the panel shows in its chip: what a tool means by "this page".
    """

    type: Literal["offscreen.run_turn"]
    turn_id: Id
    conversation_id: Id
    parent_id: Id | None
    text: Annotated[str, Field(min_length=1, max_length=200_000)]
    context_refs: list[ContextRef] = Field(max_length=8)
    page: PageRef | None
    model_id: Id
    options: TurnOptions
    #: sent to the model whole, with what is attached, also when older turns are left out
    pinned: bool = False


class RunTurnResult(Model):
    turn_id: Id
    user_message_id: Id
    assistant_message_id: Id
    place: int


class StopTurn(Model):
    type: Literal["offscreen.stop_turn"]
    turn_id: Id


class DecideApproval(Model):
    """The user's click on a card: the only thing that mints a ticket."""

    type: Literal["offscreen.decide_approval"]
    approval_id: Id
    decision: Literal["allow", "deny"]
    scope: Literal["once", "chat_site"] = "once"


class ListDecisions(Model):
    type: Literal["offscreen.list_decisions"]


class DecisionList(Model):
    """Newest first."""

    decisions: list[Decision]


class UndoDecision(Model):
    type: Literal["offscreen.undo_decision"]
    approval_id: Id


class ListLedger(Model):
    type: Literal["offscreen.list_ledger"]


class LedgerList(Model):
    """Newest first."""

    entries: list[LedgerEntry]


class ClearLedger(Model):
    type: Literal["offscreen.clear_ledger"]


class ConnectServer(Model):
    """Ask a saved server for its models and remember them."""

    type: Literal["offscreen.connect_server"]
    server_id: Id


class ExportConversations(Model):
    """As a file with this one: one message carries at most 64 MiB, so several are put together."""

    type: Literal["offscreen.export_conversations"]
    conversation_id: Id


class ImportConversations(Model):
    type: Literal["offscreen.import_conversations"]
    file: ConversationFile


class ImportResult(Model):
    conversations: int


class ListConversations(Model):
    type: Literal["offscreen.list_conversations"]


class ConversationList(Model):
    conversations: list[ConversationSummary]


class ReadConversation(Model):
    type: Literal["offscreen.read_conversation"]
    conversation_id: Id


class DeleteConversation(Model):
    type: Literal["offscreen.delete_conversation"]
    conversation_id: Id


class ReadState(Model):
    type: Literal["offscreen.read_state"]


class LoadModel(Model):
    type: Literal["offscreen.load_model"]
    model_id: Id


class TabChanged(Model):
    """Background tells: the document of a tab changed or went; its approvals are denied."""

    type: Literal["offscreen.tab_changed"]
    tab_id: int
    document_id: str | None
    origin: str | None


class SettingsPushed(Model):
    """Background tells the new settings; requests that are no longer allowed are cut off."""

    type: Literal["offscreen.settings_changed"]
    settings: Settings


class DecisionsChanged(Model):
    type: Literal["panel.decisions_changed"]


class LedgerChanged(Model):
    type: Literal["panel.ledger_changed"]


class TurnEvents(Model):
    """A batch of events of one turn, at most one batch per 16 ms."""

    type: Literal["panel.turn_events"]
    conversation_id: Id
    turn_id: Id
    events: list[TurnEvent]


class AppStateChanged(Model):
    type: Literal["panel.app_state"]
    app: AppState


class ConversationsChanged(Model):
    type: Literal["panel.conversations_changed"]
