"""Sentences of our own about a harbour town, put together by seed."""

from __future__ import annotations

import random

_WHO = [
    "The harbour master",
    "A retired pilot",
    "The keeper of the north light",
    "Our neighbour from the net loft",
    "The woman who runs the ferry office",
    "A student from the weather school",
    "The council's engineer",
    "The oldest boat builder in Varnhem",
    "One of the lock keepers",
    "The crew of the dredger",
]
_DID = [
    "measured the depth of the channel twice a week",
    "kept a notebook about every ship that came in",
    "repaired the wooden pier before the autumn storms",
    "argued that the old crane should stay where it is",
    "counted forty herons on the mud flats",
    "painted the buoys in the yard behind the station",
    "asked the shipping company for a later departure",
    "found a brass sextant under the floor of the shed",
    "explained why the tide runs faster on the eastern side",
    "taught the children how to tie a bowline",
    "warned the fleet about ice near the breakwater",
    "compared the new charts with those of 1911",
]
_WHY = [
    "because nobody else remembered how it was done",
    "after the flood of the previous spring",
    "although the budget had already been spent",
    "while the fog signal was being replaced",
    "and wrote the result on the board by the gate",
    "so that the smaller boats could use the inner basin",
    "before the bridge was closed to traffic",
    "with help from the museum and two local firms",
    "even when the wind came straight from the north",
    "until the insurers agreed to pay for the damage",
    "in spite of what the first report had said",
]
_ALSO = [
    "Most people in town heard about it from the baker.",
    "The figures were checked again in March and hardly changed.",
    "Nobody expected the work to take eleven years.",
    "Visitors often ask about it, and the answer is rarely short.",
    "It costs less than a new engine and lasts three times as long.",
    "There is a photograph of that day in the customs house.",
    "What happened next surprised even the insurance agent.",
    "The smell of tar still hangs over the slipway in summer.",
    "By evening the water had fallen by almost two metres.",
    "The same method is now used in six other harbours.",
    "A small plaque on the wall is all that remains of the ropewalk.",
    "If the barometer falls quickly, the boats stay in.",
]


def sentences(seed: int, count: int) -> list[str]:
    """``count`` sentences, the same for the same seed."""
    chance = random.Random(seed)
    made: list[str] = []
    while len(made) < count:
        if chance.random() < 0.3:
            sentence = chance.choice(_ALSO)
        else:
            parts = (chance.choice(_WHO), chance.choice(_DID), chance.choice(_WHY))
            sentence = " ".join(parts) + "."
        if sentence not in made:
            made.append(sentence)
    return made


def paragraph(seed: int, count: int = 4) -> str:
    """A paragraph's text."""
    return " ".join(sentences(seed, count))


def paragraphs(seed: int, count: int, each: int = 4) -> str:
    """Several ``<p>`` elements."""
    return "\n".join(f"<p>{paragraph(seed * 100 + n, each)}</p>" for n in range(count))
