"""One AmplifierSession per open conversation; at most a few live, the oldest unused one goes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sidelight import ffi, labels
from sidelight.approval import Approvals
from sidelight.builtin import BUILTIN, Builtin
from sidelight.contract import (
    PythonRunTurn,
    TurnFinished,
)
from sidelight.engine import Engine
from sidelight.errors import BusyError, ModuleLoadError, to_error_data
from sidelight.events import EventSender
from sidelight.host import Host
from sidelight.kernel import TOOL_PRE, AmplifierSession
from sidelight.prompting import build_prompt
from sidelight.prompts import family_for
from sidelight.sessions.plan import MOUNT_PLAN, family_of, provider_of
from sidelight.sessions.tools import Kept, register_tools
from sidelight.switching import tell_switch
from sidelight.toolset import TOOLS, recorded
from sidelight.transport import TRANSPORT, Transport
from sidelight.turn import APPROVALS, ENGINE, HOST, TURN, TURN_OPTIONS, Turn

logger = logging.getLogger("sidelight")

MAX_LIVE_SESSIONS = 4
CLOSE_TIMEOUT_S = 5.0
APPROVAL_HOOK = "sidelight-approval"


@dataclass
class LiveSession:
    """An initialised session and where its conversation stands."""

    session: AmplifierSession
    approvals: Approvals
    provider: dict[str, Any]
    tools: Kept
    last_message_id: str | None = None
    turn: Turn | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Sessions:
    """Runs turns. Each started turn ends with exactly one ``turn.finished`` event.

    ``plan`` without ``providers`` gets the one that each turn's model needs. ``transport`` gives a
    conversation its way to servers.
    """

    def __init__(
        self,
        host: Host,
        engine: Engine,
        plan: dict[str, Any] | None = None,
        transport: Callable[[str], Transport] | None = None,
        builtin: Builtin | None = None,
    ) -> None:
        self._host = host
        self._engine = engine
        self._transport = transport
        self._builtin = builtin
        self._plan = plan or MOUNT_PLAN
        self._live: OrderedDict[str, LiveSession] = OrderedDict()
        self._turns: dict[str, tuple[Turn, asyncio.Task[None]]] = {}

    def start_turn(self, request: PythonRunTurn) -> asyncio.Task[None]:
        """Begin a turn as a task. Raises BusyError when it or its conversation is at work."""
        if request.turn_id in self._turns:
            raise BusyError("This turn is already running.")
        for turn, _ in self._turns.values():
            if request.conversation_id == turn.request.conversation_id:
                raise BusyError("This conversation is still answering.")
        events = EventSender(self._host, request.turn_id)
        turn = Turn(request, events.push)
        task = ffi.create_task(self._run(turn, events), f"turn {request.turn_id}")
        self._turns[request.turn_id] = (turn, task)
        # A task that is cancelled before its first step runs nothing of its own, no ``finally``.
        task.add_done_callback(lambda _: self._end(turn, events, _finished(turn, "stopped", [])))
        return task

    async def cancel_turn(self, turn_id: str, *, immediate: bool) -> bool:
        """Stop a turn; what it said so far is kept. False when it is not running."""
        found = self._turns.get(turn_id)
        if found is None:
            return False
        turn, _ = found
        turn.stopping = True
        live = self._live.get(turn.request.conversation_id)
        if live is None or live.turn is not turn:
            turn.stopped.set()
            return True
        coordinator = live.session.coordinator
        await coordinator.request_cancel(immediate)
        # What waits for the stop goes on at once: without the kernel's word it would ask the model.
        turn.stopped.set()
        await coordinator.cancellation.trigger_callbacks()
        return True

    async def close_conversation(self, conversation_id: str) -> bool:
        """Stop its turn, if any, and end its session."""
        for turn_id, (turn, task) in list(self._turns.items()):
            if turn.request.conversation_id == conversation_id:
                await self.cancel_turn(turn_id, immediate=True)
                await asyncio.wait({task}, timeout=CLOSE_TIMEOUT_S)
        live = self._live.pop(conversation_id, None)
        if live is None:
            return False
        await _clean_up(live)
        return True

    # ------------------------------------------------------------ one turn

    async def _run(self, turn: Turn, events: EventSender) -> None:
        finished = TurnFinished(
            type="turn.finished",
            status="failed",
            text="",
            error=to_error_data(RuntimeError("the turn ended without a result")),
        )
        try:
            finished = await self._turn(turn)
        except asyncio.CancelledError:
            finished = _finished(turn, "stopped", [])
            self._break_off(turn)
            raise
        except BaseException as error:
            logger.exception("Turn %s failed", turn.request.turn_id)
            finished = _failed(turn, error, [])
            self._break_off(turn)
            if not isinstance(error, Exception):
                raise
        finally:
            self._end(turn, events, finished)

    def _end(self, turn: Turn, events: EventSender, finished: TurnFinished) -> None:
        """The turn's one end."""
        # First this: the end may be answered at once with the conversation's next turn.
        if self._turns.pop(turn.request.turn_id, None):
            events.push(finished)

    def _break_off(self, turn: Turn) -> None:
        """Give up a session whose turn broke off somewhere. Not every engine ends the work whose
        caller was cancelled, so it is stopped here; what it left half done stays in the old
        session, and the next turn goes on from the transcript."""
        turn.stopping = True
        turn.stopped.set()
        if live := self._live.pop(turn.request.conversation_id, None):
            live.session.coordinator.cancellation.request_immediate()
            ffi.create_task(_abandon(live), f"end of session of {turn.request.turn_id}")

    async def _turn(self, turn: Turn) -> TurnFinished:
        live = await self._session(turn.request)
        context = live.session.coordinator.get("context")
        before = await context.get_messages()
        failure: Exception | None = None
        live.turn = turn
        try:
            await self._execute(live, turn)
        except Exception as error:
            failure = error
        finally:
            live.turn = None
        after = await context.get_messages()
        added = after[len(before) :]
        if not any(message.get("role") == "assistant" for message in added):
            # A question without an answer would only confuse the next prompt.
            await context.set_messages(before)
            added = []
        live.last_message_id = turn.request.assistant_message_id
        transcript = json.loads(json.dumps(added, default=str))
        if turn.stopping:
            return _finished(turn, "stopped", transcript)
        if failure is not None:
            return _failed(turn, failure, transcript)
        if not turn.text:
            turn.notice("empty_answer", "The model gave an empty answer. Ask in other words.")
        return _finished(turn, "completed", transcript)

    async def _execute(self, live: LiveSession, turn: Turn) -> None:
        coordinator = live.session.coordinator
        coordinator.cancellation.reset()
        coordinator.reset_turn()
        live.approvals.reset()
        if turn.stopping:
            return
        # The plan mounts one provider.
        (provider,) = coordinator.get("providers").values()
        await tell_switch(turn, coordinator.get("context"), provider)
        prompt, turn.prompt_metadata = await build_prompt(
            turn, coordinator.get("context"), provider
        )
        for code, message in live.tools.notices:
            turn.notice(code, message)
        live.tools.notices.clear()
        chosen = live.tools.chosen
        if chosen is not None and recorded(await coordinator.get("context").get_messages()) is None:
            turn.prompt_metadata[TOOLS] = chosen
        # A native engine that is cancelled before its first step never awaits the orchestrator. So
        # only this wait is cancelled; ``_break_off`` then ends the work by the kernel's token.
        work = asyncio.ensure_future(live.session.execute(prompt))
        work.add_done_callback(_seen)
        answer = await asyncio.shield(work)
        if answer and not turn.text and not turn.stopping:
            turn.open_block("text")(answer)

    # ------------------------------------------------------------ sessions

    async def _session(self, request: PythonRunTurn) -> LiveSession:
        """The conversation's session, standing at the turn's parent message."""
        conversation_id = request.conversation_id
        provider = provider_of(request)
        live = self._live.get(conversation_id)
        if live is not None and live.provider != provider:
            # A session keeps its provider; another one goes on from the transcript.
            del self._live[conversation_id]
            await _clean_up(live)
            live = None
        if live is None:
            live = await self._create(request, provider)
            self._live[conversation_id] = live
            if request.transcript:
                await _set_path(live, request)
        elif live.last_message_id != request.parent_id:
            await _set_path(live, request)
        self._live.move_to_end(conversation_id)
        await self._evict()
        return live

    async def _create(self, request: PythonRunTurn, provider: dict[str, Any]) -> LiveSession:
        conversation_id = request.conversation_id
        holder: dict[str, LiveSession] = {}

        def current() -> Turn | None:
            live = holder.get("live")
            return live.turn if live else None

        approvals = Approvals(self._host, current)
        session = AmplifierSession(
            {"providers": [provider], **self._plan},
            session_id=conversation_id,
            approval_system=approvals,
            is_resumed=bool(request.transcript),
        )
        coordinator = session.coordinator
        approvals.emit = coordinator.hooks.emit
        coordinator.register_capability(TURN, current)
        coordinator.register_capability(HOST, self._host)
        coordinator.register_capability(ENGINE, self._engine)
        transport = self._transport(conversation_id) if self._transport else None
        coordinator.register_capability(TRANSPORT, transport)
        coordinator.register_capability(BUILTIN, self._builtin)
        coordinator.register_capability(APPROVALS, approvals)
        coordinator.register_capability(TURN_OPTIONS, _turn_options(current))
        try:
            await session.initialize()
        except Exception as error:
            raise ModuleLoadError(f"The assistant could not be set up: {error}") from error
        _check_mounts(session)
        kept = await register_tools(coordinator, request)
        live = LiveSession(session, approvals, provider, kept)
        holder["live"] = live
        return live

    async def _evict(self) -> None:
        for conversation_id in list(self._live):
            if len(self._live) <= MAX_LIVE_SESSIONS:
                return
            live = self._live[conversation_id]
            busy = any(
                turn.request.conversation_id == conversation_id for turn, _ in self._turns.values()
            )
            if not busy:
                del self._live[conversation_id]
                await _clean_up(live)


