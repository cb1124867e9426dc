"""Carrying out a merged hook result: injections, user messages, approvals.

Reading the result, the size check, counting and user messages happen at the call; only
writing to the context and asking for approval are awaited.
"""

from __future__ import annotations

import inspect
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .arguments import require, require_optional_text, require_text, require_unsigned
from .dispatch import hook_result
from .injections import projection
from .tasks import ready, start

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .coordinator import RustCoordinator

logger = logging.getLogger("_engine.coordinator.hook_dispatch")

DEFAULT_PROMPT = "Allow this operation?"
DEFAULT_OPTIONS = ("Allow", "Deny")
PROMPT_SHOWN_CHARS = 200
ALLOWING = frozenset({"allow", "allow once", "allow always"})


def start_processing(
    coordinator: RustCoordinator, result: Any, event: str, hook_name: str
) -> Coroutine[Any, Any, Any]:
    """Begin to carry out `result`; the coroutine gives the result left for the orchestrator.

    Raises at the call: AttributeError for an object without HookResult's attributes,
    ValueError "Context injection exceeds N characters" before anything is written.
    """
    action = require_text(result.action)
    items = _items(result, event, hook_name)
    size_limit = _unsigned_or_none(coordinator.injection_size_limit)
    budget = _unsigned_or_none(coordinator.injection_budget_per_turn)
    if action == "ask_user":
        return start(_ask(coordinator, result, hook_name))
    if action != "inject_context":
        _show_message(coordinator, result, hook_name)
        return ready(result)
    _check_size(items, size_limit)
    _count(coordinator, items, budget)
    _show_message(coordinator, result, hook_name)
    return start(_inject(coordinator, result, items))


def _items(result: Any, event: str, hook_name: str) -> list[dict[str, Any]]:
    scalar = {
        "content": require_optional_text(result.context_injection),
        "role": require_text(result.context_injection_role),
        "ephemeral": result.ephemeral,
        "append_to_last_tool_result": result.append_to_last_tool_result,
        "hook_name": hook_name,
        "event": event,
    }
    require(scalar["ephemeral"], bool)
    require(scalar["append_to_last_tool_result"], bool)
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


def _count(coordinator: RustCoordinator, items: list[dict[str, Any]], budget: int | None) -> None:
    for item in items:
        chars = len(item["content"])
        if not chars:
            continue
        tokens = chars // 4
        current = coordinator._current_turn_injections
        if budget is not None and current + tokens > budget:
            logger.warning(
                "Warning: Hook injection budget exceeded "
                "(hook=%s, current=%d, attempted=%d, budget=%d)",
                item["hook_name"],
                current,
                tokens,
                budget,
            )
        coordinator._current_turn_injections = current + tokens
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


async def _inject(coordinator: RustCoordinator, result: Any, items: list[dict[str, Any]]) -> Any:
    context = coordinator.mount_points.get("context")
    add_message = getattr(context, "add_message", None)
    if add_message is not None:
        for item in items:
            if item["content"] and not item["ephemeral"]:
                returned = add_message(_message(item))
                if inspect.isawaitable(returned):
                    await returned
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


def _show_message(coordinator: RustCoordinator, result: Any, hook_name: str) -> None:
    text = require_optional_text(result.user_message)
    if not text:
        return
    level = require_text(result.user_message_level)
    source = require_optional_text(result.user_message_source)
    source = hook_name if source is None else source
    display = coordinator.display_system
    if display is None:
        logger.debug("Hook message (%s): %s (hook=%s)", level, text, source)
        return
    try:
        # Not awaited even when it is a coroutine: displaying is fire and forget.
        display.show_message(text, level, f"hook:{source}")
    except BaseException as error:
        logger.error("Error calling display_system: %s: %s", type(error).__qualname__, error)


async def _ask(coordinator: RustCoordinator, result: Any, hook_name: str) -> Any:
    prompt = require_optional_text(result.approval_prompt)
    prompt = DEFAULT_PROMPT if prompt is None else prompt
    given = result.approval_options
    options = list(DEFAULT_OPTIONS) if given is None else list(given)
    timeout_s = float(result.approval_timeout)
    default = require_text(result.approval_default)
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
    system = coordinator.approval_system
    if system is None:
        logger.error("Approval requested but no approval system provided (hook=%s)", hook_name)
        return _denied("No approval system available")
    from amplifier_core.approval import ApprovalTimeoutError

    try:
        decision = system.request_approval(prompt, options, timeout_s, default)
        if inspect.isawaitable(decision):
            decision = await decision
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
