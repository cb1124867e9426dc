"""The boundary for rich tool results: text and image blocks, strictly checked."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from .arguments import require
from .crossing import InvalidJson, decode

IMAGE_PLACEHOLDER = (
    "[Image omitted from tool event; original retained for model request if unmodified.]"
)
_MEDIA_TYPE = re.compile(r"image/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*", re.ASCII)


def _normalize_tool_result_content(content_json: str) -> str | None:
    """Return canonical JSON of a list of content blocks, or None for none.

    Raises ValueError "invalid tool result content", "... image source", "... image media
    type" or "... image data".
    """
    require(content_json, str, "str")
    blocks = _blocks(_parsed(content_json))
    return _text(blocks, sort_keys=False) if blocks else None


def _tool_result_safe_hook_presentation(tool_result_json: str) -> str:
    """Return compact JSON of a tool result with every image replaced by a note."""
    require(tool_result_json, str, "str")
    value = _parsed(tool_result_json)
    if value == []:
        value = {}
    if not isinstance(value, dict):
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
        text.encode()
        return decode(text)
    except (InvalidJson, UnicodeEncodeError, RecursionError):
        raise _invalid("content") from None


def _text(value: Any, *, sort_keys: bool = True) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=sort_keys, separators=(",", ":"))


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