def _seen(work: asyncio.Future[Any]) -> None:
    """How work ends whose turn was broken off is nobody's error."""
    if not work.cancelled():
        work.exception()


async def _set_path(live: LiveSession, request: PythonRunTurn) -> None:
    messages = labels.without_forgeries(request.transcript)
    await live.session.coordinator.get("context").set_messages(messages)


async def _abandon(live: LiveSession) -> None:
    await live.session.coordinator.cancellation.trigger_callbacks()
    await _clean_up(live)


async def _clean_up(live: LiveSession) -> None:
    """End a session that makes room for another; what it leaves undone must not stop that."""
    try:
        await asyncio.wait_for(live.session.cleanup(), CLOSE_TIMEOUT_S)
    except Exception:
        logger.exception("A session did not end cleanly")


def _turn_options(current: Callable[[], Turn | None]) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        turn = current()
        if turn is None:
            return {}
        options = turn.request.options
        return {
            "request": {
                "temperature": options.temperature,
                "top_p": options.top_p,
                "max_output_tokens": options.max_tokens,
                "conversation_id": turn.request.conversation_id,
                "model": turn.request.model.model_id,
                "tool_choice": options.tool_choice,
            },
            "prompt_metadata": turn.prompt_metadata,
            "max_model_calls": family_for(family_of(turn.request.model)).max_model_calls,
            # A small model loses its way in plans of several steps.
            "max_tool_rounds": 1 if turn.request.model.one_step else None,
        }

    return read


def _check_mounts(session: AmplifierSession) -> None:
    """The kernel only warns when a module fails; a session without the approval hook is unsafe."""
    coordinator = session.coordinator
    if len(coordinator.get("providers") or {}) != 1:
        raise ModuleLoadError("The model's provider could not be loaded.")
    if APPROVAL_HOOK not in coordinator.hooks.list_handlers(TOOL_PRE).get(TOOL_PRE, []):
        raise ModuleLoadError("The approval hook could not be loaded, so no tool may run.")


def _finished(turn: Turn, status: Any, transcript: list[dict[str, Any]]) -> TurnFinished:
    return TurnFinished(
        type="turn.finished",
        status=status,
        text=turn.text,
        usage=turn.usage,
        transcript=transcript,
    )


def _failed(turn: Turn, error: BaseException, transcript: list[dict[str, Any]]) -> TurnFinished:
    finished = _finished(turn, "failed", transcript)
    return finished.model_copy(update={"error": turn.failure or to_error_data(error)})
