"""Splits page text into sentences. Lines are borders; nothing is cut inside a word."""

from __future__ import annotations

import re

MAX_SENTENCE_CHARS = 300

_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st sr jr vs etc approx incl no nos fig figs vol ed eds pp sec ch eq ref dept
    inc ltd co corp est al cf e.g i.e a.k.a u.s u.k p.m a.m jan feb mar apr jun jul aug sep sept
    oct nov dec mon tue wed thu fri sat sun
    """.split()
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*")
_LAST_WORD = re.compile(r"[\w.]+$")
_OPENERS = "\"'“‘«([¿¡"
# Markdown's marks at the start of a line: a quoted sentence is shown without them.
_LINE_MARK = re.compile(r"^(?:#{1,6}|[-*•])\s+")


def split_sentences(text: str) -> list[str]:
    """The sentences of ``text`` in order, without empty ones; each is a single line."""
    found: list[str] = []
    for line in text.split("\n"):
        words = _LINE_MARK.sub("", " ".join(line.split()))
        if words:
            found += _split_line(words)
    return [piece for sentence in found for piece in _limit(sentence)]


def _split_line(line: str) -> list[str]:
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(line):
        if match.end() < len(line) and _ends_here(line, start, match):
            sentences.append(line[start : match.end()].strip())
            start = match.end()
    sentences.append(line[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends_here(line: str, start: int, match: re.Match[str]) -> bool:
    mark = match.group()
    if mark[0] in "。！？":
        return True
    following = line[match.end() :].lstrip()
    head = following.lstrip(_OPENERS)[:1]
    if mark[0] != ".":
        return not head.islower()
    if head.islower():
        return False
    if mark != ".":
        return True
    word = _LAST_WORD.search(line[start : match.start()])
    last = word.group().lower() if word else ""
    # An initial ("J. Smith") and a known abbreviation go on; a number at the end does not.
    return last not in _ABBREVIATIONS and not (len(last) == 1 and last.isalpha())


def _limit(sentence: str) -> list[str]:
    """Cut an endless sentence at the last clause mark or space that fits."""
    pieces: list[str] = []
    while len(sentence) > MAX_SENTENCE_CHARS:
        window = sentence[:MAX_SENTENCE_CHARS]
        cut = max(window.rfind(mark) + 1 for mark in (", ", "; ", ": "))
        if cut < MAX_SENTENCE_CHARS // 2:
            cut = window.rfind(" ")
        if cut < MAX_SENTENCE_CHARS // 4:
            cut = MAX_SENTENCE_CHARS
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*pieces, sentence] if sentence else pieces
