"""The state of one turn and the capabilities by which modules reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, NamedTuple, TypeVar

from sidelight.contract import (
    ErrorData,
    PythonRunTurn,
    TurnBlockStart,
    TurnDelta,
    TurnEventBody,
    TurnNotice,
    Usage,
)
from sidelight.personas import with_persona

T = TypeVar("T")

#: capability names on the coordinator
TURN = "sidelight.turn"  # () -> Turn | None
ENGINE = "sidelight.engine"  # Engine
HOST = "sidelight.host"  # Host
APPROVALS = "sidelight.approvals"  # Approvals
TURN_OPTIONS = "orchestrator.turn_options"  # () -> dict, see loop-sidelight


class Refusal(NamedTuple):
    """Why a call was not approved, for the user."""

    status: Literal["denied", "timed_out"]
    text: str


class StoppedError(Exception):
    """The user stopped the turn while something was awaited."""


class Turn:
    """One run of ``python.run_turn``: its request, its events and what it collects."""

    def __init__(self, request: PythonRunTurn, emit: Callable[[TurnEventBody], None]) -> None:
        options, unknown = with_persona(request.options, request.settings.personas)
        self.request = request.model_copy(update={"options": options})
        self.emit = emit
        self.tickets: dict[str, str] = {}
        self.refusals: dict[str, Refusal] = {}
        self.reported: set[str] = set()
        self.failure: ErrorData | None = None
        self.usage: Usage | None = None
        self.prompt_metadata: dict[str, Any] = {}
        #: the user pressed Stop; ``stopped`` follows once the kernel knows of it
        self.stopping = False
        self.stopped = asyncio.Event()
        self._texts: list[str] = []
        self._blocks = 0
        if unknown:
            self.notice(
                "persona_unknown",
                f"There is no persona {unknown} any more: the usual assistant answers.",
            )

    @property
    def text(self) -> str:
        """The visible answer so far: all text blocks."""
        return "\n\n".join(text for text in self._texts if text.strip())

    def open_block(self, block_type: Literal["text", "thinking"]) -> Callable[[str], None]:
        """Start a block of the answer; the returned function adds text to it."""
        index = self._blocks
        self._blocks += 1
        slot = len(self._texts)
        if block_type == "text":
            self._texts.append("")
        self.emit(TurnBlockStart(type="turn.block_start", block_index=index, block_type=block_type))

        def add(text: str) -> None:
            if block_type == "text":
                self._texts[slot] += text
            self.emit(TurnDelta(type="turn.delta", block_index=index, text=text))

        return add

    def notice(self, code: str, message: str) -> None:
        """Tell the user that something was left out or done differently."""
        self.emit(TurnNotice(type="turn.notice", code=code, message=message))

    async def unless_stopped(self, work: Coroutine[Any, Any, T], grace_s: float = 0) -> T:
        """The result of ``work``. When the user stops first and ``grace_s`` seconds more do not
        bring it, it is cancelled: StoppedError."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self.stopped.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and grace_s:
                await asyncio.wait({task}, timeout=grace_s)
            if not task.done():
                raise StoppedError
            return task.result()
        finally:
            for pending in (task, stop):
                pending.cancel()
