"""EBNF grammars for WebLLM's ``grammar`` response format (xgrammar). Pure; every part is bounded.

An unbounded string or number lets a small model run on to its token limit, so each character class
carries a count, and what can be said literally is a literal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sidelight.schema import (
    LADDER,
    MAX_FRACTION_DIGITS,
    RUN_BYTES,
    Limits,
    dump,
    items,
    normalise,
    string_bytes,
    string_chars,
    string_plan,
    whole_range,
)

OPEN, CLOSE = "<tool_call>", "</tool_call>"
# Inside a JSON string, without "<" so that an argument cannot spell our marks. By bytes, for a
# token may be as little as one byte.
_ONE = r"[ !#-;=-\[\]-~]"
_ESCAPE = r'"\\" ["\\/nt]'
# xgrammar, as WebLLM 0.2.86 bundles it, reads a range by the low bytes of its ends: written as code
# points, [\u0400-\u04ff] lets any byte pass, "<" and control characters too. A negated class lets
# pass what is no UTF-8, which arrives as several U+FFFD. So these are the bytes of UTF-8 itself.
_NEXT = r"[\u0180-\u01bf]"
_TWO = rf"[\u01c2-\u01df] {_NEXT}"
_THREE = (
    rf"[\u01e0-\u01e1] [\u01a0-\u01bf] {_NEXT}",
    rf"[\u01e1-\u01ec] {_NEXT} {_NEXT}",
    rf"[\u01ec-\u01ed] [\u0180-\u019f] {_NEXT}",
    rf"[\u01ee-\u01ef] {_NEXT} {_NEXT}",
)
_FOUR = (
    rf"[\u01f0-\u01f1] [\u0190-\u01bf] {_NEXT} {_NEXT}",
    rf"[\u01f1-\u01f3] {_NEXT} {_NEXT} {_NEXT}",
    rf"[\u01f3-\u01f4] [\u0180-\u018f] {_NEXT} {_NEXT}",
)
_HEX = frozenset("0123456789abcdefABCDEF")
_WRITTEN_AS_HEX = frozenset(map(chr, (*range(0x20), *range(0x7F, 0x100))))
_WORD = re.compile(r"\S+")
_NEVER_LAST = frozenset("a an the my your our his her their its and or of to for with from".split())
_EDGE = "\"'“”‘’()[]{}<>.,;:!?…"


def literal(text: str) -> str:
    """``text`` as EBNF string literals in a row.

    xgrammar writes characters of U+0080 to U+00FF as ``\\xdf`` while it works on a grammar, and
    reads as many hex digits after ``\\x`` as there are: "ße" would become U+0DFE. So a literal
    ends after such a character when a hex digit follows.
    """
    out = ['"']
    for index, char in enumerate(text):
        if index and char in _HEX and text[index - 1] in _WRITTEN_AS_HEX:
            out.append('" "')
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif char == "\t":
            out.append("\\t")
        elif char < " " or "\x7f" <= char <= "\x9f":
            out.append(f"\\x{ord(char):02x}")
        else:
            out.append(char)
    return "".join(out) + '"'


class Grammar:
    """Collects named rules; equal bodies share one name."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._count = 0
        self._lengths: dict[tuple[str, int], str] = {}

    def rule(self, body: str, hint: str = "r") -> str:
        """Add a rule and return the name to refer to it by."""
        if name := self._names.get(body):
            return name
        self._count += 1
        name = f"{hint}_{self._count}"
        self._names[body] = name
        self._rules[name] = body
        return name

    def text(self, root: str) -> str:
        """The whole grammar with ``root`` as its start."""
        rules = [f"root ::= {root}"]
        rules += [f"{name} ::= {body}" for name, body in self._rules.items()]
        return "\n".join(rules) + "\n"

    # ------------------------------------------------------------ values

    def string(self, schema: Mapping[str, Any] | None = None, limits: Limits = LADDER[0]) -> str:
        """A JSON string, bounded in characters and in bytes.

        Long strings are runs of 12 bytes and a tail: a character is one to four bytes, and
        ``{0,200}`` of them would have to be given four times the tokens that it nearly always
        needs. Counting in runs also takes xgrammar a tenth of the time that single ones do.
        """
        schema = schema or {}
        fewest, most, runs, tail = string_plan(schema, limits)
        parts = []
        if most:
            parts.append(f"{self._char()}{{{fewest},{most}}}")
        if runs:
            parts.append(f"{self._run(RUN_BYTES)}{{0,{runs}}}")
        if tail:
            parts.append(self._tail(tail))
        return self.rule(" ".join(['"\\""', *parts, '"\\""']), "string")

    def chars(self) -> list[tuple[int, str]]:
        """(bytes, expression) of every kind of character."""
        three, four = self.rule(" | ".join(_THREE), "three"), self.rule(" | ".join(_FOUR), "four")
        two = self.rule(_TWO, "two")
        return [(1, _ONE), (2, _ESCAPE), (2, two), (3, three), (4, four)]

    def _char(self) -> str:
        return self.rule(" | ".join(char for _, char in self.chars()), "char")

    def _run(self, length: int) -> str:
        """Characters until ``length`` bytes are reached."""
        # Without a memory, the ways to fill 12 bytes would be walked one by one.
        if ("run", length) not in self._lengths:
            body = [
                f"{char} {self._run(length - used)}" if length > used else char
                for used, char in self.chars()
            ]
            self._lengths["run", length] = self.rule(" | ".join(body), "run")
        return self._lengths["run", length]

    def _tail(self, length: int) -> str:
        """Any characters of up to ``length`` bytes together."""
        if ("tail", length) not in self._lengths:
            body = ['""']
            for used, char in self.chars():
                if length > used:
                    body.append(f"{char} {self._tail(length - used)}")
                elif length == used:
                    body.append(char)
            self._lengths["tail", length] = self.rule(" | ".join(body), "tail")
        return self._lengths["tail", length]

    def whole(self, low: int, high: int) -> str:
        """A whole number from ``low`` to ``high``, without leading zeros."""
        parts = []
        if low < 0:
            parts += [f'"-" {digits}' for digits in _digits(max(1, -high), -low)]
        if high >= 0:
            parts += _digits(max(0, low), high)
        return self.rule(any_of(parts), "int")

    def number(self, low: int, high: int) -> str:
        """A number whose whole part keeps it between ``low`` and ``high``."""
        fraction = f'"." [0-9]{{1,{MAX_FRACTION_DIGITS}}}'
        parts = [self.whole(low, high)]
        if high > max(0, low):
            parts.append(f"{self.whole(max(0, low), high - 1)} {fraction}")
        if low < min(0, high):
            below = any_of(_digits(max(0, -high), -low - 1))
            parts.append(f'"-" {self.rule(below, "int")} {fraction}')
        return self.rule(any_of(parts), "number")

    def span(
        self,
        text: str,
        max_words: int = 60,
        schema: Mapping[str, Any] | None = None,
        limits: Limits = LADDER[0],
    ) -> str:
        """A JSON string that is a run of words of ``text``; any string when there is no word, or
        one that is too short for the schema.

        A very small model copies better when it only chooses where to begin and to end. Only the
        last words that fit the bounds of a string together are offered.
        """
        schema = schema or {}
        most_chars, most_bytes = string_chars(schema, limits)[1], string_bytes(schema, limits)
        words = _split_words(text)[-max_words:]
        while words and not _fits(words, most_chars, most_bytes):
            words.pop(0)
        shortest = min((len(core) for _, core, _ in words), default=0)
        if shortest < int(schema.get("minLength", 1)):
            return self.string({"minLength": 1, **schema}, limits)
        following = ""
        names: list[str] = []
        for index in range(len(words) - 1, -1, -1):
            core = words[index][1]
            body = literal(_json_inner(core))
            if following:
                gap = literal(_json_inner(f"{words[index][2]} {words[index + 1][0]}"))
                more = f"{gap} {following}"
                # "water the" is never meant; the small model stops there when it may.
                body += f" {more}" if core.lower() in _NEVER_LAST else f' ("" | {more})'
            following = self.rule(body, "word")
            names.append(following)
        starts = " | ".join(dict.fromkeys(reversed(names)))
        return self.rule(f'"\\"" ({starts}) "\\""', "span")

    def value(
        self, schema: Mapping[str, Any], source: str | None = None, limits: Limits = LADDER[0]
    ) -> str:
        """A JSON value for a normalised schema (``schema.normalise``); with ``source``, strings
        are taken from that text."""
        if "anyOf" in schema:
            return self.rule(
                any_of(self.value(p, source, limits) for p in schema["anyOf"]), "union"
            )
        if "enum" in schema:
            return self.rule(any_of(literal(dump(option)) for option in schema["enum"]), "enum")
        kind = schema["type"]
        if kind == "integer":
            return self.whole(*whole_range(schema))
        if kind == "number":
            return self.number(*whole_range(schema))
        if kind == "boolean":
            return self.rule('"true" | "false"', "bool")
        if kind == "null":
            return literal("null")
        if kind == "array":
            return self._array(schema, source, limits)
        if kind == "object":
            return self.object(schema, source, limits)
        if source is not None:
            return self.span(source, schema=schema, limits=limits)
        return self.string(schema, limits)

    def _array(self, schema: Mapping[str, Any], source: str | None, limits: Limits) -> str:
        fewest, most = items(schema, limits)
        if most < 1:
            return literal("[]")
        item = self.value(schema["items"], source, limits)
        some = f'{item} (", " {item}){{{max(0, fewest - 1)},{most - 1}}}' if most > 1 else item
        return self.rule(f'"[" {some if fewest else f"({some})?"} "]"', "array")

    def object(
        self, schema: Mapping[str, Any], source: str | None = None, limits: Limits = LADDER[0]
    ) -> str:
        """A JSON object: required properties in their order, then any optional ones, in order."""
        properties: Mapping[str, Any] = schema["properties"]
        members = {
            name: f"{literal(dump(name) + ': ')} {self.value(part, source, limits)}"
            for name, part in properties.items()
        }
        optional = [members[name] for name in properties if name not in schema["required"]]
        body = ' ", " '.join(members[name] for name in schema["required"])
        if body:
            for member in optional:
                body += f' (", " {member})?'
        else:
            body = self._any_of_in_order(optional)
        return self.rule(f'"{{" {body} "}}"' if body else literal("{}"), "object")

    def _any_of_in_order(self, members: Sequence[str]) -> str:
        rest = ""
        for index in range(len(members) - 1, -1, -1):
            later = " ".join(f'(", " {member})?' for member in members[index + 1 :])
            first = self.rule(f"{members[index]} {later}".strip(), "members")
            rest = f"{first} | {rest}" if rest else first
        return f"({rest})?" if rest else ""

    # ------------------------------------------------------------ answers

    def tool_call(
        self,
        name: str,
        schema: Mapping[str, Any],
        source: str | None = None,
        limits: Limits = LADDER[0],
    ) -> str:
        """One call in our form: ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``."""
        return self.rule(
            f'"{OPEN}" {self.call_body(name, schema, source, limits)} "{CLOSE}"', "call"
        )

    def call_body(
        self, name: str, schema: Mapping[str, Any], source: str | None, limits: Limits
    ) -> str:
        """What stands between the tags."""
        head = literal(f'{{"name": {dump(name)}, "arguments": ')
        arguments = self.object(normalise(schema), source, limits)
        return self.rule(f'{head} {arguments} "}}"', "body")

    def bullets(self, lines: Sequence[str], most: int) -> str:
        """One to ``most`` bullets of different ``lines`` in their order."""
        items = [self.rule(literal(line), "line") for line in lines]
        after: list[str | None] = [None] * (most + 1)
        starts: list[str] = []
        for item in reversed(items):
            # after[k]: at most k more bullets, from the lines behind the current one.
            begin = item
            if after[most - 1] is not None:
                begin += f" {after[most - 1]}"
            starts.append(self.rule(f'"- " {begin}', "first"))
            for count in range(most, 0, -1):
                tail = after[count - 1] if count > 1 else None
                body = f'"\\n- " {item}' + (f" {tail}" if tail else "")
                previous = after[count]
                after[count] = self.rule(f'"" | {body}' if not previous else f"{body} | {previous}")
        return self.rule(" | ".join(reversed(starts)), "bullets")


