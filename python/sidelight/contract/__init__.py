"""Every message that crosses a process boundary, written once.

``tools.contract`` turns these models into JSON Schema, ``shared/contract.d.ts`` and a precompiled
validator; nothing else may describe a message. Rules: snake_case; units in names; the
discriminator ``type`` has no default (a default would make it optional in the schema); a request
gets exactly one reply, ``ok`` with a result or an error as data.

Processes: ``panel`` (side panel), ``background`` (service worker), ``offscreen`` (document and its
storage worker), ``python`` (Pyodide worker), ``engine`` (WebLLM worker). A type is named
``<owner>.<verb>``; the owner is the process that handles it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sidelight.contract.background import (
    EnsureOffscreen,
    HandoffReady,
    HandoffResult,
    PageStateChanged,
    PageText,
    ReadPage,
    ReadPageState,
    TakeHandoff,
)
from sidelight.contract.engine import (
    ChatMessage,
    EngineDelta,
    EngineDone,
    EngineFailed,
    EngineGenerate,
    EngineInterrupt,
    EngineUsage,
    GenerateOptions,
)
from sidelight.contract.events import (
    TurnApprovalDecided,
    TurnApprovalRequested,
    TurnBlockStart,
    TurnContext,
    TurnDelta,
    TurnEvent,
    TurnEventBody,
    TurnFinished,
    TurnNotice,
    TurnStarted,
    TurnStatus,
    TurnToolCall,
    TurnToolResult,
    TurnUsage,
)
from sidelight.contract.panel import (
    Ack,
    AppStateChanged,
    Attach,
    AttachResult,
    ConversationList,
    ConversationsChanged,
    DecideApproval,
    DeleteConversation,
    ListConversations,
    LoadModel,
    ReadConversation,
    ReadState,
    RunTurn,
    RunTurnResult,
    StopTurn,
    TabChanged,
    TurnEvents,
)
from sidelight.contract.python import (
    ApprovalDecision,
    AskApproval,
    ExecuteTool,
    PythonCancelTurn,
    PythonCloseConversation,
    PythonEvents,
    PythonRunTurn,
    ToolOutput,
)
from sidelight.contract.stored import (
    Conversation,
    ConversationSummary,
    NoticeItem,
    StoredMessage,
    TextItem,
    Todo,
    ToolItem,
)
from sidelight.contract.values import (
    PROTOCOL_VERSION,
    ActiveTurn,
    Approval,
    AppState,
    ContextBlock,
    ContextRef,
    Effect,
    EngineState,
    ErrorData,
    Frame,
    Handoff,
    Id,
    Model,
    ModelInfo,
    PageRef,
    PageState,
    PageString,
    PythonState,
    Reply,
    ShortText,
    TurnOptions,
    Usage,
)

PanelToOffscreen = Annotated[
    Attach
    | RunTurn
    | StopTurn
    | DecideApproval
    | ListConversations
    | ReadConversation
    | DeleteConversation
    | ReadState
    | LoadModel,
    Field(discriminator="type"),
]
BackgroundToOffscreen = TabChanged
ToBackground = Annotated[
    EnsureOffscreen | ReadPage | ReadPageState | TakeHandoff, Field(discriminator="type")
]
ToPanel = Annotated[
    TurnEvents | AppStateChanged | ConversationsChanged | PageStateChanged | HandoffReady,
    Field(discriminator="type"),
]
ToPython = Annotated[
    PythonRunTurn | PythonCancelTurn | PythonCloseConversation, Field(discriminator="type")
]
PythonToOffscreen = Annotated[PythonEvents | AskApproval | ExecuteTool, Field(discriminator="type")]
EngineToPython = Annotated[EngineDelta | EngineDone | EngineFailed, Field(discriminator="type")]
PythonToEngine = Annotated[EngineGenerate | EngineInterrupt, Field(discriminator="type")]

#: request type -> model of its result
RESULTS: dict[str, type[Model]] = {
    "offscreen.attach": AttachResult,
    "offscreen.run_turn": RunTurnResult,
    "offscreen.stop_turn": Ack,
    "offscreen.decide_approval": Ack,
    "offscreen.list_conversations": ConversationList,
    "offscreen.read_conversation": Conversation,
    "offscreen.delete_conversation": Ack,
    "offscreen.read_state": AppState,
    "offscreen.load_model": Ack,
    "offscreen.tab_changed": Ack,
    "background.ensure_offscreen": Ack,
    "background.read_page": PageText,
    "background.page_state": PageState,
    "background.take_handoff": HandoffResult,
    "python.run_turn": Ack,
    "python.cancel_turn": Ack,
    "python.close_conversation": Ack,
    "offscreen.ask_approval": ApprovalDecision,
    "offscreen.execute_tool": ToolOutput,
}

__all__ = [
    "PROTOCOL_VERSION",
    "RESULTS",
    "Ack",
    "ActiveTurn",
    "AppState",
    "AppStateChanged",
    "Approval",
    "ApprovalDecision",
    "AskApproval",
    "Attach",
    "AttachResult",
    "BackgroundToOffscreen",
    "ChatMessage",
    "ContextBlock",
    "ContextRef",
    "Conversation",
    "ConversationList",
    "ConversationSummary",
    "ConversationsChanged",
    "DecideApproval",
    "DeleteConversation",
    "Effect",
    "EngineDelta",
    "EngineDone",
    "EngineFailed",
    "EngineGenerate",
    "EngineInterrupt",
    "EngineState",
    "EngineToPython",
    "EngineUsage",
    "EnsureOffscreen",
    "ErrorData",
    "ExecuteTool",
    "Frame",
    "GenerateOptions",
    "Handoff",
    "HandoffReady",
    "HandoffResult",
    "Id",
    "ListConversations",
    "LoadModel",
    "Model",
    "ModelInfo",
    "NoticeItem",
    "PageRef",
    "PageState",
    "PageStateChanged",
    "PageString",
    "PageText",
    "PanelToOffscreen",
    "PythonCancelTurn",
    "PythonCloseConversation",
    "PythonEvents",
    "PythonRunTurn",
    "PythonState",
    "PythonToEngine",
    "PythonToOffscreen",
    "ReadConversation",
    "ReadPage",
    "ReadPageState",
    "ReadState",
    "Reply",
    "RunTurn",
    "RunTurnResult",
    "ShortText",
    "StopTurn",
    "StoredMessage",
    "TabChanged",
    "TakeHandoff",
    "TextItem",
    "ToBackground",
    "ToPanel",
    "ToPython",
    "Todo",
    "ToolItem",
    "ToolOutput",
    "TurnApprovalDecided",
    "TurnApprovalRequested",
    "TurnBlockStart",
    "TurnContext",
    "TurnDelta",
    "TurnEvent",
    "TurnEventBody",
    "TurnEvents",
    "TurnFinished",
    "TurnNotice",
    "TurnOptions",
    "TurnStarted",
    "TurnStatus",
    "TurnToolCall",
    "TurnToolResult",
    "TurnUsage",
    "Usage",
]
