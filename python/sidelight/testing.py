"""Typed fakes for tests: a scripted engine and an offscreen document in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from sidelight.bridge import Bridge
from sidelight.contract import (
    ApprovalDecision,
    AskApproval,
    BuiltinCancel,
    BuiltinGenerate,
    ChatMessage,
    ContextBlock,
    DecidedBy,
    EngineCount,
    EngineCounted,
    EngineDelta,
    EngineDone,
    EngineFailed,
    EngineGenerate,
    EngineInterrupt,
    EngineUsage,
    ErrorData,
    ExecuteTool,
    HttpCancel,
    HttpSend,
    ModelInfo,
    PageRef,
    PythonEvents,
    PythonRunTurn,
    PythonToEngine,
    PythonToOffscreen,
    Settings,
    Todo,
    ToolOutput,
    TurnEventBody,
    TurnFinished,
    TurnOptions,
)

_TO_ENGINE: TypeAdapter[Any] = TypeAdapter(PythonToEngine)
_TO_HOST: TypeAdapter[Any] = TypeAdapter(PythonToOffscreen)


@dataclass(frozen=True)
class Answer:
    """One scripted model call: chunks, then an end. ``hold_after`` stops before that chunk until
    the call is interrupted (a long prefill is ``hold_after=0``); ``deaf`` ignores interrupts."""

    chunks: tuple[str, ...] = ()
    error: ErrorData | None = None
    finish_reason: Literal["stop", "length", "abort"] = "stop"
    hold_after: int | None = None
    deaf: bool = False


def say(text: str, size: int = 7) -> Answer:
    """An answer in chunks of ``size`` characters."""
    return Answer(tuple(text[i : i + size] for i in range(0, len(text), size)))


def call(name: str, **arguments: Any) -> Answer:
    """An answer that is one tool call."""
    value = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return say(f"<tool_call>{value}</tool_call>")


class ScriptedEngine:
    """Answers calls in order. After the script it fails the call, so no test runs on silently."""

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self.answers = list(answers)
        self.requests: list[EngineGenerate] = []
        self.interrupted: list[str] = []
        #: the tokenizer; without one counts are refused, and budgets rest on estimates
        self.tokens_of: Callable[[str], int] | None = None
        self.counts = 0
        self.deliver: Callable[[str], None] = lambda text: None
        self._stops: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, text: str) -> None:
        """What Python sends to the engine."""
        message = _TO_ENGINE.validate_json(text)
        if isinstance(message, EngineInterrupt):
            self.interrupted.append(message.call_id)
            if stop := self._stops.get(message.call_id):
                stop.set()
            return
        if isinstance(message, EngineCount):
            self.counts += 1
            asyncio.get_running_loop().call_soon(self._count, message)
            return
        self.requests.append(message)
        missing = Answer(error=_error("script_ended", "The script has no more answers."))
        answer = self.answers.pop(0) if self.answers else missing
        task = asyncio.get_running_loop().create_task(self._play(message, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def prompt_tokens(self, messages: Iterable[ChatMessage]) -> int:
        """What the scripted tokenizer says of a prompt: a token on top for each message."""
        assert self.tokens_of is not None
        return sum(self.tokens_of(message.content) + 1 for message in messages)

    def _count(self, request: EngineCount) -> None:
        answer: EngineCounted | EngineFailed
        if self.tokens_of is None:
            error = _error("engine_failed", "There is no tokenizer.")
            answer = EngineFailed(type="engine.error", call_id=request.call_id, error=error)
        else:
            answer = EngineCounted(
                type="engine.counted",
                call_id=request.call_id,
                tokens=self.prompt_tokens(request.messages),
            )
        self.deliver(answer.model_dump_json())

    async def _play(self, request: EngineGenerate, answer: Answer) -> None:
        call_id = request.call_id
        stop = self._stops[call_id] = asyncio.Event()
        text = ""
        for index, chunk in enumerate((*answer.chunks, "")):
            if answer.hold_after == index:
                await (asyncio.Event() if answer.deaf else stop).wait()
            await asyncio.sleep(0)
            if stop.is_set() and not answer.deaf:
                self._done(request, text, "abort", index)
                return
            if chunk:
                text += chunk
                delta = EngineDelta(type="engine.delta", call_id=call_id, text=chunk, tokens=1)
                self.deliver(delta.model_dump_json())
        if answer.error:
            failed = EngineFailed(type="engine.error", call_id=call_id, error=answer.error)
            self.deliver(failed.model_dump_json())
        else:
            self._done(request, text, answer.finish_reason, len(answer.chunks))

    def _done(self, request: EngineGenerate, text: str, reason: Any, tokens: int) -> None:
        prompt = sum(len(message.content) for message in request.messages)
        done = EngineDone(
            type="engine.done",
            call_id=request.call_id,
            text=text,
            finish_reason=reason,
            usage=EngineUsage(
                prompt_tokens=prompt,
                prefilled_tokens=prompt // 2,
                completion_tokens=tokens,
                time_to_first_token_s=0.25,
                prefill_tokens_per_s=100.0,
                decode_tokens_per_s=50.0,
            ),
        )
        self.deliver(done.model_dump_json())


Decision = Literal[
    "allow", "grant", "deny", "timeout", "page_changed", "policy", "never", "no_ticket", "error"
]


@dataclass
class MemoryHost:
    """The offscreen document in memory: decides approvals, executes tools, keeps events.

    ``executions`` holds every request to execute, ``effects`` those that were done and need a
    ticket. ``policy_mints``: a call that the policy allows gets its ticket without a decision.
    """

    decisions: list[Decision] = field(default_factory=list)
    page_block: ContextBlock | None = None
    todos: list[Todo] = field(default_factory=list)
    events: dict[str, list[TurnEventBody]] = field(default_factory=dict)
    batches: list[PythonEvents] = field(default_factory=list)
    approvals: list[AskApproval] = field(default_factory=list)
    executions: list[ExecuteTool] = field(default_factory=list)
    effects: list[ExecuteTool] = field(default_factory=list)
    http: list[HttpSend] = field(default_factory=list)
    http_cancelled: list[str] = field(default_factory=list)
    on_http: Callable[[str, HttpSend], None] | None = None
    own_calls: list[BuiltinGenerate] = field(default_factory=list)
    on_builtin: Callable[[str, BuiltinGenerate], None] | None = None
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    policy_mints: bool = False
    hold_execution: bool = False
    deliver: Callable[[str], None] = field(default=lambda text: None)
    _tickets: dict[str, str] = field(default_factory=dict)
    _minted: int = 0

    def post(self, text: str) -> None:
        """What Python sends to the offscreen document."""
        frame = json.loads(text)
        if "reply_to" in frame:
            assert frame["reply_to"] not in self.replies, "a request got two replies"
            self.replies[frame["reply_to"]] = frame
            return
        body = _TO_HOST.validate_python(frame["body"])
        if isinstance(body, PythonEvents):
            assert "id" not in frame
            self.batches.append(body)
            self.events.setdefault(body.turn_id, []).extend(body.events)
            return
        loop = asyncio.get_running_loop()
        if isinstance(body, AskApproval):
            self.approvals.append(body)
            loop.call_soon(self._decide, frame["id"], body)
        elif isinstance(body, HttpSend):
            self.http.append(body)
            if self.on_http:
                loop.call_soon(self.on_http, frame["id"], body)
        elif isinstance(body, HttpCancel | BuiltinCancel):
            self.http_cancelled.append(body.request_id)
            loop.call_soon(self.reply, frame["id"], {"done": True})
        elif isinstance(body, BuiltinGenerate):
            self.own_calls.append(body)
            if self.on_builtin:
                loop.call_soon(self.on_builtin, frame["id"], body)
        else:
            self.executions.append(body)
            if not self.hold_execution:
                loop.call_soon(self._execute, frame["id"], body)

    def _decide(self, request_id: str, ask: AskApproval) -> None:
        decided_by: DecidedBy = "user"
        if ask.verdict == "allow" and self.policy_mints:
            decision: Decision = "allow"
            decided_by = "policy"
        else:
            decision = self.decisions.pop(0) if self.decisions else "never"
        if decision == "never":
            return
        if decision == "error":
            self.reply_error(request_id, _error("internal", "The panel is gone."))
            return
        ticket_id = None
        if decision in ("allow", "grant"):
            ticket_id = f"ticket-{self._minted}"
            self._minted += 1
            self._tickets[ticket_id] = _binding(ask.approval)
        allowed = decision in ("allow", "no_ticket", "grant")
        if decision in ("timeout", "page_changed", "grant", "policy"):
            decided_by = decision
        result = ApprovalDecision(
            decision="allow" if allowed else "deny",
            decided_by=decided_by,
            ticket_id=ticket_id,
        )
        self.reply(request_id, result.model_dump(mode="json"))

    def _execute(self, request_id: str, request: ExecuteTool) -> None:
        bound_to = self._tickets.pop(request.ticket_id or "", None)
        needs_ticket = request.tool_name != "list_todos"
        if needs_ticket and bound_to != _binding(request):
            self.reply_error(request_id, _error("not_approved", "There is no approval."))
            return
        if request.tool_name == "read_page":
            if self.page_block is None:
                self.reply_error(request_id, _error("no_page", "There is no page to read."))
                return
            output = ToolOutput(block=self.page_block)
        else:
            if request.tool_name == "add_todo":
                text = str(request.arguments["text"])
                self.todos.append(Todo(number=len(self.todos) + 1, text=text, done=False))
            output = ToolOutput(todos=self.todos)
        if needs_ticket:
            self.effects.append(request)
        self.reply(request_id, output.model_dump(mode="json"))

    def reply(self, request_id: str, result: dict[str, Any]) -> None:
        """Answer a request of Python's."""
        self.deliver(json.dumps({"v": 1, "reply_to": request_id, "ok": True, "result": result}))

    def reply_error(self, request_id: str, error: ErrorData) -> None:
        """Refuse a request of Python's."""
        data = error.model_dump(mode="json")
        self.deliver(json.dumps({"v": 1, "reply_to": request_id, "ok": False, "error": data}))

    def finished(self, turn_id: str) -> TurnFinished | None:
        """The last event of a turn, once it is over; never more than one."""
        ends = [event for event in self.events.get(turn_id, []) if event.type == "turn.finished"]
        assert len(ends) <= 1, "a turn finished twice"
        return ends[0] if ends else None