def _split_words(text: str) -> list[tuple[str, str, str]]:
    """(marks before, word, marks after) of each word that is more than marks."""
    found = []
    for match in _WORD.findall(text):
        core = match.strip(_EDGE)
        if core:
            before, _, after = match.partition(core)
            found.append((before, core, after))
    return found


def _json_inner(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _fits(words: Sequence[tuple[str, str, str]], most_chars: int, most_bytes: int) -> bool:
    text = _json_inner(" ".join("".join(word) for word in words))
    return len(text) <= most_chars and len(text.encode()) <= most_bytes


def _digits(low: int, high: int) -> list[str]:
    """Expressions for the decimal digits of low to high, both from 0 on."""
    found: list[str] = []
    while low <= high:
        # The longest block ``prefix, free digits`` that starts at low and ends by high.
        free = 0
        while low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high and low:
            free += 1
        step = 10**free
        last = low
        # Steps that differ in one digit only are one class.
        while last + 2 * step - 1 <= high and (last // step) % 10 != 9:
            last += step
        prefix, first = divmod(low // step, 10)
        digit = f"[{first}-{(last // step) % 10}]" if last > low else f'"{first}"'
        parts = [literal(str(prefix))] if prefix else []
        parts.append(digit)
        if free:
            parts.append(f"[0-9]{{{free},{free}}}")
        found.append(" ".join(parts))
        low = last + step
    return found


def any_of(parts: Iterable[str]) -> str:
    """Alternatives; equal ones are said once."""
    return " | ".join(dict.fromkeys(parts))


def tool_calls(tools: Mapping[str, Any], source: str | None = None, most: int = 1) -> str:
    """A grammar that accepts one to ``most`` calls of the given tools.

    ``tools``: name to JSON schema, or to (JSON schema, Limits).
    """
    grammar = Grammar()
    calls = any_of(grammar.tool_call(name, *_with(tool, source)) for name, tool in tools.items())
    call = grammar.rule(calls, "tool")
    more = f' ("\\n"? {call}){{0,{most - 1}}}' if most > 1 else ""
    return grammar.text(f"{call}{more}")


def free_text_or_call(tools: Mapping[str, Any], source: str | None = None) -> str:
    """A structural tag: any text, but after ``<tool_call>`` only a valid call, and then the end."""
    grammar = Grammar()
    bodies = any_of(grammar.call_body(name, *_with(tool, source)) for name, tool in tools.items())
    tag = {
        "type": "tag",
        "begin": OPEN,
        "content": {"type": "grammar", "grammar": grammar.text(grammar.rule(bodies, "tool"))},
        "end": CLOSE,
    }
    shape = {
        "type": "triggered_tags",
        "triggers": [OPEN],
        "tags": [tag],
        "at_least_one": False,
        "stop_after_first": True,
    }
    return json.dumps({"type": "structural_tag", "format": shape}, ensure_ascii=False)


def _with(tool: Any, source: str | None) -> tuple[Mapping[str, Any], str | None, Limits]:
    schema, limits = tool if isinstance(tool, tuple) else (tool, LADDER[0])
    return schema, source, limits
