"""Running the handlers of one event and merging what they return."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import injections
from .crossing import canonical, copy_of
from .hook_results import defaults, parse
from .tasks import settled, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("amplifier_core.hooks")


@dataclass(frozen=True, eq=False)
class Registration:
    """One handler on one event; identity is the registration itself."""

    event: str
    handler: Callable[..., Any]
    priority: int
    name: str


def hook_result(fields: dict[str, Any]) -> Any:
    """Return an `amplifier_core.models.HookResult` with all fields set."""
    from amplifier_core.models import HookResult

    return HookResult(**fields)


def _call(registration: Registration, text: str) -> Any:
    # Handlers are called in an empty context, as on the native engine's own threads: a context
    # variable of the emitter is visible in coroutines only.
    return contextvars.Context().run(registration.handler, registration.event, copy_of(text))


def _report(registration: Registration, kind: str, error: BaseException) -> None:
    try:
        text = str(error)
    except Exception:
        text = "<exception str() failed>"
    logger.error(
        "Hook handler error for event '%s' (handler '%s'): hook handler failed: %s: %s: %s",
        registration.event,
        registration.name,
        kind,
        type(error).__qualname__,
        text,
    )


class _Failed(Exception):
    """The handler raised; already logged."""


async def _outcome(registration: Registration, text: str, timeout_s: float | None = None) -> Any:
    """Return what a handler returned.

    Raises _Failed when it raised, TimeoutError when it was not done in time. A CancelledError
    that leaves this function is the emitter's own, never the handler's.
    """
    try:
        returned = _call(registration, text)
    except BaseException as error:
        _report(registration, "Python handler call error", error)
        raise _Failed from None
    if not inspect.iscoroutine(returned):
        return returned
    try:
        task = spawn(returned)
    except Exception as error:
        # A task factory refused it; the native engine waits for ever here.
        returned.close()
        _report(registration, "Python async handler error", error)
        raise _Failed from None
    if timeout_s is None:
        await settled(task, cancel=True)
    else:
        await _settled_within(task, timeout_s)
    try:
        return task.result()
    except BaseException as error:
        _report(registration, "Python async handler error", error)
        raise _Failed from None


async def _settled_within(task: asyncio.Future[Any], timeout_s: float) -> None:
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise TimeoutError


async def run_chain(registrations: list[Registration], data: Any) -> Any:
    """Run handlers in order; return the merged HookResult.

    `data` is a crossed value. A denial returns at once. The first ask_user wins over
    injections and modified data.
    """
    text = canonical(data)
    asking: dict[str, Any] | None = None
    injecting: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for registration in registrations:
        try:
            fields = parse(await _outcome(registration, text))
        except _Failed:
            continue
        action = fields["action"]
        if action == "deny":
            return hook_result(fields)
        if action == "modify":
            if fields["data"] is not None:
                text = canonical(fields["data"])
        elif action == "ask_user":
            asking = asking or fields
        elif action == "inject_context":
            items = injections.items_of(fields, registration.name, registration.event)
            if items:
                injecting.append((fields, items))
    if asking is not None:
        return hook_result(asking)
    if injecting:
        return hook_result(injections.merge(injecting))
    running = copy_of(text)
    return hook_result({**defaults(), "data": running if isinstance(running, dict) else {}})


async def run_all(registrations: list[Registration], data: Any, timeout_s: float) -> list[Any]:
    """Run every handler, one after the other; return each `data` that is not None."""
    text = canonical(data)
    collected: list[Any] = []
    for registration in registrations:
        try:
            fields = parse(await _outcome(registration, text, timeout_s))
        except _Failed:
            continue
        except TimeoutError:
            logger.warning(
                "Hook handler timed out for event '%s' (handler '%s')",
                registration.event,
                registration.name,
            )
            continue
        if fields["data"] is not None:
            collected.append(fields["data"])
    return collected
