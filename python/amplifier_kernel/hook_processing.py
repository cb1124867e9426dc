"""Carrying out a merged hook result: injections, user messages, approvals.

Reading the result, the size check, counting and user messages happen at the call; only
writing to the context and asking for approval are awaited.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .arguments import (
    require,
    require_float,
    require_optional_text,
    require_text,
    require_unsigned,
)
from .dispatch import hook_result
from .injections import projection
from .tasks import outcome, ready, running_loop, start

if TYPE_CHECKING:
    from collections.abc import Coroutine

logger = logging.getLogger("_engine.coordinator.hook_dispatch")

DEFAULT_PROMPT = "Allow this operation?"
DEFAULT_OPTIONS = ("Allow", "Deny")
PROMPT_SHOWN_CHARS = 200
_MISSING = object()
ALLOWING = frozenset({"allow", "allow once", "allow always"})


class TokenCount:
    """How many tokens hooks have injected in this turn."""

    __slots__ = ("tokens",)

    def __init__(self) -> None:
        self.tokens = 0


@dataclass(frozen=True)
class Services:
    """What a coordinator lends to one result, as it is at the call."""

    context: Any
    approval: Any
    display: Any
    size_limit: Any
    budget: Any
    injected: TokenCount


@dataclass(frozen=True)
class _Given:
    """The fields of a result that count here, as they are at the call."""

    action: str
    content: str | None
    role: str
    ephemeral: bool
    prompt: str | None
    options: list[str] | None
    timeout_s: float
    default: str
    message: str | None
    level: str
    source: str | None


def start_processing(
    services: Services, result: Any, event: str, hook_name: str
) -> Coroutine[Any, Any, Any]:
    """Begin to carry out `result`; the coroutine gives the result left for the orchestrator.

    Raises at the call: AttributeError for an object without HookResult's attributes, TypeError
    for one with wrong values, RuntimeError without a running loop, ValueError "Context
    injection exceeds N characters" before anything is written.
    """
    given = _read(result)
    size_limit = _unsigned_or_none(services.size_limit)
    budget = _unsigned_or_none(services.budget)
    items = _items(result, given, event, hook_name) if given.action == "inject_context" else []
    if given.action == "ask_user":
        return start(_ask(services.approval, given, hook_name))
    _check_size(items, size_limit)
    _count(services.injected, items, budget)
    _show_message(services.display, given, hook_name)
    if given.action != "inject_context":
        running_loop()
        return ready(result)
    add_message = getattr(services.context, "add_message", _MISSING)
    return start(_inject(add_message, result, items))


def _read(result: Any) -> _Given:
    action = require_text(result.action)
    require(result.suppress_output, bool)
    return _Given(
        action=action,
        content=require_optional_text(result.context_injection),
        role=require_text(result.context_injection_role),
        ephemeral=_switch(result.ephemeral),
        prompt=require_optional_text(result.approval_prompt),
        options=_texts(result.approval_options),
        timeout_s=require_float(result.approval_timeout),
        default=require_text(result.approval_default),
        message=require_optional_text(result.user_message),
        level=require_text(result.user_message_level),
        source=require_optional_text(result.user_message_source),
    )


def _switch(value: Any) -> bool:
    require(value, bool)
    return bool(value)


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"'{type(value).__name__}' object is not a list of texts")
    return [require_text(item) for item in value]


def _items(result: Any, given: _Given, event: str, hook_name: str) -> list[dict[str, Any]]:
    scalar = {
        "content": given.content,
        "role": given.role,
        "ephemeral": given.ephemeral,
        "append_to_last_tool_result": _switch(result.append_to_last_tool_result),
        "hook_name": hook_name,
        "event": event,
    }
    listed = [_listed(item) for item in result.context_injections]
    if not listed and scalar["content"]:
        listed = [scalar]
    from amplifier_core.models import _sanitize_for_llm

    for item in listed:
        item["content"] = _sanitize_for_llm(item["content"])
    return listed


def _listed(item: Any) -> dict[str, Any]:
    return {
        "content": require_text(item.content),
        "role": require_text(item.role),
        "ephemeral": item.ephemeral,
        "append_to_last_tool_result": item.append_to_last_tool_result,
        "hook_name": require_text(item.hook_name),
        "event": require_text(item.event),
    }


def _unsigned_or_none(value: Any) -> int | None:
    return None if value is None else require_unsigned(value)


def _check_size(items: list[dict[str, Any]], limit: int | None) -> None:
    if limit is None:
        return
    for item in items:
        if len(item["content"]) > limit:
            logger.error(
                "Hook injection too large: %s (chars=%d, limit=%d)",
                item["hook_name"],
                len(item["content"]),
                limit,
            )
            raise ValueError(f"Context injection exceeds {limit} characters")


def _count(injected: TokenCount, items: list[dict[str, Any]], budget: int | None) -> None:
    for item in items:
        chars = len(item["content"])
        if not chars:
            continue
        tokens = chars // 4
        current = injected.tokens
        if budget is not None and current + tokens > budget:
            logger.warning(
                "Warning: Hook injection budget exceeded "
                "(hook=%s, current=%d, attempted=%d, budget=%d)",
                item["hook_name"],
                current,
                tokens,
                budget,
            )
        injected.tokens = current + tokens
        logger.info(
            "Hook context injection "
            "(hook=%s, event=%s, chars=%d, role=%s, tokens=%d, ephemeral=%s)",
            item["hook_name"],
            item["event"],
            chars,
            item["role"],
            tokens,
            str(item["ephemeral"]).lower(),
        )


async def _inject(add_message: Any, result: Any, items: list[dict[str, Any]]) -> Any:
    if add_message is not _MISSING:
        for item in items:
            if item["content"] and not item["ephemeral"]:
                returned = add_message(_message(item))
                if inspect.iscoroutine(returned):
                    # A message being stored is stored, also when the caller is cancelled.
                    error, _ = await outcome(returned, cancel=False)
                    if error is not None:
                        raise error
    left = [item for item in items if item["content"] and item["ephemeral"]]
    fields = result.model_dump()
    fields.update(projection(left))
    fields["action"] = "inject_context" if left else "continue"
    return hook_result(fields)


def _message(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": item["role"],
        "content": item["content"],
        "metadata": {
            "source": "hook",
            "hook_name": item["hook_name"],
            "event": item["event"],
            "timestamp": datetime.now(UTC).isoformat(),
            "requested_role": item["role"],
            "ephemeral": False,
            "persisted": True,
        },
    }


def _show_message(display: Any, given: _Given, hook_name: str) -> None:
    if not given.message:
        return
    source = hook_name if given.source is None else given.source
    if display is None:
        logger.debug("Hook message (%s): %s (hook=%s)", given.level, given.message, source)
        return
    try:
        # Not awaited even when it is a coroutine: displaying is fire and forget.
        display.show_message(given.message, given.level, f"hook:{source}")
    except BaseException as error:
        logger.error("Error calling display_system: %s: %s", type(error).__qualname__, error)


async def _ask(system: Any, given: _Given, hook_name: str) -> Any:
    prompt = DEFAULT_PROMPT if given.prompt is None else given.prompt
    options = list(DEFAULT_OPTIONS) if given.options is None else given.options
    timeout_s, default = given.timeout_s, given.default
    shown = (
        prompt
        if len(prompt) <= PROMPT_SHOWN_CHARS
        else f"{prompt[:PROMPT_SHOWN_CHARS]}...[truncated]"
    )
    logger.info(
        "Approval requested (hook=%s, prompt=%s, timeout=%g, default=%s)",
        hook_name,
        shown,
        timeout_s,
        default,
    )
    if system is None:
        logger.error("Approval requested but no approval system provided (hook=%s)", hook_name)
        return _denied("No approval system available")
    from amplifier_core.approval import ApprovalTimeoutError

    try:
        decision = system.request_approval(prompt, options, timeout_s, default)
        if inspect.iscoroutine(decision):
            error, decision = await outcome(decision, cancel=True)
            if error is not None:
                raise error
    except ApprovalTimeoutError:
        logger.warning("Approval timeout (hook=%s, default=%s)", hook_name, default)
        if default == "allow":
            return _allowed()
        return _denied(f"Approval timeout - denied by default: {shown}")
    decision = require_text(decision)
    logger.info("Approval decision (hook=%s, decision=%s)", hook_name, decision)
    if decision.lower() in ALLOWING:
        return _allowed()
    if decision.lower() != "deny":
        logger.warning(
            "Approval system returned unexpected decision '%s' for hook '%s' — "
            "treating as deny (fail-closed)",
            decision,
            hook_name,
        )
    return _denied(f"User denied: {shown}")


def _denied(reason: str) -> Any:
    from amplifier_core.models import HookResult

    return HookResult(action="deny", reason=reason)


def _allowed() -> Any:
    from amplifier_core.models import HookResult

    return HookResult(action="continue")
