"""Strict parsing of tool calls and validation of their arguments against the tool's schema."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sidelight.jsontext import loads
from sidelight.kernel import ToolCall
from sidelight.prompts.base import OfferedTool
from sidelight.schema import SchemaError, normalise

#: the tool call whose tool is being executed; set by the orchestrator around execution
current_call: ContextVar[str | None] = ContextVar("sidelight_tool_call", default=None)

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


class BadCallError(ValueError):
    """A tool call that cannot be used; the message says why, for the user and the log.

    ``tool_name`` is the name it gave, when there was one.
    """

    def __init__(self, message: str, tool_name: str | None = None) -> None:
        super().__init__(message)
        self.tool_name = tool_name


@dataclass(frozen=True)
class ParsedCall:
    """A valid call of an offered tool."""

    name: str
    arguments: dict[str, Any]


class UnusableCall(ToolCall):  # type: ignore[misc]  # the kernel is not typed
    """A call whose arguments could not be read; it runs nothing, its result is ``problem``."""

    problem: str


def problem_of(call: ToolCall, schema: Mapping[str, Any]) -> str | None:
    """What is wrong with a call for a tool with this schema of arguments; None when nothing is."""
    if isinstance(call, UnusableCall):
        return call.problem
    try:
        check_value(call.arguments, _plain(schema), "arguments")
    except BadCallError as error:
        return str(error)
    return None


def parse_call(text: str, tools: Sequence[OfferedTool]) -> ParsedCall:
    """The call in ``text`` (what stood between the tags). Raises BadCallError."""
    try:
        value = loads(text)
    except ValueError as error:
        raise BadCallError(f"it is not valid JSON ({error})") from error
    if not isinstance(value, dict) or set(value) != {"name", "arguments"}:
        raise BadCallError('it is not an object with "name" and "arguments"')
    tool = next((tool for tool in tools if tool.name == value["name"]), None)
    if tool is None:
        name = str(value["name"])[:60]
        raise BadCallError(f"there is no tool named {name!r}", name)
    try:
        check_value(value["arguments"], _plain(tool.parameters), "arguments")
    except BadCallError as error:
        raise BadCallError(str(error), tool.name) from error
    return ParsedCall(tool.name, value["arguments"])


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tool's schema with its references in place. One that was never registered stays as it is,
    and what cannot be checked in it is refused by ``check_value``."""
    try:
        return normalise(schema)
    except SchemaError:
        return {"type": "object", **schema}


def candidates(error: BadCallError, tools: Sequence[OfferedTool]) -> list[OfferedTool]:
    """The tools that a bad call may have meant: that name or one like it, all without a name."""
    if error.tool_name is None:
        return list(tools)
    names = get_close_matches(error.tool_name, [tool.name for tool in tools], n=2, cutoff=0.6)
    return [tool for tool in tools if tool.name in names]


def check_value(value: Any, schema: Mapping[str, Any], where: str) -> None:
    """Check ``value`` against the part of JSON Schema that tools use. Raises BadCallError.

    Properties that the schema does not name are refused unless it allows them explicitly.
    """
    if "$ref" in schema:
        raise BadCallError(f"{where} cannot be checked")
    if "anyOf" in schema:
        return _check_union(value, schema["anyOf"], where)
    if "const" in schema and not _same(value, schema["const"]):
        raise BadCallError(f"{where} must be {schema['const']!r}")
    if "enum" in schema and not any(_same(value, option) for option in schema["enum"]):
        raise BadCallError(f"{where} must be one of {schema['enum']!r}")
    kind = schema.get("type")
    if kind is None and ("const" in schema or "enum" in schema):
        return None
    if isinstance(kind, list):
        return _check_union(value, [{"type": one} for one in kind], where)
    elif kind in _TYPES:
        wrong_bool = isinstance(value, bool) and kind in ("integer", "number")
        if wrong_bool or not isinstance(value, _TYPES[kind]):
            raise BadCallError(f"{where} must be of type {kind}")
    if isinstance(value, str):
        _check_size(len(value), schema, "minLength", "maxLength", f"the length of {where}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise BadCallError(f"{where} must be finite")
        _check_size(value, schema, "minimum", "maximum", where)
        if value <= schema.get("exclusiveMinimum", -math.inf):
            raise BadCallError(f"{where} must be over {schema['exclusiveMinimum']}")
        if value >= schema.get("exclusiveMaximum", math.inf):
            raise BadCallError(f"{where} must be under {schema['exclusiveMaximum']}")
    elif isinstance(value, list):
        _check_size(len(value), schema, "minItems", "maxItems", f"the length of {where}")
        for index, item in enumerate(value):
            check_value(item, schema.get("items", {}), f"{where}[{index}]")
    elif isinstance(value, dict):
        _check_object(value, schema, where)
    return None


def _same(value: Any, option: Any) -> bool:
    """Equal as JSON: for Python, 1 and 1.0 and True are one."""
    return canonical({"": value}) == canonical({"": option})


def _check_union(value: Any, parts: Sequence[Mapping[str, Any]], where: str) -> None:
    reasons = []
    for part in parts:
        try:
            check_value(value, part, where)
        except BadCallError as error:
            reasons.append(str(error))
        else:
            return
    raise BadCallError(", or ".join(dict.fromkeys(reasons)))


def _check_size(size: float, schema: Mapping[str, Any], low: str, high: str, where: str) -> None:
    if low in schema and size < schema[low]:
        raise BadCallError(f"{where} must be at least {schema[low]}")
    if high in schema and size > schema[high]:
        raise BadCallError(f"{where} must be at most {schema[high]}")


def _check_object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> None:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            raise BadCallError(f"{where} lacks {name!r}")
    for name, item in value.items():
        if name in properties:
            check_value(item, properties[name], f"{where}.{name}")
        elif schema.get("additionalProperties") is not True:
            raise BadCallError(f"{where} has the unknown name {name[:60]!r}")


def canonical(arguments: Mapping[str, Any]) -> str:
    """Arguments as JSON with sorted keys: equal arguments give equal text."""
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
