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

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PROTOCOL_VERSION = 1

Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.:-]+$")]
ShortText = Annotated[str, Field(max_length=500)]
PageString = Annotated[str, Field(max_length=2_000_000)]


class Model(BaseModel):
    """Base of all messages: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


# ---------------------------------------------------------------- shared values


class ErrorData(Model):
    """An error as data: what happened, what to do, whether trying again can help."""

    code: Id
    message: str
    hint: str
    retryable: bool
    retry_after_s: float | None = None


class PageRef(Model):
    """One document in one tab; ``document_id`` changes with every navigation."""

    tab_id: int
    document_id: str | None = None
    origin: str
    title: str | None = None


class ContextBlock(Model):
    """A piece of context with its label. ``text`` is untrusted unless ``trust`` says otherwise."""

    kind: Literal["page", "selection", "file", "tool_result"]
    origin: str
    trust: Literal["user", "untrusted"]
    title: str
    url: str
    text: PageString
    total_chars: int
    truncated: bool


class ContextRef(Model):
    """What the user attached to a message: the page by reference, or the selected text itself."""

    kind: Literal["page", "selection"]
    page: PageRef | None = None
    block: ContextBlock | None = None


class Usage(Model):
    """Token counts and speeds of one turn, as the engine reports them.

    ``prompt_tokens`` is the whole prompt, ``prefilled_tokens`` the part that was not in the KV
    cache. Counts are summed over the turn's model calls; speeds are those of the last call.
    """

    prompt_tokens: int
    prefilled_tokens: int
    completion_tokens: int
    time_to_first_token_s: float | None = None
    prefill_tokens_per_s: float | None = None
    decode_tokens_per_s: float | None = None
    model_calls: int = 1


class Effect(Model):
    """What a tool call will do, in plain words, for the approval card."""

    title: ShortText
    detail: str
    target_origin: str | None
    reads: bool
    writes: bool
    sends: bool
    runs_code: bool


class Approval(Model):
    """A tool call that waits for the user's click."""

    approval_id: Id
    conversation_id: Id
    turn_id: Id
    tool_call_id: Id
    tool_name: ShortText
    arguments: dict[str, Any]
    effect: Effect
    page: PageRef | None = None
    asked_at_ms: float
    timeout_s: float


class TurnOptions(Model):
    """Settings of one turn. ``tool_choice`` is auto, none, required or a tool's name."""

    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    max_tokens: int = Field(default=512, ge=1, le=8192)
    seed: int | None = None
    tool_choice: ShortText = "auto"
    approval_timeout_s: float = Field(default=300, gt=0, le=3600)


class ModelInfo(Model):
    """A model that can answer: what it is, and what it honestly is not."""

    model_id: Id
    label: str
    family: str
    description: str
    size_bytes: int
    context_window_tokens: int
    embedded: bool


class EngineState(Model):
    """State of the WebGPU engine; ``progress`` is 0 to 1 within ``stage``."""

    state: Literal["idle", "loading", "ready", "failed"]
    model_id: str | None = None
    stage: Literal["detect", "fetch", "upload", "compile", "warm_up"] | None = None
    progress: float = 0
    loaded_bytes: int | None = None
    total_bytes: int | None = None
    elapsed_s: float = 0
    error: ErrorData | None = None
    device: dict[str, Any] | None = None


class PythonState(Model):
    """State of the Pyodide worker. ``ready_ms`` is the time from start to ready."""

    state: Literal["idle", "starting", "ready", "failed"]
    stage: str | None = None
    ready_ms: float | None = None
    snapshot_used: bool | None = None
    error: ErrorData | None = None


class ActiveTurn(Model):
    """A turn that is running or waiting for the engine."""

    turn_id: Id
    conversation_id: Id
    place: int
    last_seq: int


class AppState(Model):
    """All that a panel needs to draw its state line."""

    engine: EngineState
    python: PythonState
    models: list[ModelInfo]
    model_id: Id
    active_turns: list[ActiveTurn]


class PageState(Model):
    """The page chip: can the active tab of a window be read, and if not, why and what helps."""

    state: Literal["readable", "needs_click", "unreadable", "changed"]
    reason: str
    hint: str
    title: str
    host: str
    page: PageRef | None = None
    can_request_origin: bool = False


