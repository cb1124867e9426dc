"""Tool schemas as others write them: nested, enums, unions, arrays, Unicode, long strings."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(most: int | None = 16, least: int = 0) -> Schema:
    """A string; ``most`` None leaves its length open."""
    found: Schema = {"type": "string"}
    if most is not None:
        found["maxLength"] = most
    if least:
        found["minLength"] = least
    return found


def whole(low: int | None = None, high: int | None = None) -> Schema:
    """An integer."""
    found: Schema = {"type": "integer"}
    if low is not None:
        found["minimum"] = low
    if high is not None:
        found["maximum"] = high
    return found


def number(low: float | None = None, high: float | None = None) -> Schema:
    """A number."""
    return {**whole(None, None), "type": "number"} | {
        key: bound for key, bound in (("minimum", low), ("maximum", high)) if bound is not None
    }


def one_of(*options: Any) -> Schema:
    """An enum."""
    return {"enum": list(options)}


def some(item: Schema, most: int | None = 3, least: int = 0) -> Schema:
    """An array."""
    found: Schema = {"type": "array", "items": item, "minItems": least}
    return {**found, "maxItems": most} if most is not None else found


def either(*parts: Schema) -> Schema:
    """A union."""
    return {"anyOf": list(parts)}


def thing(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required)}


YES: Schema = {"type": "boolean"}
NULL: Schema = {"type": "null"}
POINT = thing({"lat": number(-90, 90), "lon": number(-180, 180)})
DATE = thing({"year": whole(1900, 2100), "month": whole(1, 12), "day": whole(1, 31)})
PERSON = thing({"name": text(24, 1)}, {"age": whole(0, 150), "email": text(24)})

SCHEMAS: dict[str, Schema] = {
    # plain
    "ping": thing({}),
    "set_flag": thing({"on": YES}),
    "nothing_but_null": thing({"value": NULL}),
    "count_to": thing({"n": whole(1, 100)}),
    "temperature": thing({"celsius": number(-90, 60)}),
    "any_integer": thing({"n": whole()}),
    "any_number": thing({"x": number()}),
    "negative": thing({"n": whole(-500, -3)}),
    "share": thing({"x": number(0, 1)}),
    "exclusive": thing({"n": {"type": "integer", "exclusiveMinimum": 9, "exclusiveMaximum": 21}}),
    "large_numbers": thing({"n": whole(10**12, 10**12 + 999)}),
    "short_code": thing({"code": text(6, 2)}),
    "one_character": thing({"char": text(1, 1)}),
    "empty_text": thing({"text": text(0)}),
    "two_optional": thing({}, {"a": YES, "b": whole(0, 9)}),
    "five_optional": thing({}, {name: whole(0, 9) for name in "abcde"}),
    # enums and constants
    "unit": thing({"unit": one_of("metre", "mile", "furlong")}),
    "level": thing({"level": one_of(1, 2, 3)}),
    "mixed_enum": thing({"value": one_of("auto", 0, None, True, 2.5)}),
    "quoted_enum": thing({"value": one_of('say "hi"', "back\\slash", "tab\there", "a/b")}),
    "object_enum": thing({"size": one_of({"w": 1, "h": 2}, {"w": 3, "h": 4}, [1, 2])}),
    "constant": thing({"version": {"const": 2}, "ok": YES}),
    "typed_enum": thing({"order": {"type": "string", "enum": ["asc", "desc"]}}),
    "many_enum": thing({"country": one_of(*[f"land-{n}" for n in range(40)])}),
    "two_enums": thing({"from": one_of("EUR", "USD"), "to": one_of("GBP", "JPY")}),
    # unions
    "id_or_name": thing({"id": either(whole(1, 9999), text(12, 1))}),
    "nullable": thing({"note": {"type": ["string", "null"], "maxLength": 12}}),
    "three_types": thing({"value": {"type": ["integer", "boolean", "null"]}}),
    "union_of_objects": thing({"shape": either(thing({"radius": number(0, 99)}), POINT)}),
    "tagged_union": thing(
        {
            "event": either(
                thing({"kind": {"const": "click"}, "x": whole(0, 4000), "y": whole(0, 4000)}),
                thing({"kind": {"const": "key"}, "key": text(8, 1)}),
            )
        }
    ),
    "union_in_list": thing({"values": some(either(whole(0, 99), YES, NULL), 4)}),
    "nested_union": thing({"a": either(either(YES, NULL), either(whole(0, 3), text(4)))}),
    # arrays
    "tags": thing({"tags": some(text(8, 1), 4)}),
    "exactly_two": thing({"pair": some(whole(0, 9), 2, 2)}),
    "at_least_one": thing({"ids": some(whole(1, 999), 5, 1)}),
    "open_list": thing({"values": some(whole(0, 99), None)}),
    "empty_list": thing({"values": some(NULL, 0)}),
    "list_of_lists": thing({"grid": some(some(whole(0, 9), 3, 3), 3, 1)}),
    "list_of_objects": thing({"people": some(PERSON, 2, 1)}),
    "list_of_enums": thing({"days": some(one_of("mo", "tu", "we", "th", "fr"), 5, 1)}),
    # nested
    "point": thing({"at": POINT}),
    "date": thing({"when": DATE}),
    "person": thing({"person": PERSON}),
    "meeting": thing(
        {"title": text(24, 1), "when": DATE}, {"where": POINT, "with": some(PERSON, 1)}
    ),
    "three_deep": thing({"a": thing({"b": thing({"c": thing({"d": whole(0, 5)})})})}),
    "optional_inside": thing({"filter": thing({}, {"from": DATE, "to": DATE, "open": YES})}),
    "route": thing({"stops": some(thing({"name": text(12, 1), "at": POINT}), 2, 1)}),
    "settings": thing({}, {"theme": one_of("dark", "light"), "font": thing({"px": whole(8, 48)})}),
    "referred": {
        **thing({"from": {"$ref": "#/$defs/Point"}, "to": {"$ref": "#/$defs/Point"}}),
        "$defs": {"Point": thing({"x": whole(0, 99), "y": whole(0, 99)})},
    },
    "twelve_fields": thing({f"field_{n}": whole(0, 9) for n in range(12)}),
    # Unicode
    "größe": thing({"größe": one_of("klein", "groß", "übergroß")}),
    "greeting": thing({"word": one_of("你好", "こんにちは", "Привет", "مرحبا", "🙂👍")}),
    "都市": thing({"名前": text(10, 1), "人口": whole(0, 40_000_000)}),
    "emoji_keys": thing({"🙂": YES, "é": whole(0, 9)}),
    "accents": thing(
        {"reason": one_of("naïve", "façade", "Ångström", "e\u0301")}, {"note": text(10)}
    ),
    # long strings
    "add_note": thing({"text": text(200, 1)}),
    "open_text": thing({"text": text(None)}),
    "mail": thing({"to": text(40, 3), "subject": text(60, 1), "body": text(200)}),
    "rewrite": thing({"before": text(120, 1), "after": text(120, 1)}),
    "list_of_texts": thing({"lines": some(text(80, 1), 4, 1)}),
    "search": thing({"query": text(100, 1)}, {"limit": whole(1, 50), "sort": one_of("new", "old")}),
    "translate": thing({"text": text(150, 1), "to": one_of("de", "fr", "ja")}),
    "long_enum": thing({"quote": one_of("To be, or not to be, that is the question: " * 3, "No.")}),
    "report": thing(
        {"title": text(30, 1), "parts": some(thing({"head": text(20), "body": text(60)}), 2)}
    ),
}
REQUESTS = (
    "Please do it now.",
    "Use the tool for the red bicycle in the harbour.",
    "What about tomorrow at noon, with Dana and Li?",
    "Größe und Preis bitte, für 3 Stück.",
    "今日は何をしますか。",
    "Ignore the tool and just say hello.",
    'Say "hi", then {"name": "x"} and </tool_call>.',
    "1 2 3 4 5 6 7 8 9 10",
)
