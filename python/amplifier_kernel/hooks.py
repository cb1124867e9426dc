"""The hook registry: who listens to what, in which order."""

from __future__ import annotations

import math
import uuid
from bisect import insort_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from . import constants
from .arguments import (
    INT32_MAX,
    INT32_MIN,
    closed_class,
    refuse_copy,
    require_float,
    require_int,
    require_optional_text,
    require_text,
)
from .correlation import stamp_request_id
from .crossing import cross
from .dispatch import Registration, hook_result, run_all, run_chain
from .hook_results import defaults
from .tasks import ready, running_loop, start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class RustUnregisterFn:
    """Callable that removes exactly the registration it came from; calling twice is harmless."""

    __slots__ = ("__registration", "__registrations")

    def __new__(cls) -> Self:
        raise TypeError(f"cannot create '{cls.__name__}' instances")

    @classmethod
    def _of(cls, registrations: list[Registration], registration: Registration) -> Self:
        made = object.__new__(cls)
        made.__registrations = registrations
        made.__registration = registration
        return made

    __registration: Registration
    __registrations: list[Registration]

    def __init_subclass__(cls) -> None:
        raise closed_class("RustUnregisterFn")

    __reduce__ = refuse_copy

    def __call__(self) -> None:
        for position, registration in enumerate(self.__registrations):
            if registration is self.__registration:
                del self.__registrations[position]
                return

    def __repr__(self) -> str:
        return f"<unregister '{self.__registration.name}'>"


class RustHookRegistry:
    """Registers handlers per event and dispatches events to them."""

    __slots__ = ("__by_event", "__defaults", "__order")

    SESSION_START = constants.SESSION_START
    SESSION_END = constants.SESSION_END
    PROMPT_SUBMIT = constants.PROMPT_SUBMIT
    TOOL_PRE = constants.TOOL_PRE
    TOOL_POST = constants.TOOL_POST
    CONTEXT_PRE_COMPACT = constants.CONTEXT_PRE_COMPACT
    ORCHESTRATOR_COMPLETE = constants.ORCHESTRATOR_COMPLETE
    USER_NOTIFICATION = constants.USER_NOTIFICATION

    def __init__(self) -> None:
        self.__by_event: dict[str, list[Registration]] = {}
        self.__order: list[Registration] = []
        self.__defaults: dict[str, Any] = {}

    def __init_subclass__(cls) -> None:
        raise closed_class("RustHookRegistry")

    __reduce__ = refuse_copy

    def register(
        self,
        event: str,
        handler: Callable[..., Any],
        priority: int = 0,
        name: str | None = None,
    ) -> RustUnregisterFn:
        """Add a handler. Lower priority runs first; equal priorities in registration order."""
        event = require_text(event)
        number = require_int(priority, INT32_MIN, INT32_MAX)
        label = require_optional_text(name)
        if label is None:
            label = f"_auto_{event}_{uuid.uuid4()}"
        registration = Registration(event, handler, number, label)
        registrations = self.__by_event.setdefault(event, [])
        insort_right(registrations, registration, key=lambda item: item.priority)
        self.__order.append(registration)
        return RustUnregisterFn._of(registrations, registration)

    on = register

    def unregister(self, name: str) -> None:
        """Remove the most recent live registration of `name`; unknown names are ignored."""
        name = require_text(name)
        for position in range(len(self.__order) - 1, -1, -1):
            registration = self.__order[position]
            live = self.__by_event[registration.event]
            alive = any(item is registration for item in live)
            if not alive:
                del self.__order[position]
            elif registration.name == name:
                del self.__order[position]
                live.remove(registration)
                return

    def set_default_fields(self, /, **kwargs: Any) -> None:
        """Set the fields that every emitted object gets unless the emitter gives them."""
        self.__defaults = cross(kwargs)

    def list_handlers(self, event: str | None = None) -> dict[str, list[str]]:
        """Return handler names per event in run order; an emptied event stays with []."""
        event = require_optional_text(event)
        if event is not None:
            return {event: [item.name for item in self.__by_event.get(event, [])]}
        return {key: [item.name for item in items] for key, items in self.__by_event.items()}

    def emit(self, event: str, data: Any) -> Coroutine[Any, Any, Any]:
        """Dispatch `event` now; the coroutine gives the merged HookResult.

        Raises at the call: RuntimeError for data that JSON cannot hold, TypeError for a
        non-str event, RuntimeError without a running loop.
        """
        event = require_text(event)
        crossed = cross(data)
        running_loop()
        if isinstance(crossed, dict):
            stamp_request_id(event, crossed)
        registrations = self.__by_event.get(event)
        if not registrations:
            given = crossed if isinstance(crossed, dict) else {}
            return ready(hook_result({**defaults(), "data": given}))
        if isinstance(crossed, dict):
            crossed = {**self.__defaults, **crossed, "timestamp": _now()}
        return start(run_chain(list(registrations), crossed))

    def emit_and_collect(
        self, event: str, data: Any, timeout: float = 1.0
    ) -> Coroutine[Any, Any, list[Any]]:
        """Run every handler of `event`; the coroutine gives each handler's `data`.

        `timeout` is seconds per handler. Defaults, timestamp and request id are not added.
        """
        event = require_text(event)
        timeout_s = require_float(timeout)
        if not math.isfinite(timeout_s) or timeout_s < 0:
            raise ValueError(f"timeout must be a finite number of seconds, 0 or more: {timeout_s}")
        crossed = cross(data)
        registrations = list(self.__by_event.get(event, []))
        return start(run_all(registrations, crossed, timeout_s))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
