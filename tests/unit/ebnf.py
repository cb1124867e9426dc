"""A small recogniser for the EBNF that ``sidelight.grammar`` writes, to test grammars anywhere.

It works on the bytes of UTF-8 and reads a range of code points by its ends' low bytes, as the
engine's xgrammar does; ``tests/numerics/test_grammar_classes.py`` shows that it does.

Knows literals, character classes, rule names, groups, alternatives, ``?`` and ``{m,n}``. Matching
returns all possible ends, memoised, so that shared rules cost little.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random

_TOKEN = re.compile(
    r'\s*(?:("(?:[^"\\]|\\.)*")|(\[(?:[^\]\\]|\\.)*\])|([A-Za-z_]\w*)|(\{\d+,\d+\})|([|()?]))'
)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def accepts(grammar: str, said: str) -> bool:
    """Whether the whole text is in the grammar's language."""
    text = said.encode("utf-8", "surrogatepass").decode("latin-1")
    rules = dict(line.split(" ::= ", 1) for line in grammar.rstrip("\n").split("\n"))
    trees = {name: _Parser(body).tree() for name, body in rules.items()}

    @cache
    def ends(node: tuple, position: int) -> frozenset[int]:
        kind = node[0]
        if kind == "literal":
            return frozenset(
                {position + len(node[1])} if text.startswith(node[1], position) else ()
            )
        if kind == "class":
            fits = position < len(text) and text[position] in node[1]
            return frozenset({position + 1} if fits else ())
        if kind == "rule":
            return ends(trees[node[1]], position)
        if kind == "any":
            return frozenset().union(*(ends(part, position) for part in node[1]))
        if kind == "all":
            reached = frozenset({position})
            for part in node[1]:
                reached = frozenset().union(*(ends(part, at) for at in reached))
            return reached
        low, high = node[2]
        reached, found = frozenset({position}), set()
        for count in range(high + 1):
            if count >= low:
                found |= reached
            reached = frozenset().union(*(ends(node[1], at) for at in reached))
            if not reached:
                break
        return frozenset(found)

    return len(text) in ends(trees["root"], 0)


def longest_bytes(grammar: str) -> int:
    """UTF-8 bytes of the longest text of the language, by the grammar alone."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.rstrip("\n").split("\n"))
    trees = {name: _Parser(body).tree() for name, body in rules.items()}

    @cache
    def most(node: tuple) -> int:
        kind = node[0]
        if kind == "literal":
            return len(node[1])
        if kind == "class":
            return 1
        if kind == "rule":
            return most(trees[node[1]])
        if kind == "any":
            return max(map(most, node[1]))
        if kind == "all":
            return sum(map(most, node[1]))
        return node[2][1] * most(node[1])

    return most(trees["root"])


def sample(grammar: str, chance: Random) -> str:
    """A text of the language: every choice at random, as a model of random weights makes it."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.rstrip("\n").split("\n"))
    trees = {name: _Parser(body).tree() for name, body in rules.items()}

    def make(node: tuple) -> str:
        kind = node[0]
        if kind == "literal":
            return node[1]
        if kind == "class":
            return chance.choice(node[1])
        if kind == "rule":
            return make(trees[node[1]])
        if kind == "any":
            return make(chance.choice(node[1]))
        if kind == "all":
            return "".join(map(make, node[1]))
        return "".join(make(node[1]) for _ in range(chance.randint(*node[2])))

    return make(trees["root"]).encode("latin-1").decode()


@cache
def _members(char_class: str) -> str:
    """The bytes of a class, as characters."""
    assert not char_class.startswith("[^"), "a negated class lets pass what is no UTF-8"
    low_bytes = re.sub(r"\\u01([0-9a-f]{2})", r"\\x\1", char_class)
    assert "\\u" not in low_bytes, "a range of code points would be read by its low bytes"
    return "".join(c for c in map(chr, range(256)) if re.fullmatch(low_bytes, c, re.DOTALL))


class _Parser:
    def __init__(self, body: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(body.rstrip()):
            match = _TOKEN.match(body, position)
            assert match, f"cannot read the grammar at {body[position : position + 40]!r}"
            kind = ("literal", "class", "rule", "times", "mark")[match.lastindex - 1]
            self.tokens.append((kind, match.group(match.lastindex)))
            position = match.end()
        self.at = 0

    def tree(self) -> tuple:
        found = self.alternatives()
        assert self.at == len(self.tokens), "something is left over in a rule"
        return found

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def alternatives(self) -> tuple:
        parts = [self.sequence()]
        while self.peek() == ("mark", "|"):
            self.at += 1
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else ("any", tuple(parts))

    def sequence(self) -> tuple:
        parts = []
        while self.peek()[0] != "end" and self.peek() not in (("mark", "|"), ("mark", ")")):
            parts.append(self.element())
        assert parts, "an empty alternative"
        return ("all", tuple(parts))

    def element(self) -> tuple:
        kind, value = self.peek()
        self.at += 1
        if kind == "literal":
            node: tuple = ("literal", _unescape(value[1:-1]).encode().decode("latin-1"))
        elif kind == "class":
            node = (kind, _members(value))
        elif kind == "rule":
            node = (kind, value)
        else:
            assert value == "("
            node = self.alternatives()
            assert self.peek() == ("mark", ")")
            self.at += 1
        while self.peek() == ("mark", "?") or self.peek()[0] == "times":
            low, high = (0, 1)
            if self.peek()[0] == "times":
                low, high = map(int, self.peek()[1][1:-1].split(","))
            self.at += 1
            node = ("times", node, (low, high))
        return node


def _unescape(text: str) -> str:
    risky = re.search(r"(\\x[0-9a-f]{2}|[\x7f-\xff])[0-9A-Fa-f]", text)
    assert not risky, f"xgrammar reads more than meant at {risky and risky.group()!r}"
    return re.sub(
        r"\\(x[0-9a-f]{2}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 3 else _ESCAPES[m[1]],
        text,
    )
