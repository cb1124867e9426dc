"""How the engine's xgrammar reads what ``sidelight.grammar`` writes, with nearly random tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sidelight.grammar import Grammar, free_text_or_call, literal
from sidelight.schema import LADDER, string_bytes

from tests.numerics.engine_page import EnginePage

pytestmark = pytest.mark.e2e

TEXT = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 20}}}


def answers(engine: EnginePage, seeds: range, **options: Any) -> list[str]:
    """What the tiny model writes at the greatest temperature, which is nearly any token."""
    found = []
    for seed in seeds:
        messages = [{"role": "user", "content": "x"}]
        result = engine.generate(
            "tiny", messages, temperature=2.0, max_tokens=400, seed=seed, **options
        )
        assert result["type"] == "engine.done", result
        assert result["finish_reason"] == "stop", result
        found.append(result["text"])
    return found


def test_every_class_is_utf_8_of_its_length(engine: EnginePage) -> None:
    grammar = Grammar()
    for length, char in grammar.chars()[2:]:
        text = grammar.text(grammar.rule(f"{char}{{6,6}}"))
        for made in answers(engine, range(1, 4), grammar=text):
            assert [len(one.encode()) for one in made] == [length] * 6, made
            assert "\ufffd" not in made


@pytest.mark.parametrize("schema", [{"maxLength": 8}, {"minLength": 1, "maxLength": 60}], ids=str)
def test_strings_stay_within_their_bounds(engine: EnginePage, schema: dict[str, Any]) -> None:
    grammar = Grammar()
    text = grammar.text(grammar.string(schema))
    for made in answers(engine, range(1, 5), grammar=text):
        value = json.loads(made)
        assert "<" not in value
        assert len(value) <= schema["maxLength"]
        assert len(made.encode()) - 2 <= string_bytes(schema, LADDER[0])


def test_a_range_is_read_by_the_low_bytes_of_its_ends(engine: EnginePage) -> None:
    """Should this fail, xgrammar reads ranges as code points now: then ``grammar._NEXT`` and the
    classes beside it must be written as such, and this test with them."""
    made = answers(engine, range(1, 4), grammar=r"root ::= [\u0141-\u0146]{12,12}")
    assert all(set(text) <= set("ABCDEF") and len(text) == 12 for text in made), made


def test_a_literal_is_itself(engine: EnginePage) -> None:
    for text in ("größe", "é1", "Ωa 都市", "a\x01F", "ÿ" * 3 + "abc", "\u00a0b", 'say "hi" \\ now'):
        made = answers(engine, range(1, 2), grammar=f"root ::= {literal(text)}")
        assert made == [text]


def test_a_call_in_free_text_is_constrained(engine: EnginePage) -> None:
    """Told to find a word, the tiny model calls ``find``; only ``note`` may be called."""
    messages = [
        {"role": "system", "content": "You are a test model."},
        {"role": "user", "content": "Find moon on the page."},
    ]
    free = engine.generate("tiny", messages)
    assert free["text"].startswith('<tool_call>{"name": "find"')
    tag = free_text_or_call({"note": TEXT})
    result = engine.generate("tiny", messages, structural_tag=tag, max_tokens=200)
    body = result["text"].removeprefix("<tool_call>").removesuffix("</tool_call>")
    assert json.loads(body)["name"] == "note"
    greeting = [messages[0], {"role": "user", "content": "Hello"}]
    plain = engine.generate("tiny", greeting)
    tagged = engine.generate("tiny", greeting, structural_tag=tag)
    assert tagged["text"] == plain["text"] != ""
