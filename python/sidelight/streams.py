"""Splits a streamed answer into visible text, thinking, and tool calls, across chunk borders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["text", "thinking", "call"]


class Piece(NamedTuple):
    """A part of the answer. ``end`` closes a thinking block or a call; an unclosed one never
    gets it."""

    kind: Kind
    text: str
    end: bool = False


_OPEN: dict[str, Kind] = {"<think>": "thinking", "<tool_call>": "call"}
_CLOSE = {"thinking": "</think>", "call": "</tool_call>"}


class StreamSplitter:
    """Feed chunks; get pieces. A tag cut in two by a chunk border is held back until it is whole.

    White space at the start of a text or thinking block is dropped, as some templates put an empty
    thinking block and blank lines before the answer.
    """

    def __init__(self) -> None:
        self._kind: Kind = "text"
        self._held = ""
        self._begun = False

    def feed(self, chunk: str) -> Iterator[Piece]:
        """The pieces that are certain after this chunk."""
        self._held += chunk
        while True:
            tags = list(_OPEN) if self._kind == "text" else [_CLOSE[self._kind]]
            position, tag = min(
                ((self._held.find(tag), tag) for tag in tags if tag in self._held),
                default=(-1, ""),
            )
            if position < 0:
                keep = _partial(self._held, tags)
                ready, self._held = self._held[: len(self._held) - keep], self._held[-keep:]
                if not keep:
                    self._held = ""
                yield from self._out(ready)
                return
            yield from self._out(self._held[:position])
            self._held = self._held[position + len(tag) :]
            if self._kind == "text":
                self._kind = _OPEN[tag]
            else:
                yield Piece(self._kind, "", True)
                self._kind = "text"
            self._begun = False

    def finish(self) -> Iterator[Piece]:
        """What is still held back when the answer is over."""
        held, self._held = self._held, ""
        yield from self._out(held)

    def _out(self, text: str) -> Iterator[Piece]:
        if not self._begun and self._kind != "call":
            text = text.lstrip()
        if text:
            self._begun = True
            yield Piece(self._kind, text)


def _partial(text: str, tags: list[str]) -> int:
    """The length of the longest end of ``text`` that begins one of ``tags``."""
    longest = max(map(len, tags)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(tag.startswith(text[-length:]) for tag in tags):
            return length
    return 0