class Handoff(Model):
    """A job started outside the panel, such as the context menu, parked for it."""

    handoff_id: Id
    kind: Literal["summarize_selection"]
    text: str
    block: ContextBlock
    page: PageRef


# ---------------------------------------------------------------- events of a turn


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
    decided_by: Literal["user", "timeout", "page_changed", "stop"]


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


# ---------------------------------------------------------------- stored things


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


# ---------------------------------------------------------------- panel -> offscreen


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


# ---------------------------------------------------------------- offscreen -> panel (notify)


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


# ---------------------------------------------------------------- anyone -> background


class EnsureOffscreen(Model):
    type: Literal["background.ensure_offscreen"]


class ReadPage(Model):
    """Read the text of a tab. ``document_id`` given and no longer there: error page_changed."""

    type: Literal["background.read_page"]
    page: PageRef
    mode: Literal["page", "selection"]


class PageText(Model):
    block: ContextBlock
    page: PageRef


class ReadPageState(Model):
    type: Literal["background.page_state"]
    window_id: int
    read_document_id: str | None = None


class TakeHandoff(Model):
    type: Literal["background.take_handoff"]
    window_id: int


class HandoffResult(Model):
    handoff: Handoff | None


# ---------------------------------------------------------------- background -> panel (notify)


class PageStateChanged(Model):
    """The active tab of a window changed; the panel asks for the new state."""

    type: Literal["panel.page_changed"]
    window_id: int


class HandoffReady(Model):
    type: Literal["panel.handoff_ready"]
    window_id: int


# ---------------------------------------------------------------- offscreen -> python


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


class PythonCancelTurn(Model):
    type: Literal["python.cancel_turn"]
    turn_id: Id
    immediate: bool


class PythonCloseConversation(Model):
    type: Literal["python.close_conversation"]
    conversation_id: Id


# ---------------------------------------------------------------- python -> offscreen


class PythonEvents(Model):
    """Events of a turn without ``seq``: the journal numbers them."""

    type: Literal["offscreen.python_events"]
    turn_id: Id
    events: list[TurnEventBody]


class AskApproval(Model):
    type: Literal["offscreen.ask_approval"]
    approval: Approval


class ApprovalDecision(Model):
    """``ticket_id`` is present exactly when the decision is allow."""

    decision: Literal["allow", "deny"]
    decided_by: Literal["user", "timeout", "page_changed", "stop"]
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


# ---------------------------------------------------------------- python <-> engine (MessagePort)


class ChatMessage(Model):
    role: Literal["system", "user", "assistant", "tool"]
    content: str


class GenerateOptions(Model):
    """Sampling of one model call; at most one of ``grammar`` (EBNF) and ``json_schema``."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int | None = None
    stop: list[str] = []
    grammar: str | None = None
    json_schema: str | None = None
    logprobs: bool = False
    top_logprobs: int = 0


class EngineGenerate(Model):
    type: Literal["engine.generate"]
    call_id: Id
    model_id: Id
    messages: list[ChatMessage]
    options: GenerateOptions


class EngineInterrupt(Model):
    type: Literal["engine.interrupt"]
    call_id: Id


class EngineDelta(Model):
    type: Literal["engine.delta"]
    call_id: Id
    text: str
    tokens: int


class EngineUsage(Model):
    prompt_tokens: int
    prefilled_tokens: int
    completion_tokens: int
    time_to_first_token_s: float | None = None
    prefill_tokens_per_s: float | None = None
    decode_tokens_per_s: float | None = None
    grammar_init_s: float | None = None


class EngineDone(Model):
    type: Literal["engine.done"]
    call_id: Id
    text: str
    finish_reason: Literal["stop", "length", "abort"]
    usage: EngineUsage
    logprobs: list[dict[str, Any]] | None = None


class EngineFailed(Model):
    type: Literal["engine.error"]
    call_id: Id
    error: ErrorData


# ---------------------------------------------------------------- unions and the request table

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
PythonToOffscreen = Annotated[
    PythonEvents | AskApproval | ExecuteTool, Field(discriminator="type")
]
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


class Frame(Model):
    """The envelope. With ``id`` it is a request and gets one reply; without, a notification."""

    v: Literal[1]
    id: Id | None = None
    body: dict[str, Any]


class Reply(Model):
    """The one answer to a request: a result, or an error as data."""

    v: Literal[1]
    reply_to: Id
    ok: bool
    result: dict[str, Any] | None = None
    error: ErrorData | None = None
