"""Sentence splitting."""

from __future__ import annotations

import pytest
from sidelight.prompts.sentences import MAX_SENTENCE_CHARS, split_sentences

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("No end", ["No end"]),
        ("A heading\nA sentence. Another.", ["A heading", "A sentence.", "Another."]),
        ("Dr. Ada met Mr. Bo. They ate.", ["Dr. Ada met Mr. Bo.", "They ate."]),
        ("J. R. Moir built it. It stands.", ["J. R. Moir built it.", "It stands."]),
        ("It costs 3.50 euros. Cheap.", ["It costs 3.50 euros.", "Cheap."]),
        ("See e.g. the shed. Then go.", ["See e.g. the shed.", "Then go."]),
        ("Version 2. Next one.", ["Version 2.", "Next one."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("Really?! Yes... No.", ["Really?!", "Yes...", "No."]),
        ("wait... what is it. ok", ["wait... what is it. ok"]),
        ("今日は雨です。明日は晴れ。", ["今日は雨です。", "明日は晴れ。"]),
        ("Write to a@b.example. Thanks.", ["Write to a@b.example.", "Thanks."]),
    ],
)
def test_split(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_an_endless_sentence_is_cut_between_words() -> None:
    text = "word " * 300
    pieces = split_sentences(text)
    assert len(pieces) > 2
    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in pieces)
    assert " ".join(pieces).split() == text.split()


def test_one_endless_word_is_cut_at_all() -> None:
    assert [len(piece) for piece in split_sentences("x" * 1000)] == [300, 300, 300, 100]
