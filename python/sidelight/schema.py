"""The part of JSON Schema that tools may use, and how long a value can get at most.

Everything a grammar generates must be finite, so a tool whose schema says something that the
grammar cannot keep is refused when it is registered, not when a model first calls it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_STRING_CHARS = 200
MAX_INTEGER = 999_999_999
MAX_SAFE_INTEGER = 2**53 - 1
MAX_FRACTION_DIGITS = 6
MAX_DEPTH = 6
MAX_PROPERTIES = 24
MAX_OPTIONS = 64
MAX_NAME_CHARS = 64
#: UTF-8 bytes of one character of a string, at most
CHAR_BYTES = 4
#: long strings are counted in runs of this many bytes, see ``grammar.Grammar.string``
RUN_BYTES = 12

_NOTES = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated"}
)
_COMMON = _NOTES | {"type", "enum", "const", "anyOf", "$ref", "$defs", "definitions"}
_BY_TYPE: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "boolean": frozenset(),
    "null": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
#: marks of our own prompts: inside a literal they would end the call
_MARKS = ("<tool_call>", "</tool_call>", "<think>", "</think>")


class SchemaError(ValueError):
    """A tool's schema cannot be used; the message names the place and the reason."""


@dataclass(frozen=True)
class Limits:
    """What a generated value may take where its schema leaves it open."""

    string_bytes: int
    items: int


#: from generous to tight; the first that fits the answer's tokens is taken
LADDER = (
    Limits(260, 8),
    Limits(160, 8),
    Limits(104, 6),
    Limits(72, 4),
    Limits(48, 3),
    Limits(32, 2),
    Limits(16, 1),
)
#: a call must fit the quarter of a 4k window that an answer gets; see ``fitting``
MOST_CALL_BYTES = 1024


