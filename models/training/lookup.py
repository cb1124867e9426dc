"""Which sentence a question's words point at: the rule that makes a lookup's truth certain."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
#: words that carry no topic
COMMON = frozenset(
    "a about above after again all also am an and any are as at be been before below but by can "
    "could did do does each every few for from had has have he her here his how i if in into is it "
    "its just many may me might more most must my no nor not of off on once one only or other our "
    "out over own page said same say says she should so some such text than that the their them "
    "then there these they this those through to too under until up very was we were what when "
    "where which while who whom whose why will with without would you your".split()
)


def stem(word: str) -> str:
    """A crude stem: lower case, without the commonest endings."""
    word = word.lower()
    for ending in ("ings", "ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def stems(text: str) -> set[str]:
    """Stems of all words of a text."""
    return {stem(word) for word in _WORD.findall(text)}


def topic_words(text: str) -> list[str]:
    """Words worth asking for, in order, as written."""
    return [w for w in _WORD.findall(text) if len(w) > 2 and w.lower() not in COMMON]


def best_places(words: Sequence[str], sentences: Sequence[str]) -> list[int]:
    """Places of the sentences that share most words with a question; empty when none shares any."""
    wanted = {stem(word) for word in words}
    shared = [len(wanted & stems(sentence)) for sentence in sentences]
    most = max(shared, default=0)
    return [place for place, count in enumerate(shared) if count == most] if most else []


def points_at(words: Sequence[str], place: int, sentences: Sequence[str]) -> bool:
    """Whether one sentence holds all the words and no other one as many."""
    wanted = {stem(word) for word in words}
    return wanted <= stems(sentences[place]) and best_places(words, sentences) == [place]


def absent(words: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether no text holds any of the words, nor a longer form of one."""
    held = set().union(*map(stems, texts)) if texts else set()
    heads = {known[:5] for known in held if len(known) >= 5}
    wanted = {stem(word) for word in words}
    return not wanted & held and not any(len(w) >= 5 and w[:5] in heads for w in wanted)