def _binding(call: Any) -> str:
    """What a ticket holds for: an Approval's or an ExecuteTool's call."""
    place = [call.page.origin, call.page.document_id] if call.page else []
    return json.dumps(
        [call.conversation_id, call.tool_call_id, call.tool_name, call.arguments, place],
        sort_keys=True,
    )


def _error(code: str, message: str) -> ErrorData:
    return ErrorData(code=code, message=message, hint="Try again.", retryable=False)


MODELS = {
    family: ModelInfo(
        model_id=f"{family}-model",
        label=family,
        family=family,
        description="",
        size_bytes=1,
        context_window_tokens=window,
        embedded=True,
    )
    for family, window in (("starter", 2048), ("tiny", 2048), ("general", 4096))
}
SETTINGS = Settings(
    level="device",
    max_level="web",
    servers=[],
    local_changes="ask",
    disabled_tools=[],
    managed=[],
)


async def until(condition: Callable[[], Any], timeout_s: float = 30.0) -> None:
    """Wait until ``condition()`` is true; AssertionError when it does not become so in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while loop.time() < end:
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("what was waited for did not happen")


class Rig:
    """A bridge between the fakes."""

    def __init__(self, *answers: Answer, **host: Any) -> None:
        self.engine = ScriptedEngine(answers)
        self.host = MemoryHost(**host)
        self.bridge = Bridge(self.host.post, self.engine.post)
        self.engine.deliver = self.bridge.on_engine
        self.host.deliver = self.bridge.on_host
        self._count = 0
        self._chain: dict[str, list[dict[str, Any]]] = {}
        self._parents: dict[str, str | None] = {}

    def request(self, text: str, **changes: Any) -> PythonRunTurn:
        """A turn that follows the conversation's last one."""
        self._count += 1
        number = self._count
        conversation_id = changes.pop("conversation_id", "c1")
        family = changes.pop("family", "general")
        options = TurnOptions(**changes.pop("options", {}))
        values: dict[str, Any] = {
            "type": "python.run_turn",
            "turn_id": f"t{number}",
            "conversation_id": conversation_id,
            "parent_id": self._parents.get(conversation_id),
            "user_message_id": f"u{number}",
            "assistant_message_id": f"a{number}",
            "text": text,
            "context_blocks": [],
            "page": PageRef(tab_id=1, document_id="D1", origin="https://example.org"),
            "model": MODELS[family],
            "options": options,
            "transcript": self._chain.get(conversation_id, []),
            "settings": SETTINGS,
            "server": None,
            **changes,
        }
        return PythonRunTurn(**values)

    def send(self, request_id: str, body: dict[str, Any]) -> None:
        """A request frame from the offscreen document."""
        self.bridge.on_host(json.dumps({"v": 1, "id": request_id, "body": body}))

    def begin(self, request: PythonRunTurn) -> None:
        """Start a turn without waiting for its end."""
        request_id = f"r-{request.turn_id}"
        self.send(request_id, request.model_dump(mode="json"))
        assert self.host.replies[request_id]["ok"], self.host.replies[request_id]

    async def end(self, request: PythonRunTurn, timeout_s: float = 30.0) -> TurnFinished:
        """Wait for the end of a turn and continue the conversation from it."""
        await until(lambda: self.host.finished(request.turn_id), timeout_s)
        finished = self.host.finished(request.turn_id)
        assert finished is not None
        chain = self._chain.setdefault(request.conversation_id, list(request.transcript))
        chain += finished.transcript
        self._parents[request.conversation_id] = request.assistant_message_id
        return finished

    async def turn(self, text: str, **changes: Any) -> TurnFinished:
        """Run one whole turn."""
        request = self.request(text, **changes)
        self.begin(request)
        return await self.end(request)

    def types(self, turn_id: str = "t1") -> list[str]:
        """The event types of a turn in order."""
        return [event.type for event in self.host.events.get(turn_id, [])]

    def of(self, kind: str, turn_id: str = "t1") -> list[Any]:
        """The events of one type."""
        return [event for event in self.host.events.get(turn_id, []) if event.type == kind]


def page(text: str, title: str = "A page", kind: Any = "page") -> ContextBlock:
    """A context block of untrusted text."""
    return ContextBlock(
        kind=kind,
        origin="https://example.org",
        trust="untrusted",
        title=title,
        url="https://example.org/a",
        text=text,
        total_chars=len(text),
        truncated=False,
    )
