"""Reading what hook handlers return. Anything unreadable is a denial (fail closed)."""

from __future__ import annotations

import logging
from typing import Any

from .crossing import InvalidJson, decode, encode

logger = logging.getLogger("_engine.bridges")

UNREADABLE_REASON = "Hook handler returned invalid response"
ACTIONS = frozenset({"continue", "deny", "modify", "inject_context", "ask_user"})
ROLES = frozenset({"system", "user", "assistant"})

_TEXT = (str, type(None))
_PLAIN: dict[str, tuple[type, ...]] = {
    "data": (dict, type(None)),
    "reason": _TEXT,
    "context_injection": _TEXT,
    "ephemeral": (bool,),
    "approval_prompt": _TEXT,
    "suppress_output": (bool,),
    "user_message": _TEXT,
    "user_message_source": _TEXT,
    "append_to_last_tool_result": (bool,),
}
_CHOICES: dict[str, frozenset[str]] = {
    "action": ACTIONS,
    "context_injection_role": ROLES,
    "approval_default": frozenset({"allow", "deny"}),
    "user_message_level": frozenset({"info", "warning", "error"}),
}


def defaults() -> dict[str, Any]:
    """Return every field of a HookResult with its default."""
    return {
        "action": "continue",
        "data": None,
        "reason": None,
        "context_injection": None,
        "context_injection_role": "system",
        "ephemeral": False,
        "approval_prompt": None,
        "approval_options": None,
        "approval_timeout": 300.0,
        "approval_default": "deny",
        "suppress_output": False,
        "user_message": None,
        "user_message_level": "info",
        "user_message_source": None,
        "append_to_last_tool_result": False,
        "context_injections": [],
    }


def denial(reason: str) -> dict[str, Any]:
    """Return the fields of a denial."""
    return {**defaults(), "action": "deny", "reason": reason}


def parse(returned: Any) -> dict[str, Any]:
    """Return all HookResult fields of what a handler returned; None means continue."""
    if returned is None:
        return defaults()
    text = "<not serialisable>"
    try:
        text = encode(returned)
        return _fields(decode(text))
    except InvalidJson as error:
        problem = str(error)
    except Exception as error:
        # The native engine lets such a result pass as "continue"; see decision 0012.
        problem = f"{type(error).__name__}: {error}"
    logger.error(
        "SECURITY: Hook handler returned unparseable result — failing closed (Deny): %s — json: %s",
        problem,
        text,
    )
    return denial(UNREADABLE_REASON)


def _fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidJson(f"expected an object, got {type(value).__name__}")
    fields = defaults()
    for key, given in value.items():
        if key not in fields:
            continue
        if key in _PLAIN:
            if not isinstance(given, _PLAIN[key]):
                raise InvalidJson(f"field `{key}` cannot be {given!r}")
        elif key in _CHOICES:
            given = _choice(key, given, _CHOICES[key])
        elif key == "approval_timeout":
            given = _number(given)
        elif key == "approval_options":
            given = _texts(given)
        else:
            given = _injections(given)
        fields[key] = given
    return fields


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidJson(f"field `approval_timeout` cannot be {value!r}")
    return float(value)


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidJson(f"field `approval_options` cannot be {value!r}")
    return value


def _injections(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise InvalidJson(f"field `context_injections` cannot be {value!r}")
    return [_injection(item) for item in value]


def _injection(item: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "content": "",
        "role": "system",
        "ephemeral": False,
        "append_to_last_tool_result": False,
        "hook_name": "unknown",
        "event": "",
    }
    if isinstance(item, list) and len(item) <= len(fields):
        # The native parser also takes the values alone, in the order of the fields.
        item = dict(zip(fields, item, strict=False))
    if not isinstance(item, dict) or "content" not in item:
        raise InvalidJson("a context injection needs `content`")
    for key, default in fields.items():
        given = item.get(key, default)
        if key == "role":
            given = _choice(key, given, ROLES)
        elif not isinstance(given, type(default)):
            raise InvalidJson(f"injection field `{key}` cannot be {given!r}")
        fields[key] = given
    return fields


def _choice(key: str, given: Any, known: frozenset[str]) -> str:
    # The native parser also takes a word as the one key of an object: {"deny": null}.
    if isinstance(given, dict) and len(given) == 1 and None in given.values():
        (given,) = given
    if not isinstance(given, str) or given not in known:
        raise InvalidJson(f"field `{key}` cannot be {given!r}")
    return given
