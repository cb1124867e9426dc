"""Schemas of tools: what is refused when a tool is registered, and that every call is finite."""

from __future__ import annotations

import bisect
import json
import random
from typing import Any

import pytest
from sidelight.grammar import Grammar, free_text_or_call, tool_calls
from sidelight.prompts import OfferedTool
from sidelight.schema import (
    LADDER,
    Limits,
    SchemaError,
    call_bytes,
    check_tool,
    fitting,
    longest,
    normalise,
    whole_range,
)
from sidelight.toolcalls import BadCallError, parse_call

from tests.unit.ebnf import accepts, longest_bytes, sample

pytestmark = pytest.mark.unit

LONG = {"type": "string", "minLength": 1, "maxLength": 200}
SCHEMAS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "text": {"text": LONG},
    "open": {"text": {"type": "string"}},
    "short": {"code": {"type": "string", "minLength": 2, "maxLength": 8}},
    "middle": {"code": {"type": "string", "maxLength": 40}},
    "enum": {"unit": {"type": "string", "enum": ["mile", 'in"ch', "größe 🙂"]}},
    "const": {"kind": {"const": "x"}, "on": {"type": "boolean"}},
    "union": {"id": {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 12}]}},
    "types": {"id": {"type": ["integer", "null", "string"], "maxLength": 5, "minimum": 3}},
    "range": {"n": {"type": "integer", "minimum": 7, "maximum": 1234}},
    "below": {"n": {"type": "integer", "maximum": -3}},
    "across": {"n": {"type": "integer", "exclusiveMinimum": -40, "exclusiveMaximum": 5}},
    "share": {"x": {"type": "number", "minimum": 0, "maximum": 1}},
    "degrees": {"x": {"type": "number", "minimum": -90, "maximum": 90}},
    "cold": {"x": {"type": "number", "minimum": -20.5, "maximum": -3}},
    "list": {"items": {"type": "array", "items": LONG, "minItems": 2, "maxItems": 20}},
    "empty": {"items": {"type": "array", "items": {"type": "null"}, "maxItems": 0}},
    "nested": {
        "place": {
            "type": "object",
            "properties": {
                "name": LONG,
                "at": {"type": "array", "items": {"type": "number"}, "maxItems": 2},
                "more": {"type": "object", "properties": {"a": {"type": "boolean"}}},
            },
            "required": ["name"],
        }
    },
}


def schema_of(name: str) -> dict[str, Any]:
    properties = SCHEMAS[name]
    return {"type": "object", "properties": properties, "required": list(properties)[:1]}


@pytest.mark.parametrize("limits", [LADDER[0], LADDER[2], LADDER[-1]], ids=str)
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_longest_call_is_computed(name: str, limits: Limits) -> None:
    """Against the grammar's own text, by an independent reading of it."""
    schema = normalise(schema_of(name))
    grammar = tool_calls({name: (schema, limits)})
    assert longest_bytes(grammar) <= call_bytes(name, schema, limits)
    assert longest_bytes(grammar) > call_bytes(name, schema, limits) * 0.85


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_the_grammar_makes_is_valid_and_fits(name: str) -> None:
    schema = normalise(schema_of(name))
    limits = fitting(name, schema, 512)
    assert limits is not None
    tool = OfferedTool(name, "", schema, limits)
    grammar = tool_calls({name: (schema, limits)})
    chance = random.Random(name)
    for _ in range(40):
        text = sample(grammar, chance)
        assert len(text.encode()) < 512
        inner = text.removeprefix("<tool_call>").removesuffix("</tool_call>")
        assert parse_call(inner, [tool]).arguments == json.loads(inner)["arguments"]


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, 9), (7, 23), (95, 1234), (-12, 5), (-300, -41), (-1, 1), (10, 10)]
)
def test_whole_numbers_are_exactly_those_of_the_range(low: int, high: int) -> None:
    grammar = Grammar()
    text = grammar.text(grammar.whole(low, high))
    around = [*range(low - 30, high + 31), -10_000, 10_000]
    assert {n for n in around if accepts(text, str(n))} == set(range(low, high + 1))
    assert not accepts(text, "007")
    assert not accepts(text, "-0")


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string", "pattern": "^a"}, "pattern is not supported"),
        ({"type": "string", "format": "date"}, "format is not supported"),
        ({"type": "integer", "multipleOf": 5}, "multipleOf is not supported"),
        ({"type": "array", "items": LONG, "uniqueItems": True}, "uniqueItems is not supported"),
        ({"type": "array"}, "must say what its items are"),
        ({"type": "array", "items": {}}, "no type"),
        ({"oneOf": [LONG]}, "no type"),
        ({"type": "string", "not": {"const": "a"}}, "not is not supported"),
        ({"type": "object", "additionalProperties": True}, "additionalProperties"),
        ({"type": "object", "patternProperties": {}}, "patternProperties is not supported"),
        ({"type": "object", "properties": {}, "required": ["a"]}, "not described"),
        ({"type": "string", "minLength": 5, "maxLength": 4}, "minLength is over maxLength"),
        ({"type": "string", "minLength": 201}, "minLength is over 200"),
        ({"type": "string", "maxLength": 2.5}, "must be a count"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no whole number"),
        ({"type": "number", "minimum": 0.1, "maximum": 0.9}, "no whole number"),
        ({"type": "integer", "minimum": 10**17}, "hold exactly"),
        ({"type": "integer", "minimum": float("nan")}, "must be a number"),
        ({"type": "date"}, "unknown type"),
        ({"enum": []}, "1 to 64 values"),
        ({"enum": [float("inf")]}, "not JSON"),
        ({"const": "</tool_call>"}, "mark of the prompt"),
        ({"$ref": "#/$defs/none"}, "nothing at $ref"),
        ({"$ref": "https://example.org/x"}, "nothing at $ref"),
        ({"$ref": "#/$defs/tree"}, "refers to itself"),
        ("string", "must be an object"),
    ],
)
def test_what_no_grammar_can_keep_is_refused(schema: Any, why: str) -> None:
    tree = {"type": "array", "items": {"$ref": "#/$defs/tree"}}
    tool = {"type": "object", "properties": {"x": schema}, "$defs": {"tree": tree}}
    with pytest.raises(SchemaError, match=why.replace("$", r"\$")) as caught:
        check_tool("t", tool)
    assert "arguments.x" in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a<b", "x" * 65, "a\nb"])
