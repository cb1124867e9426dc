"""The boundary for rich tool results: text and image blocks, strictly checked."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any

from .arguments import require_text
from .crossing import InvalidJson, bounded_int, decode, refuse_constant

IMAGE_PLACEHOLDER = (
    "[Image omitted from tool event; original retained for model request if unmodified.]"
)
#: Python writes 0.00001 as 1e-05, the native engine in full.
LAST_PLAIN_EXPONENT = 5
_FIELDS: dict[str, None] = dict.fromkeys(("success", "output", "error", "content"))
_MEDIA_TYPE = re.compile(r"image/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*", re.ASCII)


class _Object(dict[str, Any]):
    """A JSON object that knows which of its keys were written more than once."""

    repeated: frozenset[str] = frozenset()


def _normalize_tool_result_content(content_json: str) -> str | None:
    """Return canonical JSON of a list of content blocks, or None for none.

    Raises ValueError "invalid tool result content", "... image source", "... image media
    type" or "... image data".
    """
    blocks = _blocks(_parsed(require_text(content_json)))
    return _text(blocks, sort_keys=False) if blocks else None


def _tool_result_safe_hook_presentation(tool_result_json: str) -> str:
    """Return compact JSON of a tool result with every image replaced by a note."""
    value = _parsed(require_text(tool_result_json))
    if isinstance(value, list) and len(value) <= len(_FIELDS):
        # The native parser also takes the values alone, in the order of the fields.
        value = _Object(zip(_FIELDS, value, strict=False))
    if not isinstance(value, _Object) or value.repeated & _FIELDS.keys():
        raise _invalid("content")
    success = value.get("success", True)
    error = value.get("error")
    if not isinstance(success, bool) or not isinstance(error, (dict, type(None))):
        raise _invalid("content")
    shown: dict[str, Any] = {"success": success, "output": value.get("output"), "error": error}
    blocks = [_without_image(block) for block in _blocks(value.get("content"))]
    if blocks:
        shown["content"] = blocks
    return _text(shown)


def _invalid(what: str) -> ValueError:
    return ValueError(f"invalid tool result {what}")


def _parsed(text: str) -> Any:
    try:
        return decode(text, _DECODER)
    except (InvalidJson, RecursionError):
        raise _invalid("content") from None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        made.repeated = frozenset(key for key in keys if keys.count(key) > 1)
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidJson("number out of range")
    return number


def _whole(digits: str) -> int | float:
    return -0.0 if digits == "-0" else bounded_int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=refuse_constant,
    parse_float=_finite,
    parse_int=_whole,
)


def _text(value: Any, *, sort_keys: bool = True) -> str:
    if isinstance(value, dict):
        items = sorted(value.items()) if sort_keys else value.items()
        shown = (f"{_text(key)}:{_text(item, sort_keys=sort_keys)}" for key, item in items)
        return "{" + ",".join(shown) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(item, sort_keys=sort_keys) for item in value) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Return the shortest text of a float as the native engine writes small ones."""
    digits, small, exponent = repr(value).partition("e-")
    if not small:
        return digits
    if int(exponent) > LAST_PLAIN_EXPONENT:
        return f"{digits}e-{int(exponent)}"
    sign = "-" if value < 0 else ""
    return f"{sign}0.{'0' * (int(exponent) - 1)}{digits.lstrip('-').replace('.', '')}"


def _blocks(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _invalid("content")
    return [_block(item) for item in value]


def _block(item: Any) -> dict[str, Any]:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "text" and isinstance(item.get("text"), str):
        return {"type": "text", "text": item["text"]}
    if kind == "image":
        return {"type": "image", "source": _image_source(item.get("source"))}
    raise _invalid("content")


def _image_source(source: Any) -> dict[str, str]:
    if not isinstance(source, dict) or source.get("type") != "base64":
        raise _invalid("image source")
    media_type, data = source.get("media_type"), source.get("data")
    if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
        raise _invalid("image media type")
    if not isinstance(data, str) or not _is_canonical_base64(data):
        raise _invalid("image data")
    return {"type": "base64", "media_type": media_type, "data": data}


def _is_canonical_base64(data: str) -> bool:
    if not data or not data.isascii():
        return False
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        return False
    return base64.b64encode(raw).decode() == data


def _without_image(block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": IMAGE_PLACEHOLDER} if block["type"] == "image" else block
