"""A server's tool calls: names and ids made safe, arguments read, ids as a server wants them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from typing import Any

from sidelight import ffi
from sidelight.jsontext import check_depth, loads
from sidelight.kernel import ToolCall
from sidelight.prompts.escape import clean
from sidelight.toolcalls import UnusableCall

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_SHORT_ID = re.compile(r"[A-Za-z0-9]{9}")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: servers themselves allow 64
_MAX_NAME_CHARS = 200


def tool_name(text: str) -> str:
    """The name that a server gave, on one line; empty when it gave none."""
    return " ".join(clean(text).split())[:_MAX_NAME_CHARS]


def checked_call(call_id: str, name: str, arguments: str, used_ids: Collection[str]) -> ToolCall:
    """A call as its server streamed it; an UnusableCall when its arguments cannot be read.

    ``used_ids``: of earlier calls; servers that count from 0 in each answer would name two calls
    alike, and the second one's card would be hidden behind the first.
    """
    if not _ID.fullmatch(call_id) or call_id in used_ids:
        call_id = ffi.new_id("call")
    try:
        read = _arguments(arguments)
    except ValueError as error:
        return UnusableCall(id=call_id, name=name, arguments={}, problem=str(error))
    return ToolCall(id=call_id, name=name, arguments=read)


def _arguments(text: str) -> dict[str, Any]:
    """Raises ValueError, which says what is wrong with them."""
    try:
        value = loads(text or "{}")
    except ValueError as error:
        raise ValueError(f"the arguments are not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise ValueError("the arguments are not an object")
    check_depth(value)
    return value


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Each call id to one of 9 letters and digits, which is what the templates of Mistral's models
    take; ids of that form stay. All differ, and ids that follow later change none before them."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for call_id in ids:
        if call_id in found:
            continue
        short, salt = call_id, 0
        while not _SHORT_ID.fullmatch(short) or short in taken:
            short, salt = _digest(f"{salt} {call_id}"), salt + 1
        found[call_id] = short
        taken.add(short)
    return found


def _digest(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest(), "big")
    digits = []
    for _ in range(9):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)
