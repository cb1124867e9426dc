"""Splitting a streamed answer into text, thinking and calls."""

from __future__ import annotations

import pytest
from sidelight.streams import Piece, StreamSplitter

pytestmark = pytest.mark.unit


def split(*chunks: str) -> list[Piece]:
    splitter = StreamSplitter()
    pieces = [piece for chunk in chunks for piece in splitter.feed(chunk)]
    return [*pieces, *splitter.finish()]


def test_plain_text_passes_at_once() -> None:
    assert split("Hel", "lo") == [Piece("text", "Hel"), Piece("text", "lo")]


def test_a_tag_across_chunks_is_held_back() -> None:
    splitter = StreamSplitter()
    assert list(splitter.feed("Hi <tool")) == [Piece("text", "Hi ")]
    assert list(splitter.feed("s> x")) == [Piece("text", "<tools> x")]


def test_a_call_is_hidden_and_closed() -> None:
    assert split("<tool_", 'call>{"a"', ": 1}</tool_call>") == [
        Piece("call", '{"a"'),
        Piece("call", ": 1}"),
        Piece("call", "", True),
    ]


def test_an_unfinished_call_is_never_closed_and_never_text() -> None:
    assert split('<tool_call>{"a"') == [Piece("call", '{"a"')]


def test_thinking_is_folded() -> None:
    assert split("<think>\nWell.", "</think>\n\nYes.") == [
        Piece("thinking", "Well."),
        Piece("thinking", "", True),
        Piece("text", "Yes."),
    ]


def test_an_empty_thinking_block_leaves_no_trace_in_the_text() -> None:
    assert split("<think>\n\n</think>\n\nYes.") == [
        Piece("thinking", "", True),
        Piece("text", "Yes."),
    ]


def test_text_that_only_looks_like_a_tag_comes_out_in_the_end() -> None:
    assert split("a <") == [Piece("text", "a "), Piece("text", "<")]
