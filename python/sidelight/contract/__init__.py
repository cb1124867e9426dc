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
    KeyResult,
    PageShare,
    PageStateChanged,
    PageText,
    ReadKey,
    ReadPage,
    ReadPageState,
    ReadSettings,
    RemoveServer,
    SaveServer,
    SetLevel,
    SetLocalChanges,
    SetPersonas,
    SettingsChanged,
    SettingsResult,
    TakeHandoff,
    WriteServerModels,
)
from sidelight.contract.builtin import (
    BuiltinCancel,
    BuiltinChunk,
    BuiltinEnd,
    BuiltinGenerate,
    BuiltinUsage,
)
from sidelight.contract.engine import (
    ChatMessage,
    EngineCount,
    EngineCounted,
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
from sidelight.contract.network import (
    HttpCancel,
    HttpChunk,
    HttpEnd,
    HttpHead,
    HttpSend,
)
from sidelight.contract.panel import (
    Ack,
    AppStateChanged,
    Attach,
    AttachResult,
    ClearLedger,
    ConnectServer,
    ConversationList,
    ConversationsChanged,
    DecideApproval,
    DecisionList,
    DecisionsChanged,
    DeleteConversation,
    ExportConversations,
    ImportConversations,
    ImportResult,
    LedgerChanged,
    LedgerList,
    ListConversations,
    ListDecisions,
    ListLedger,
    LoadModel,
    ReadConversation,
    ReadState,
    RunTurn,
    RunTurnResult,
    SettingsPushed,
    StopTurn,
    TabChanged,
    TurnEvents,
    UndoDecision,
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
    ConversationFile,
    ConversationSummary,
    Decision,
    LedgerEntry,
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
    DecidedBy,
    Effect,
    EngineState,
    ErrorData,
    Frame,
    Handoff,
    Id,
    Label,
    Level,
    Model,
    ModelInfo,
    ModelOffer,
    PageRef,
    PageState,
    PageString,
    Persona,
    PythonState,
    Reply,
    Server,
    ServerKind,
    ServerModel,
    Settings,
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
    | LoadModel
    | ListDecisions
    | UndoDecision
    | ListLedger
    | ClearLedger
    | ConnectServer
    | ExportConversations
    | ImportConversations,
    Field(discriminator="type"),
]
BackgroundToOffscreen = Annotated[TabChanged | SettingsPushed, Field(discriminator="type")]
ToBackground = Annotated[
    EnsureOffscreen
    | ReadPage
    | ReadPageState
    | TakeHandoff
    | ReadSettings
    | SetLevel
    | SetLocalChanges
    | SetPersonas
    | SaveServer
    | RemoveServer
    | WriteServerModels
    | ReadKey,
    Field(discriminator="type"),
]
ToPanel = Annotated[
    TurnEvents
    | AppStateChanged
    | ConversationsChanged
    | PageStateChanged
    | HandoffReady
    | SettingsChanged
    | DecisionsChanged
    | LedgerChanged,
    Field(discriminator="type"),
]
ToPython = Annotated[
    PythonRunTurn
    | PythonCancelTurn
    | PythonCloseConversation
    | HttpChunk
    | HttpEnd
    | BuiltinChunk
    | BuiltinEnd,
    Field(discriminator="type"),
]
PythonToOffscreen = Annotated[
    PythonEvents
    | AskApproval
    | ExecuteTool
    | HttpSend
    | HttpCancel
    | BuiltinGenerate
    | BuiltinCancel,
    Field(discriminator="type"),
]
EngineToPython = Annotated[
    EngineDelta | EngineDone | EngineCounted | EngineFailed, Field(discriminator="type")
]
PythonToEngine = Annotated[
    EngineGenerate | EngineCount | EngineInterrupt, Field(discriminator="type")
]

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
    "background.read_settings": SettingsResult,
    "background.set_level": SettingsResult,
    "background.set_local_changes": SettingsResult,
    "background.set_personas": SettingsResult,
    "background.save_server": SettingsResult,
    "background.remove_server": SettingsResult,
    "background.write_server_models": SettingsResult,
    "background.read_key": KeyResult,
    "offscreen.list_decisions": DecisionList,
    "offscreen.undo_decision": Ack,
    "offscreen.list_ledger": LedgerList,
    "offscreen.clear_ledger": Ack,
    "offscreen.connect_server": SettingsResult,
    "offscreen.export_conversations": ConversationFile,
    "offscreen.import_conversations": ImportResult,
    "offscreen.settings_changed": Ack,
    "offscreen.http_send": HttpHead,
    "offscreen.http_cancel": Ack,
    "offscreen.builtin_generate": Ack,
    "offscreen.builtin_cancel": Ack,
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
    "BuiltinCancel",
    "BuiltinChunk",
    "BuiltinEnd",
    "BuiltinGenerate",
    "BuiltinUsage",
    "ChatMessage",
    "ClearLedger",
    "ConnectServer",
    "ContextBlock",
    "ContextRef",
    "Conversation",
    "ConversationFile",
    "ConversationList",
    "ConversationSummary",
    "ConversationsChanged",
    "DecideApproval",
    "DecidedBy",
    "Decision",
    "DecisionList",
    "DecisionsChanged",
    "DeleteConversation",
    "Effect",
    "EngineCount",
    "EngineCounted",
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
    "ExportConversations",
    "Frame",
    "GenerateOptions",
    "Handoff",
    "HandoffReady",
    "HandoffResult",
    "HttpCancel",
    "HttpChunk",
    "HttpEnd",
    "HttpHead",
    "HttpSend",
    "Id",
    "ImportConversations",
    "ImportResult",
    "KeyResult",
    "Label",
    "LedgerChanged",
    "LedgerEntry",
    "LedgerList",
    "Level",
    "ListConversations",
    "ListDecisions",
    "ListLedger",
    "LoadModel",
    "Model",
    "ModelInfo",
    "ModelOffer",
    "NoticeItem",
    "PageRef",
    "PageShare",
    "PageState",
    "PageStateChanged",
    "PageString",
    "PageText",
    "PanelToOffscreen",
    "Persona",
    "PythonCancelTurn",
    "PythonCloseConversation",
    "PythonEvents",
    "PythonRunTurn",
    "PythonState",
    "PythonToEngine",
    "PythonToOffscreen",
    "ReadConversation",
    "ReadKey",
    "ReadPage",
    "ReadPageState",
    "ReadSettings",
    "ReadState",
    "RemoveServer",
    "Reply",
    "RunTurn",
    "RunTurnResult",
    "SaveServer",
    "Server",
    "ServerKind",
    "ServerModel",
    "SetLevel",
    "SetLocalChanges",
    "SetPersonas",
    "Settings",
    "SettingsChanged",
    "SettingsPushed",
    "SettingsResult",
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
    "UndoDecision",
    "Usage",
    "WriteServerModels",
]
