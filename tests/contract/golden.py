"""Golden messages: one good example of every request, and the ways to spoil it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

PAGE = {"tab_id": 7, "document_id": "D1", "origin": "https://news.example", "title": "A title"}
BLOCK = {
    "kind": "selection",
    "origin": "https://news.example",
    "trust": "untrusted",
    "title": "Ä title with 👩‍👩‍👧 and \u202e marks",
    "url": "https://news.example/a?b=c#d",
    "text": "Line one.\nLine two: <b>not markup</b> $& \u0000",
    "total_chars": 40,
    "truncated": False,
}
APPROVAL = {
    "approval_id": "a-1",
    "conversation_id": "c-1",
    "turn_id": "t-1",
    "tool_call_id": "call_1",
    "tool_name": "add_todo",
    "arguments": {"text": "buy milk", "nested": {"n": [1, 2.5, None, True]}},
    "effect": {
        "title": "Add a to-do",
        "detail": "Adds “buy milk” to your list on this device.",
        "target_origin": None,
        "reads": False,
        "writes": True,
        "sends": False,
        "runs_code": False,
    },
    "page": None,
    "asked_at_ms": 1_700_000_000_000.5,
    "timeout_s": 300,
}
CALL = {
    "conversation_id": "c-1",
    "turn_id": "t-1",
    "tool_call_id": "call_1",
    "tool_name": "read_page",
    "arguments": {},
    "page": PAGE,
    "ticket_id": None,
}
SETTINGS = {
    "level": "servers",
    "max_level": "web",
    "servers": [
        {
            "server_id": "s-1",
            "label": "Mine",
            "base_url": "http://localhost:11434/v1",
            "has_key": True,
            "models": [{"name": "a b", "context_window_tokens": 256}],
        }
    ],
    "local_changes": "ask",
    "disabled_tools": ["add_todo"],
    "managed": ["disabled_tools"],
}

#: request type -> a valid body
VALID: dict[str, dict[str, Any]] = {
    "offscreen.attach": {"conversation_id": "c-1", "turn_id": None, "last_seq": -1},
    "offscreen.run_turn": {
        "turn_id": "t-1",
        "conversation_id": "c-1",
        "parent_id": None,
        "text": "What is this?",
        "context_refs": [
            {"kind": "page", "page": PAGE, "block": None},
            {"kind": "selection", "page": None, "block": BLOCK},
        ],
        "page": PAGE,
        "model_id": "starter",
        "options": {"temperature": 0, "max_tokens": 256, "tool_choice": "read_page"},
    },
    "offscreen.stop_turn": {"turn_id": "t-1"},
    "offscreen.decide_approval": {"approval_id": "a-1", "decision": "allow"},
    "offscreen.list_conversations": {},
    "offscreen.read_conversation": {"conversation_id": "c-1"},
    "offscreen.delete_conversation": {"conversation_id": "c-1"},
    "offscreen.read_state": {},
    "offscreen.load_model": {"model_id": "tiny"},
    "offscreen.tab_changed": {"tab_id": 7, "document_id": None, "origin": None},
    "background.ensure_offscreen": {},
    "background.read_page": {"page": PAGE, "mode": "page"},
    "background.page_state": {"window_id": 1, "read_document_id": None},
    "background.take_handoff": {"window_id": 1},
    "background.read_settings": {},
    "background.set_level": {"level": "servers"},
    "background.set_local_changes": {"local_changes": "undo"},
    "background.set_personas": {
        "personas": [{"persona_id": "poet", "label": "Poet", "temperature": 1.2, "stop": ["END"]}]
    },
    "background.save_server": {
        "server_id": "s-1",
        "label": "Mine – lokal",
        "base_url": "http://localhost:11434/v1",
        "key": None,
    },
    "background.remove_server": {"server_id": "s-1"},
    "background.write_server_models": {
        "server_id": "s-1",
        "base_url": "http://localhost:11434/v1",
        "models": [{"name": "org/model:8b", "context_window_tokens": 8192}],
    },
    "background.read_key": {"server_id": "s-1", "origin": "http://localhost:11434"},
    "offscreen.settings_changed": {"settings": SETTINGS},
    "offscreen.list_decisions": {},
    "offscreen.undo_decision": {"approval_id": "a-1"},
    "offscreen.list_ledger": {},
    "offscreen.clear_ledger": {},
    "offscreen.connect_server": {"server_id": "s-1"},
    "offscreen.export_conversations": {"conversation_id": "c-1"},
    "offscreen.import_conversations": {
        "file": {
            "format": "sidelight-conversations-1",
            "exported_at_ms": 1.5,
            "conversations": [],
        }
    },
    "offscreen.http_send": {
        "request_id": "r-1",
        "conversation_id": "c-1",
        "method": "POST",
        "url": "http://localhost:11434/v1/chat/completions",
        "purpose": "answer",
        "headers": {"content-type": "application/json"},
        "body": "{}",
        "key_name": None,
        "timeout_s": 60,
    },
    "offscreen.http_cancel": {"request_id": "r-1"},
    "offscreen.builtin_generate": {
        "request_id": "r-1",
        "conversation_id": "c-1",
        "messages": [{"role": "user", "content": "Hi 😀"}],
        "temperature": None,
        "answer_schema": {"type": "object"},
    },
    "offscreen.builtin_cancel": {"request_id": "r-1"},
    "offscreen.ask_approval": {"approval": APPROVAL, "verdict": "ask"},
    "offscreen.execute_tool": CALL,
}


def spoiled(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every way one message can be wrong: each field missing, renamed, mistyped, and more."""
    for key in body:
        if key == "type":
            continue
        missing = copy.deepcopy(body)
        del missing[key]
        yield f"without {key}", missing
        renamed = copy.deepcopy(body)
        renamed[key + "x"] = renamed.pop(key)
        yield f"{key} misspelt", renamed
        for value in ({"a": 1}, [1], 1.5, "\u0000" * 600, True, None):
            wrong = copy.deepcopy(body)
            wrong[key] = value
            yield f"{key} = {str(value)[:12]!r}", wrong
    extra = copy.deepcopy(body)
    extra["extra"] = 1
    yield "with an extra field", extra
    other = copy.deepcopy(body)
    other["type"] = body["type"] + "x"
    yield "of an unknown type", other
    untyped = copy.deepcopy(body)
    del untyped["type"]
    yield "without a type", untyped
