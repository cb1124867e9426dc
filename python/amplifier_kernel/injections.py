"""Context injections of one event: collecting, projecting, merging."""

from __future__ import annotations

from typing import Any

from .hook_results import defaults


def items_of(fields: dict[str, Any], hook_name: str, event: str) -> list[dict[str, Any]]:
    """Return the injection items of one handler's result, signed with its name and event."""
    items: list[dict[str, Any]] = fields["context_injections"]
    if not items and fields["context_injection"] is not None:
        items = [
            {
                "content": fields["context_injection"],
                "role": fields["context_injection_role"],
                "ephemeral": fields["ephemeral"],
                "append_to_last_tool_result": fields["append_to_last_tool_result"],
            }
        ]
    return [{**item, "hook_name": hook_name, "event": event} for item in items]


def projection(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the injection fields of a HookResult that carries `items`: list and scalars."""
    return {
        "context_injections": items,
        "context_injection": "\n\n".join(item["content"] for item in items) if items else None,
        "context_injection_role": items[0]["role"] if items else "system",
        "ephemeral": any(item["ephemeral"] for item in items),
        "append_to_last_tool_result": any(item["append_to_last_tool_result"] for item in items),
    }


def merge(results: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> dict[str, Any]:
    """Return the one result for all injecting handlers of an event, in order.

    With one handler its other fields survive. With several only the first one's
    suppress_output does.
    """
    items = [item for _, own in results for item in own]
    first = results[0][0]
    base = (
        first
        if len(results) == 1
        else {
            **defaults(),
            "action": "inject_context",
            "suppress_output": first["suppress_output"],
        }
    )
    return {**base, **projection(items)}
