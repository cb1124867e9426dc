"""Renders context blocks as numbered sentences, within a token budget and never mid-sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sidelight.contract import ContextBlock
from sidelight.prompts.escape import neutralise, one_line
from sidelight.prompts.sentences import split_sentences
from sidelight.tokens import TokenScale

MAX_SENTENCES = 80
MAX_TITLE_CHARS = 160
_TAG_OF_KIND = {
    "page": "page",
    "selection": "selection",
    "file": "document",
    "tool_result": "document",
}
_FRAME_TOKENS = 8
_LINE_TOKENS = 4
_BLOCK = re.compile(r"<(page|selection|document)>\n(.*?)\n?</\1>", re.DOTALL)
_SENTENCE = re.compile(r"^\[(\d{1,3})\] (.+)$")


@dataclass(frozen=True)
class RenderedBlock:
    """A block as it stands in the prompt. ``total_*`` describe the whole text it was made from."""

    text: str
    sentences: int
    total_sentences: int
    read_chars: int
    total_chars: int

    @property
    def cut(self) -> bool:
        """Whether something was left out here."""
        return self.sentences < self.total_sentences


@dataclass(frozen=True)
class PageView:
    """What a prompt shows of pages: ``lines`` are the sentences with their marks, as sent."""

    titles: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def render_block(
    block: ContextBlock, scale: TokenScale, *, budget_tokens: int, first_number: int = 1
) -> RenderedBlock:
    """Number the sentences of ``block`` from ``first_number`` as far as the budget and 80 allow.

    Repeated sentences are shown once. An empty text gives a block without sentences.
    """
    tag = _TAG_OF_KIND[block.kind]
    lines = [f"<{tag}>"]
    if title := one_line(block.title, MAX_TITLE_CHARS):
        lines.append(f"Title: {title}")
    # A page's heading repeats its title; quoting it would answer nothing.
    unique = dict.fromkeys(split_sentences(neutralise(block.text)))
    sentences = [sentence for sentence in unique if sentence != title]
    left = budget_tokens - _FRAME_TOKENS - sum(scale.estimate(line) for line in lines)
    room = max(0, MAX_SENTENCES + 1 - first_number)
    shown: list[str] = []
    for sentence in sentences[:room]:
        left -= scale.estimate(sentence) + _LINE_TOKENS
        if left < 0:
            break
        shown.append(sentence)
    lines += [f"[{number}] {text}" for number, text in enumerate(shown, first_number)]
    lines.append(f"</{tag}>")
    total_chars = max(block.total_chars, len(block.text))
    whole = sum(map(len, sentences))
    share = sum(map(len, shown)) / whole if whole else 1.0
    return RenderedBlock(
        text="\n".join(lines),
        sentences=len(shown),
        total_sentences=len(sentences),
        read_chars=round(len(block.text) * share),
        total_chars=total_chars,
    )


def render_blocks(
    blocks: Sequence[ContextBlock], scale: TokenScale, *, budget_tokens: int
) -> list[RenderedBlock]:
    """Several blocks with one numbering; what a block leaves unused goes to the next ones."""
    rendered: list[RenderedBlock] = []
    number = 1
    for index, block in enumerate(blocks):
        share = budget_tokens // (len(blocks) - index)
        result = render_block(block, scale, budget_tokens=share, first_number=number)
        rendered.append(result)
        number += result.sentences
        budget_tokens -= scale.estimate(result.text)
    return rendered


def read_view(text: str) -> PageView:
    """The blocks inside a message as sent; text outside of blocks is ignored."""
    view = PageView()
    for match in _BLOCK.finditer(text):
        for line in match.group(2).split("\n"):
            if _SENTENCE.match(line):
                view.lines.append(line)
            elif line.startswith("Title: ") and not view.lines:
                view.titles.append(line.removeprefix("Title: "))
    return view


def request_text(text: str) -> str:
    """A user message without its blocks: what the person wrote."""
    return _BLOCK.sub("", text).strip()
