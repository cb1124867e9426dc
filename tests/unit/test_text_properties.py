"""Properties of text handling, searched with generated input."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sidelight.prompts.escape import neutralise
from sidelight.prompts.page import read_view, render_block
from sidelight.prompts.sentences import MAX_SENTENCE_CHARS, split_sentences
from sidelight.streams import Piece, StreamSplitter
from sidelight.testing import page
from sidelight.tokens import LARGE

pytestmark = pytest.mark.unit

PARTS = ["<|", "|>", "im_end", "<page>", "</page>", "<", ">", "/", "[", "1", "]", "page", "\n", " "]
PARTS += ["<tool_call>", "</tool_call>", "<think>", "</think>", ".", "\u200b", "\r", "Title: ", "x"]
DANGER = st.lists(st.sampled_from(PARTS), max_size=14).map("".join) | st.text(max_size=60)
LIST_MARK = re.compile(r"^(#{1,6}|[-*•])\s+")
LIVE = re.compile(
    r"<[|｜]|[|｜]>|</?\s*(page|selection|tool_call|think)\s*>|\[\d{1,6}\]", re.IGNORECASE
)


@given(DANGER)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_nothing_live_survives_and_once_is_enough(text: str) -> None:
    safe = neutralise(text)
    assert not LIVE.search(safe)
    assert neutralise(safe) == safe


@given(DANGER, DANGER)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_block_reads_back_as_what_was_rendered(text: str, title: str) -> None:
    rendered = render_block(page(text, title), LARGE, budget_tokens=400)
    assert rendered.text.startswith("<page>\n")
    assert rendered.text.endswith("\n</page>")
    assert rendered.text.count("<page>") == rendered.text.count("</page>") == 1
    view = read_view(rendered.text)
    assert len(view.lines) == rendered.sentences
    assert [line.split("]")[0] for line in view.lines] == [
        f"[{n}" for n in range(1, rendered.sentences + 1)
    ]


@given(st.text(max_size=900))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_splitting_loses_nothing_but_white_space_and_list_marks(text: str) -> None:
    pieces = split_sentences(text)
    lines = [LIST_MARK.sub("", " ".join(line.split())) for line in text.split("\n")]
    assert "".join("".join(pieces).split()) == "".join("".join(lines).split())
    assert all(0 < len(piece) <= MAX_SENTENCE_CHARS for piece in pieces)


@given(DANGER, st.lists(st.integers(1, 5), max_size=40))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_chunk_borders_do_not_matter(text: str, sizes: list[int]) -> None:
    chunks, rest = [], text
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    chunks.append(rest)
    assert _joined(chunks) == _joined([text])


def _joined(chunks: list[str]) -> list[tuple[str, str]]:
    splitter = StreamSplitter()
    pieces: list[Piece] = []
    for chunk in chunks:
        pieces += splitter.feed(chunk)
    pieces += splitter.finish()
    found: list[tuple[str, str]] = []
    for piece in pieces:
        if piece.end:
            found.append((piece.kind, "END"))
        elif found and found[-1][0] == piece.kind and found[-1][1] != "END":
            found[-1] = (piece.kind, found[-1][1] + piece.text)
        else:
            found.append((piece.kind, piece.text))
    return found
