"""EBNF grammars for WebLLM's ``grammar`` response format (xgrammar). Pure; every part is bounded.

An unbounded string or number lets a small model run on to its token limit, so each character class
carries a count, and what can be said literally is a literal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MAX_STRING_CHARS = 200
MAX_ITEMS = 8
MAX_DIGITS = 9
_GROUP = 6

# Inside a JSON string, without "<" so that an argument cannot spell our marks.
_CHAR = r'[^"\\<\x00-\x1f]'
_ESCAPE = r'"\\" ["\\/nt]'
_WORD = re.compile(r"\S+")
_NEVER_LAST = frozenset("a an the my your our his her their its and or of to for with from".split())
_EDGE = "\"'“”‘’()[]{}<>.,;:!?…"


def literal(text: str) -> str:
    """``text`` as an EBNF string literal."""
    out = ['"']
    for char in text:
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

    def string(self, max_chars: int = MAX_STRING_CHARS, min_chars: int = 0) -> str:
        """A JSON string of ``min_chars`` to at most ``max_chars`` characters.

        Long bounds are rounded down by up to five: ``{0,200}`` has 200 states, and xgrammar spends
        3 ms on each. Counting in sixes takes a tenth of that.
        """
        char = self.rule(f"{_CHAR} | {_ESCAPE}", "char")
        if min_chars > 1 or max_chars < 2 * _GROUP:
            return self.rule(f'"\\"" {char}{{{min_chars},{max_chars}}} "\\""', "string")
        most = _GROUP - 1 + min_chars
        six = self.rule(" ".join([char] * _GROUP), "six")
        sixes = (max_chars - most) // _GROUP
        larges = max(0, (sixes - _GROUP + 1) // _GROUP)
        parts = f"{six}{{0,{sixes - larges * _GROUP}}} {char}{{{min_chars},{most}}}"
        if larges:
            large = self.rule(" ".join([six] * _GROUP), "thirty_six")
            parts = f"{large}{{0,{larges}}} {parts}"
        return self.rule(f'"\\"" {parts} "\\""', "string")

    def span(self, text: str, max_words: int = 60) -> str:
        """A JSON string that is a run of words of ``text``; any string when there is no word.

        A very small model copies better when it only chooses where to begin and to end.
        """
        words = _split_words(text)[-max_words:]
        if not words:
            return self.string(min_chars=1)
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

    def value(self, schema: Mapping[str, Any], source: str | None = None) -> str:
        """A JSON value for a schema; with ``source``, strings are taken from that text.

        Known: enum, const, string, integer, number, boolean, null, array, object.
        """
        if "const" in schema:
            return literal(_dump(schema["const"]))
        if options := schema.get("enum"):
            return self.rule(" | ".join(literal(_dump(option)) for option in options), "enum")
        kind = schema.get("type", "string")
        if kind == "integer":
            return self.rule(f'"-"? ("0" | [1-9] [0-9]{{0,{MAX_DIGITS - 1}}})', "int")
        if kind == "number":
            integer = self.value({"type": "integer"})
            return self.rule(f'{integer} ("." [0-9]{{1,6}})?', "number")
        if kind == "boolean":
            return self.rule('"true" | "false"', "bool")
        if kind == "null":
            return literal("null")
        if kind == "array":
            item = self.value(schema.get("items", {}), source)
            count = min(int(schema.get("maxItems", MAX_ITEMS)), MAX_ITEMS)
            if count < 1:
                return literal("[]")
            more = f'(", " {item}){{0,{count - 1}}}'
            return self.rule(f'"[" ({item} {more})? "]"', "array")
        if kind == "object":
            return self.object(schema, source)
        if source is not None:
            return self.span(source)
        longest = min(int(schema.get("maxLength", MAX_STRING_CHARS)), MAX_STRING_CHARS)
        shortest = min(int(schema.get("minLength", 0)), longest)
        return self.string(longest, shortest)

    def object(self, schema: Mapping[str, Any], source: str | None = None) -> str:
        """A JSON object: required properties in their order, then any optional ones, in order."""
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = [name for name in properties if name in schema.get("required", [])]
        optional = [name for name in properties if name not in required]
        parts = [self._member(name, properties[name], source) for name in required]
        body = ' ", " '.join(parts)
        if required:
            for name in optional:
                body += f' (", " {self._member(name, properties[name], source)})?'
        else:
            body = self._any_of_in_order([self._member(n, properties[n], source) for n in optional])
        return self.rule(f'"{{" {body} "}}"' if body else literal("{}"), "object")

    def _member(self, name: str, schema: Mapping[str, Any], source: str | None) -> str:
        return f"{literal(_dump(name) + ': ')} {self.value(schema, source)}"

    def _any_of_in_order(self, members: Sequence[str]) -> str:
        rest = ""
        for index in range(len(members) - 1, -1, -1):
            later = " ".join(f'(", " {member})?' for member in members[index + 1 :])
            first = self.rule(f"{members[index]} {later}".strip(), "members")
            rest = f"{first} | {rest}" if rest else first
        return f"({rest})?" if rest else ""

    # ------------------------------------------------------------ answers

    def tool_call(self, name: str, schema: Mapping[str, Any], source: str | None = None) -> str:
        """One call in our form: ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``."""
        head = literal(f'<tool_call>{{"name": {_dump(name)}, "arguments": ')
        return self.rule(f"{head} {self.object(schema, source)} {literal('}</tool_call>')}", "call")

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


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def any_of(parts: Iterable[str]) -> str:
    """Alternatives; equal ones are said once."""
    return " | ".join(dict.fromkeys(parts))


def tool_calls(
    tools: Mapping[str, Mapping[str, Any]], source: str | None = None, most: int = 1
) -> str:
    """A grammar that accepts one to ``most`` calls of the given tools (name -> JSON schema)."""
    grammar = Grammar()
    calls = any_of(grammar.tool_call(name, schema, source) for name, schema in tools.items())
    call = grammar.rule(calls, "tool")
    more = f' ("\\n"? {call}){{0,{most - 1}}}' if most > 1 else ""
    return grammar.text(f"{call}{more}")
