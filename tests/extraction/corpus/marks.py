"""Marked HTML: the page and its truth in one source, so that they cannot drift apart.

``⟦text⟧`` is main text; ``⟪text⟫`` must never be read (hidden, injected, of another origin, typed);
``⟨markup¦text⟩`` stands for ``text`` in the truth, whatever the markup. What is unmarked is shown
and is no main text: menus, advertisements, page heads and feet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_INLINE = {"a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "mark", "ruby", "s", "small", "span"}
_INLINE |= {"strong", "sub", "sup", "time", "u", "var", "wbr"}
_OVERRIDE = re.compile(r"⟨(.*?)¦(.*?)⟩", re.DOTALL)
_NEVER = re.compile(r"⟪(.*?)⟫", re.DOTALL)
_MAIN = re.compile(r"⟦(.*?)⟧", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """One page as written. ``frames`` are further files, named after what they add to the name."""

    kind: str
    html: str
    title: str
    language: str = "en"
    author: str | None = None
    published: str | None = None
    frames: dict[str, str] = field(default_factory=dict)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(markup: str) -> str:
    """The text of a piece of HTML, one line."""
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return " ".join("".join(parser.parts).split())


def page_of(marked: str) -> str:
    """The HTML that is served."""
    return re.sub("[⟦⟧⟪⟫]", "", _OVERRIDE.sub(r"\1", marked))


def main_of(marked: str) -> str:
    """The text that must be read, in the order of the source."""
    plain = _NEVER.sub("", _OVERRIDE.sub(r"\2", marked))
    return "\n".join(text for part in _MAIN.findall(plain) if (text := text_of(part)))


def never_of(marked: str) -> list[str]:
    """Each text that must not be read."""
    return [text_of(_OVERRIDE.sub(r"\2", part)) for part in _NEVER.findall(marked)]
