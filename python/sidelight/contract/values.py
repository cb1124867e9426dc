"""Values that several messages share."""

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


class ModelOffer(Model):
    """A model that could answer instead. The user is asked; nothing is done by itself."""

    model_id: Id
    label: ShortText
    host: ShortText | None


class ErrorData(Model):
    """An error as data: what happened, what to do, whether trying again can help, and who else
    could answer."""

    code: Id
    message: str
    hint: str
    retryable: bool
    retry_after_s: float | None = None
    offers: list[ModelOffer] = []


class Label(Model):
    """Where a piece of context came from, and whether it may be believed or given away.

    ``origin`` is ``user``, ``page https://host``, ``file NAME``, ``tool NAME``, ``model ID``,
    ``server https://host`` or ``import``. ``trust`` is ``user`` for what the person wrote, ``own``
    for what they wrote earlier and stored, ``untrusted`` for all else. ``private`` is what only
    this person or their accounts can see.
    """

    origin: ShortText
    trust: Literal["user", "own", "untrusted"]
    private: bool


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
    #: keeps the message that carries it in what the model reads
    pinned: bool = False


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
    #: what in the conversation flows into this call, for the card
    carries: list[ShortText] = []
    #: whether "allow for this chat on this site" may be offered
    grantable: bool = False
    undoable: bool = False


DecidedBy = Literal["user", "grant", "policy", "timeout", "page_changed", "stop"]


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


StopText = Annotated[str, Field(min_length=1, max_length=100)]


class Persona(Model):
    """Who answers: a name and the generation settings. None leaves one to the model's default."""

    persona_id: Id
    label: ShortText
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1, le=8192)
    seed: int | None = None
    stop: list[StopText] = Field(default=[], max_length=4)
    thinking_tokens: int | None = Field(default=None, ge=0, le=64_000)


class TurnOptions(Model):
    """Settings of one turn. ``tool_choice`` is auto, none, required or a tool's name.

    What is not given is the persona's (``python/sidelight/personas.py``).
    """

    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    max_tokens: int = Field(default=512, ge=1, le=8192)
    seed: int | None = None
    stop: list[StopText] = Field(default=[], max_length=4)
    #: how long a model may think first, where its server lets that be said
    thinking_tokens: int = Field(default=0, ge=0, le=64_000)
    tool_choice: ShortText = "auto"
    persona: Id = "assistant"
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
    provider: Literal["webllm", "builtin", "openai", "anthropic"] = "webllm"
    server_id: Id | None = None
    #: whether it sees images and takes tool calls; null where nobody said
    images: bool | None = None
    tools: bool | None = None
    #: the model that this one is in another precision, and whether it needs 16-bit shaders
    variant_of: Id | None = None
    needs_f16: bool = False
    #: below the catalogue's size for plans: it gets one round of tools, then answers
    one_step: bool = False
    for_tests: bool = False


Level = Literal["device", "servers", "web"]


class ServerModel(Model):
    """A model that a server offers, and what the server says of it."""

    name: ShortText
    context_window_tokens: int = Field(ge=256, le=10_000_000)
    images: bool | None = None
    tools: bool | None = None


#: the protocol that a server speaks
ServerKind = Literal["openai", "anthropic"]


class Server(Model):
    """A model server that the user named. ``base_url`` ends before ``/chat/completions`` or
    ``/messages``; the API key is kept elsewhere and only its presence is told."""

    server_id: Id
    kind: ServerKind = "openai"
    label: ShortText
    base_url: ShortText
    has_key: bool
    models: list[ServerModel] = Field(max_length=500)


class Settings(Model):
    """What the user chose about privacy, with the administrator's limits applied.

    ``local_changes``: ``ask`` before each change of the user's own data, or do it and offer
    ``undo``. ``managed`` names the settings that an administrator fixed.
    """

    level: Level
    max_level: Level
    servers: list[Server]
    local_changes: Literal["ask", "undo"]
    disabled_tools: list[ShortText]
    managed: list[ShortText]
    #: the user's own; one that has the name of a built-in one stands for it
    personas: list[Persona] = Field(default=[], max_length=16)


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
    settings: Settings


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
