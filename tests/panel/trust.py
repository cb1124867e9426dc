"""Settings, servers, ledger entries and decisions for the panel over the fake bus."""

from __future__ import annotations

import json
from typing import Any

HOUR_MS = 3_600_000


def js(value: Any) -> str:
    """The value as a JavaScript expression."""
    return json.dumps(value)


def server(server_id: str = "s-1", **more: Any) -> dict[str, Any]:
    """A stored server with one model."""
    return {
        "server_id": server_id,
        "label": "Ollama",
        "base_url": "http://127.0.0.1:11434/v1",
        "has_key": False,
        "models": [{"name": "qwen3:8b", "context_window_tokens": 8192}],
        **more,
    }


def settings(**more: Any) -> dict[str, Any]:
    """Settings of the level Device without servers."""
    return {
        "level": "device",
        "max_level": "web",
        "servers": [],
        "local_changes": "ask",
        "disabled_tools": [],
        "managed": [],
        **more,
    }


def model(name: str = "qwen3:8b", server_id: str = "s-1") -> dict[str, Any]:
    """A model of a server."""
    return {
        "model_id": f"{server_id}/{name}",
        "label": name,
        "family": "openai",
        "description": "Answers on your server.",
        "size_bytes": 0,
        "context_window_tokens": 8192,
        "embedded": False,
        "provider": "openai",
        "server_id": server_id,
    }


def with_settings(chosen: str | None = None, models: Any = (), **more: Any) -> str:
    """JavaScript that gives the fake these settings before the panel connects."""
    script = (
        f"fake.settings = {js(settings(**more))};"
        "fake.app.settings = structuredClone(fake.settings);"
        f"fake.app.models.push(...{js(list(models))});"
    )
    return script + (f"fake.app.model_id = {js(chosen)};" if chosen else "")


def with_server(chosen: bool = False, level: str = "servers", **more: Any) -> str:
    """One server with one model; ``chosen``: the model is the chosen one."""
    return with_settings(
        "s-1/qwen3:8b" if chosen else None, [model()], level=level, servers=[server()], **more
    )


def sent(entry_id: str, at_ms: float, **more: Any) -> dict[str, Any]:
    """A ledger entry."""
    return {
        "entry_id": entry_id,
        "at_ms": at_ms,
        "host": "127.0.0.1:11434",
        "purpose": "Answer a message",
        "asked_by": "the chat",
        "bytes_out": 12_345,
        "bytes_in": 2_100,
        "status": "done",
        "detail": "",
        **more,
    }


def decision(approval_id: str, at_ms: float, **more: Any) -> dict[str, Any]:
    """A stored decision that can be undone."""
    return {
        "approval_id": approval_id,
        "at_ms": at_ms,
        "conversation_id": "c-1",
        "tool_name": "add_todo",
        "title": "Add “oil” to your to-do list",
        "detail": "It is stored on this device.",
        "target_origin": None,
        "decision": "allow",
        "decided_by": "user",
        "outcome": "done",
        "undo": "available",
        **more,
    }


def conversation(conversation_id: str, title: str, **more: Any) -> dict[str, Any]:
    """A stored conversation with a question and an answer."""
    ids = {"conversation_id": conversation_id, "created_at_ms": 1_790_000_000_000}
    messages = [
        {"message_id": f"{conversation_id}-u", "parent_id": None, "role": "user", "text": title},
        {
            "message_id": f"{conversation_id}-a",
            "parent_id": f"{conversation_id}-u",
            "role": "assistant",
            "text": "With oil.",
        },
    ]
    return {
        "summary": {
            **ids,
            "title": title,
            "updated_at_ms": 1_790_000_000_000,
            "message_count": 2,
            **more,
        },
        "messages": [{**message, **ids} for message in messages],
    }
