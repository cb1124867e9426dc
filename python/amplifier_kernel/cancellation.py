"""Cooperative cancellation: a token with three states and a tree of children."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

from .arguments import closed_class, refuse_copy, require, require_text
from .tasks import NOTHING, settled, spawn, start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

logger = logging.getLogger("_engine.cancellation")

NONE, GRACEFUL, IMMEDIATE = "none", "graceful", "immediate"


class RustCancellationToken:
    """State "none", "graceful" or "immediate"; requests move it up and reach all children."""

    __slots__ = ("__callbacks", "__children", "__running", "__state")

    def __init__(self) -> None:
        self.__state = NONE
        self.__children: list[RustCancellationToken] = []
        self.__callbacks: list[Callable[[], Any]] = []
        self.__running: dict[str, str] = {}

    def __init_subclass__(cls) -> None:
        raise closed_class("RustCancellationToken")

    __reduce__ = refuse_copy

    @property
    def state(self) -> str:
        """The state's name."""
        return self.__state

    @property
    def is_cancelled(self) -> bool:
        """Whether any cancellation was asked for."""
        return self.__state != NONE

    @property
    def is_graceful(self) -> bool:
        """Whether running tools may finish."""
        return self.__state == GRACEFUL

    @property
    def is_immediate(self) -> bool:
        """Whether to stop now."""
        return self.__state == IMMEDIATE

    @property
    def running_tools(self) -> set[str]:
        """Ids of running tool calls, as a new set."""
        return set(self.__running)

    @property
    def running_tool_names(self) -> list[str]:
        """Names of running tools; one entry per call."""
        return list(self.__running.values())

    def request_cancellation(self) -> None:
        """Ask for a graceful stop."""
        self.request_graceful()

    def request_graceful(self) -> bool:
        """Ask for a graceful stop; True if that changed the state."""
        if self.__state != NONE:
            return False
        self.__raise_to(GRACEFUL)
        return True

    def request_immediate(self) -> bool:
        """Ask for an immediate stop; True if that changed the state."""
        if self.__state == IMMEDIATE:
            return False
        self.__raise_to(IMMEDIATE)
        return True

    def __raise_to(self, state: str) -> None:
        self.__state = state
        for child in list(self.__children):
            child.__apply(state)

    def __apply(self, state: str) -> None:
        if state == IMMEDIATE:
            self.request_immediate()
        elif state == GRACEFUL:
            self.request_graceful()

    def reset(self) -> None:
        """Clear state and running tools; children and callbacks stay, children keep their state."""
        self.__state = NONE
        self.__running.clear()

    def register_tool_start(self, tool_call_id: str, tool_name: str) -> None:
        """Note a running tool call."""
        self.__running[require_text(tool_call_id)] = require_text(tool_name)

    def register_tool_complete(self, tool_call_id: str) -> None:
        """Forget a tool call; unknown ids are ignored."""
        self.__running.pop(require_text(tool_call_id), None)

    def register_child(self, child: RustCancellationToken) -> None:
        """Add a child; it takes over this token's state at once, but is never lowered."""
        require(child, RustCancellationToken)
        self.__children.append(child)
        child.__apply(self.__state)

    def unregister_child(self, child: RustCancellationToken) -> None:
        """Remove a child, however often it was added; unknown ones are ignored."""
        require(child, RustCancellationToken)
        self.__children = [item for item in self.__children if item is not child]

    def on_cancel(self, callback: Callable[[], Any]) -> None:
        """Add a callback, sync or async, for `trigger_callbacks`."""
        self.__callbacks.append(callback)

    def trigger_callbacks(self) -> Coroutine[Any, Any, tuple[()]]:
        """Run all callbacks in order; what one raises never stops the next."""
        return start(_run_callbacks(list(self.__callbacks)))


async def _run_callbacks(callbacks: list[Callable[[], Any]]) -> tuple[()]:
    for callback in callbacks:
        try:
            returned = callback()
        except BaseException as error:
            logger.error("Error in cancellation callback: %s: %s", type(error).__qualname__, error)
            continue
        if inspect.iscoroutine(returned):
            # A callback that has begun runs to its end even if the waiter is cancelled.
            await settled(spawn(returned), cancel=False)
    return NOTHING