def normalise(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A tool's schema with references put in place and notes left out. Raises SchemaError."""
    if not isinstance(schema, Mapping):
        raise SchemaError("the schema is not an object")
    found = _normal({"type": "object", **schema}, schema, "arguments", (), 1)
    if found.get("type") != "object":
        raise SchemaError("arguments: the schema must be of type object")
    return found


def check_tool(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The normalised schema of a tool whose every call is finite and short enough.

    Raises SchemaError.
    """
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME_CHARS:
        raise SchemaError(f"a tool's name has 1 to {MAX_NAME_CHARS} characters")
    if any(char in name for char in '<>"\\') or not name.isprintable() or " " in name:
        raise SchemaError("a tool's name has no spaces, quotes or angle brackets")
    found = normalise(schema)
    least = call_bytes(name, found, LADDER[-1])
    if least >= MOST_CALL_BYTES:
        raise SchemaError(
            f"a call may take {least:,} bytes at its shortest bounds, not below {MOST_CALL_BYTES:,}"
        )
    return found


def fitting(name: str, schema: Mapping[str, Any], budget_tokens: int) -> Limits | None:
    """The widest limits under which any call fits ``budget_tokens``; None when none does.

    A token is at least one byte, so a call of n bytes never takes more than n tokens, whatever the
    vocabulary. One token is left for the end mark.
    """
    for limits in LADDER:
        if call_bytes(name, schema, limits) < budget_tokens:
            return limits
    return None


# ---------------------------------------------------------------- lengths


def call_bytes(name: str, schema: Mapping[str, Any], limits: Limits) -> int:
    """UTF-8 bytes of the longest call with these limits, tags included."""
    around = len("<tool_call></tool_call>") + len(
        f'{{"name": {dump(name)}, "arguments": }}'.encode()
    )
    return around + longest(schema, limits)


def longest(schema: Mapping[str, Any], limits: Limits) -> int:
    """UTF-8 bytes of the longest value of a normalised schema."""
    if "anyOf" in schema:
        return max(longest(part, limits) for part in schema["anyOf"])
    if "enum" in schema:
        return max(len(dump(option).encode()) for option in schema["enum"])
    kind = schema["type"]
    if kind == "string":
        return string_bytes(schema, limits) + 2
    if kind == "integer":
        low, high = whole_range(schema)
        return max(len(str(low)), len(str(high)))
    if kind == "number":
        low, high = whole_range(schema)
        return max(len(str(low)), len(str(high)), 2 if low < 0 else 1) + 1 + MAX_FRACTION_DIGITS
    if kind == "boolean":
        return len("false")
    if kind == "null":
        return len("null")
    if kind == "array":
        most = items(schema, limits)[1]
        item = longest(schema["items"], limits) if most else 0
        return 2 + most * item + max(0, most - 1) * len(", ")
    members = [
        len(dump(name).encode()) + len(": ") + longest(part, limits)
        for name, part in schema["properties"].items()
    ]
    return 2 + sum(members) + max(0, len(members) - 1) * len(", ")


def string_chars(schema: Mapping[str, Any], limits: Limits) -> tuple[int, int]:
    """(fewest, most) characters of a string."""
    fewest = int(schema.get("minLength", 0))
    most = min(
        int(schema.get("maxLength", MAX_STRING_CHARS)), MAX_STRING_CHARS, limits.string_bytes
    )
    return fewest, max(fewest, most)


def string_plan(schema: Mapping[str, Any], limits: Limits) -> tuple[int, int, int, int]:
    """How a string is counted: (fewest, most) single characters, then up to so many runs of
    RUN_BYTES bytes, then a tail of up to so many bytes."""
    fewest, most = string_chars(schema, limits)
    if most * CHAR_BYTES <= max(limits.string_bytes, fewest * CHAR_BYTES) and most < 2 * RUN_BYTES:
        return fewest, most, 0, 0
    chars = most - fewest
    room = max(0, limits.string_bytes - fewest * CHAR_BYTES)
    tail = min(RUN_BYTES - 1, chars, room)
    # A run ends with the character that reaches its bytes, which may be three bytes over.
    runs = min((chars - tail) // RUN_BYTES, (room - tail) // (RUN_BYTES + CHAR_BYTES - 1))
    return fewest, fewest, max(0, runs), tail


def string_bytes(schema: Mapping[str, Any], limits: Limits) -> int:
    """UTF-8 bytes between the quotes, at most."""
    _, most, runs, tail = string_plan(schema, limits)
    return most * CHAR_BYTES + runs * (RUN_BYTES + CHAR_BYTES - 1) + tail


def items(schema: Mapping[str, Any], limits: Limits) -> tuple[int, int]:
    """(fewest, most) items of an array."""
    fewest = int(schema.get("minItems", 0))
    return fewest, max(fewest, min(int(schema.get("maxItems", limits.items)), limits.items))


def whole_range(schema: Mapping[str, Any]) -> tuple[int, int]:
    """The whole numbers of an integer's or a number's range, both ends included."""
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    lowest = math.ceil(low) if math.isfinite(low) else None
    highest = math.floor(high) if math.isfinite(high) else None
    if "exclusiveMinimum" in schema:
        above = math.floor(schema["exclusiveMinimum"]) + 1
        lowest = above if lowest is None else max(lowest, above)
    if "exclusiveMaximum" in schema:
        below = math.ceil(schema["exclusiveMaximum"]) - 1
        highest = below if highest is None else min(highest, below)
    if lowest is None:
        lowest = -MAX_INTEGER if highest is None else min(-MAX_INTEGER, highest)
    if highest is None:
        highest = max(MAX_INTEGER, lowest)
    return lowest, highest


def dump(value: Any) -> str:
    """JSON with one space after a comma or a colon, as the grammar spells it."""
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- reading a schema


def _normal(
    schema: Any, root: Mapping[str, Any], where: str, seen: tuple[str, ...], depth: int
) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        raise SchemaError(f"{where}: a schema must be an object")
    if depth > MAX_DEPTH:
        raise SchemaError(f"{where}: nested more than {MAX_DEPTH} deep")
    if "$ref" in schema:
        return _referred(schema, root, where, seen, depth)
    kind = schema.get("type")
    if "const" in schema or "enum" in schema:
        return _options(schema, where)
    if isinstance(kind, list):
        parts = [{**schema, "type": one} for one in kind]
        return _union([_only_its_own(part) for part in parts], root, where, seen, depth)
    if "anyOf" in schema:
        _refuse_unknown(schema, _NOTES | {"anyOf", "$defs", "definitions"}, where)
        return _union(schema["anyOf"], root, where, seen, depth)
    if kind not in _BY_TYPE:
        raise SchemaError(
            f"{where}: no type" if kind is None else f"{where}: unknown type {kind!r}"
        )
    _refuse_unknown(schema, _COMMON | _BY_TYPE[kind], where)
    if kind == "object":
        return _object(schema, root, where, seen, depth)
    found = {"type": kind, **{key: schema[key] for key in _BY_TYPE[kind] if key in schema}}
    if kind == "array":
        if "items" not in schema:
            raise SchemaError(f"{where}: an array must say what its items are")
        found["items"] = _normal(schema["items"], root, f"{where}[]", seen, depth + 1)
    _check_bounds(found, where)
    return found


def _only_its_own(part: dict[str, Any]) -> dict[str, Any]:
    """One type of a list of types, without what only the others read."""
    others = frozenset().union(*_BY_TYPE.values()) - _BY_TYPE.get(part["type"], frozenset())
    return {key: value for key, value in part.items() if key not in others}


def _referred(
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    where: str,
    seen: tuple[str, ...],
    depth: int,
) -> dict[str, Any]:
    _refuse_unknown(schema, _NOTES | {"$ref", "$defs", "definitions"}, where)
    reference = schema["$ref"]
    parts = reference.split("/") if isinstance(reference, str) else []
    place = root.get(parts[1]) if len(parts) == 3 and parts[0] == "#" else None
    if not isinstance(place, Mapping) or parts[2] not in place:
        raise SchemaError(f"{where}: there is nothing at $ref {reference!r}")
    if reference in seen:
        raise SchemaError(f"{where}: $ref {reference!r} refers to itself, so it has no end")
    return _normal(place[parts[2]], root, where, (*seen, reference), depth)


def _union(
    parts: Any, root: Mapping[str, Any], where: str, seen: tuple[str, ...], depth: int
) -> dict[str, Any]:
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_OPTIONS:
        raise SchemaError(f"{where}: a union has 1 to {MAX_OPTIONS} parts")
    # Each part may stand as deep as the union itself: it adds no level to the value.
    found = [_normal(part, root, where, seen, depth) for part in parts]
    flat: list[dict[str, Any]] = []
    for part in found:
        flat += [inner for inner in part.get("anyOf", [part]) if inner not in flat]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _options(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    _refuse_unknown(schema, _NOTES | {"type", "enum", "const"}, where)
    options = [schema["const"]] if "const" in schema else schema["enum"]
    if not isinstance(options, list) or not 1 <= len(options) <= MAX_OPTIONS:
        raise SchemaError(f"{where}: an enum has 1 to {MAX_OPTIONS} values")
    for option in options:
        try:
            text = json.dumps(option, ensure_ascii=False, allow_nan=False)
            text.encode()
        except (TypeError, ValueError) as error:
            raise SchemaError(f"{where}: an enum value is not JSON") from error
        _refuse_marks(text, where)
    return {"enum": options}


def _object(
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    where: str,
    seen: tuple[str, ...],
    depth: int,
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    if not isinstance(properties, Mapping) or len(properties) > MAX_PROPERTIES:
        raise SchemaError(f"{where}: an object has at most {MAX_PROPERTIES} properties")
    if schema.get("additionalProperties", False) is not False:
        raise SchemaError(f"{where}: additionalProperties has no bounds; list the properties")
    if not isinstance(required, list) or any(name not in properties for name in required):
        raise SchemaError(f"{where}: a required property is not described")
    found = {}
    for name, part in properties.items():
        if len(name) > MAX_NAME_CHARS:
            raise SchemaError(f"{where}: a property's name is over {MAX_NAME_CHARS} characters")
        _refuse_marks(name, where)
        found[name] = _normal(part, root, f"{where}.{name}", seen, depth + 1)
    ordered = [name for name in properties if name in required]
    return {"type": "object", "properties": found, "required": ordered}


def _refuse_unknown(
    schema: Mapping[str, Any], known: frozenset[str] | set[str], where: str
) -> None:
    for key in schema:
        if key not in known:
            raise SchemaError(f"{where}: {key} is not supported")


def _refuse_marks(text: str, where: str) -> None:
    if any(mark in text for mark in _MARKS):
        raise SchemaError(f"{where}: a literal holds a mark of the prompt")


def _check_bounds(schema: Mapping[str, Any], where: str) -> None:
    for key, bound in schema.items():
        if key in ("type", "items"):
            continue
        whole = key in ("minLength", "maxLength", "minItems", "maxItems")
        good = isinstance(bound, int) if whole else isinstance(bound, int | float)
        if not good or isinstance(bound, bool) or not math.isfinite(bound) or (whole and bound < 0):
            raise SchemaError(f"{where}: {key} must be a {'count' if whole else 'number'}")
    for low, high in (("minLength", "maxLength"), ("minItems", "maxItems")):
        if schema.get(low, 0) > schema.get(high, math.inf):
            raise SchemaError(f"{where}: {low} is over {high}")
    if schema["type"] in ("integer", "number"):
        lowest, highest = whole_range(schema)
        if lowest > highest:
            raise SchemaError(f"{where}: no whole number is within the bounds")
        if max(abs(lowest), abs(highest)) > MAX_SAFE_INTEGER:
            raise SchemaError(f"{where}: the bounds are beyond what JSON numbers hold exactly")
    if schema.get("minLength", 0) > MAX_STRING_CHARS:
        raise SchemaError(f"{where}: minLength is over {MAX_STRING_CHARS}")