def test_a_name_that_cannot_stand_in_a_prompt_is_refused(name: str) -> None:
    with pytest.raises(SchemaError):
        check_tool(name, {})


def test_a_tool_whose_shortest_calls_are_too_long_is_refused() -> None:
    long = {"type": "string", "minLength": 200}
    tool = {"type": "object", "properties": {"a": long, "b": long}, "required": ["a", "b"]}
    with pytest.raises(SchemaError, match="bytes at its shortest"):
        check_tool("t", tool)


def test_references_are_put_in_place() -> None:
    tool = {
        "properties": {"at": {"$ref": "#/$defs/Point", "description": "where"}},
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "integer"}}}},
    }
    found = check_tool("t", tool)
    assert found["properties"]["at"]["properties"]["x"] == {"type": "integer"}
    assert "$defs" not in found


def test_limits_shrink_with_the_tokens_there_are() -> None:
    schema = normalise(schema_of("nested"))
    found = [fitting("nested", schema, tokens) for tokens in (2000, 512, 256, 160, 20)]
    sizes = [limits.string_bytes if limits else None for limits in found]
    assert sizes[0] == LADDER[0].string_bytes
    assert sizes[-1] is None
    assert sizes[:-1] == sorted(sizes[:-1], key=lambda size: -(size or 0))
    for tokens, limits in zip((2000, 512, 256, 160), found, strict=False):
        assert limits is not None
        assert call_bytes("nested", schema, limits) < tokens


def test_wide_characters_count_by_their_bytes() -> None:
    schema = normalise(schema_of("text"))
    grammar = tool_calls({"t": schema})

    def fits(char: str) -> int:
        def call(n: int) -> str:
            return '<tool_call>{"name": "t", "arguments": {"text": "' + char * n + '"}}</tool_call>'

        # How many are too many is found by halves: each one is taken or not with all shorter ones.
        return bisect.bisect_left(range(1, 260), True, key=lambda n: not accepts(grammar, call(n)))

    assert 180 <= fits("a") <= 200
    assert 60 <= fits("日") <= 86
    assert 45 <= fits("🙂") <= 65
    assert longest(schema["properties"]["text"], LADDER[0]) <= 262


def test_no_white_space_is_free() -> None:
    grammar = tool_calls({"t": schema_of("text")})
    good = '<tool_call>{"name": "t", "arguments": {"text": "a"}}</tool_call>'
    assert accepts(grammar, good)
    for at in range(len(good)):
        for space in (" ", "\n", "\t"):
            longer = good[:at] + space + good[at:]
            inside = '"a' in good[:at] and '"a"' not in good[:at]
            if not inside and not (space == " " and good[at - 1] == '"' and good[at] == "a"):
                assert not accepts(grammar, longer), longer


def test_free_text_holds_calls_of_the_offered_tools_only() -> None:
    made = json.loads(free_text_or_call({"a": schema_of("text"), "b": schema_of("range")}))
    (tag,) = made["format"]["tags"]
    assert made["format"]["triggers"] == [tag["begin"]] == ["<tool_call>"]
    grammar = tag["content"]["grammar"]
    assert accepts(grammar, '{"name": "b", "arguments": {"n": 7}}')
    assert not accepts(grammar, '{"name": "b", "arguments": {"n": 6}}')
    assert not accepts(grammar, '{"name": "c", "arguments": {}}')


@pytest.mark.parametrize(
    ("value", "schema", "good"),
    [
        (True, {"enum": [1]}, False),
        (1.0, {"const": 1}, False),
        ({"a": 1, "b": 2}, {"const": {"b": 2, "a": 1}}, True),
        (3, {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 3}]}, True),
        (2, {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 3}]}, False),
        (5, {"type": "integer", "exclusiveMaximum": 5}, False),
        (5, {"type": "integer", "exclusiveMinimum": 5}, False),
        (None, {"type": ["integer", "null"]}, True),
        ("x", {"type": ["integer", "null"]}, False),
    ],
)
def test_validation_reads_what_the_grammar_reads(
    value: Any, schema: dict[str, Any], good: bool
) -> None:
    tool = OfferedTool("t", "", {"type": "object", "properties": {"x": schema}})
    text = json.dumps({"name": "t", "arguments": {"x": value}})
    if good:
        assert parse_call(text, [tool]).arguments == {"x": value}
    else:
        with pytest.raises(BadCallError, match=r"arguments\.x must be"):
            parse_call(text, [tool])


def test_a_number_without_bounds_still_has_some() -> None:
    assert whole_range({"type": "integer"}) == (-999_999_999, 999_999_999)
    assert whole_range({"type": "integer", "minimum": 5_000_000_000}) == (5 * 10**9, 5 * 10**9)
