"""Strict parsing and validation of tool calls."""

from __future__ import annotations

from typing import Any

import pytest
from sidelight.prompts import OfferedTool
from sidelight.toolcalls import BadCallError, candidates, canonical, check_value, parse_call

pytestmark = pytest.mark.unit

TOOLS = [
    OfferedTool(
        "add_todo",
        "Add",
        {
            "type": "object",
            "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 5}},
            "required": ["text"],
        },
    ),
    OfferedTool("list_todos", "List", {"type": "object", "properties": {}}),
]


def test_a_good_call() -> None:
    call = parse_call('{"name": "add_todo", "arguments": {"text": "tea"}}', TOOLS)
    assert (call.name, call.arguments) == ("add_todo", {"text": "tea"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not valid JSON"),
        ('{"name": "add_todo", "arguments": {"text": "tea"}} x', "not valid JSON"),
        ('{"name": "add_todo", "arguments": {"text": NaN}}', "not valid JSON"),
        ("[" * 50_000, "not valid JSON"),
        ('["add_todo"]', "not an object"),
        ('{"name": "add_todo"}', "not an object"),
        ('{"name": "add_todo", "arguments": {}, "id": 1}', "not an object"),
        ('{"name": "rm", "arguments": {}}', "no tool named 'rm'"),
        ('{"name": ["add_todo"], "arguments": {}}', "no tool named"),
        ('{"name": "add_todo", "arguments": []}', "must be of type object"),
        ('{"name": "add_todo", "arguments": {}}', "lacks 'text'"),
        ('{"name": "add_todo", "arguments": {"text": 1}}', "must be of type string"),
        ('{"name": "add_todo", "arguments": {"text": ""}}', "at least 1"),
        ('{"name": "add_todo", "arguments": {"text": "coffee"}}', "at most 5"),
        ('{"name": "add_todo", "arguments": {"text": "a", "x": 1}}', "unknown name 'x'"),
        ('{"name": "list_todos", "arguments": {"x": 1}}', "unknown name 'x'"),
    ],
)
def test_a_bad_call_says_why(text: str, why: str) -> None:
    with pytest.raises(BadCallError, match=why):
        parse_call(text, TOOLS)


@pytest.mark.parametrize(
    ("value", "schema", "good"),
    [
        (True, {"type": "integer"}, False),
        (True, {"type": "boolean"}, True),
        (3, {"type": "number", "minimum": 3, "maximum": 3}, True),
        (4, {"type": "number", "maximum": 3}, False),
        ("b", {"enum": ["a", "b"]}, True),
        ("c", {"enum": ["a", "b"]}, False),
        (1, {"const": 1}, True),
        (2, {"const": 1}, False),
        ([1, "a"], {"type": "array", "items": {"type": "integer"}}, False),
        ([1, 2], {"type": "array", "maxItems": 1}, False),
        ({"a": 1}, {"type": "object", "additionalProperties": True}, True),
        (None, {"type": "null"}, True),
        (float("inf"), {"type": "number"}, False),
    ],
)
def test_values(value: Any, schema: dict[str, Any], good: bool) -> None:
    if good:
        check_value(value, schema, "x")
    else:
        with pytest.raises(BadCallError):
            check_value(value, schema, "x")


def test_what_a_bad_call_may_have_meant() -> None:
    names = [tool.name for tool in candidates(BadCallError("x", "add_todos"), TOOLS)]
    assert names[0] == "add_todo"
    assert candidates(BadCallError("x", "find"), TOOLS) == []
    assert candidates(BadCallError("x"), TOOLS) == TOOLS


def test_equal_arguments_have_equal_text() -> None:
    assert canonical({"b": 1, "a": [2]}) == canonical({"a": [2], "b": 1}) == '{"a":[2],"b":1}'
