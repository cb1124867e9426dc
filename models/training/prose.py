"""Sentences of a document with its own vocabulary; plausible grammar, no meaning."""

from __future__ import annotations

import re

from models.training import frames, values
from models.training.draws import Draws
from models.training.words import (
    ADJECTIVES,
    ADVERBS,
    MONTHS,
    NOUNS,
    VERBS,
    capital,
    gerund,
    made_up,
    past,
    plural,
)

PREPOSITIONS = (
    "in on at with for from by under after before during near through without into over behind "
    "against since until via"
).split()
DETERMINERS = "the the the a this its every each another no their our that".split()
MODALS = "can will may must should could would might".split()
OPENERS = (
    "However, |Moreover, |In addition, |For example, |In general, |As a result, |In practice, |"
    "Today |At first |Later |By default, |Note that |Unfortunately, |Usually "
).split("|")
JOINS = (", and ", ", but ", "; ", ", while ", " because ", " so that ", " when ", " if ", " - ")
ABBREVIATIONS = "e.g. i.e. etc. cf. vs. approx. Fig. Dr. U.S. v2. p. incl.".split()


class Document:
    """Words, names and habits that the sentences of one page share."""

    def __init__(self, rng: Draws) -> None:
        self.rng = rng
        strange = rng.random() * 0.8 if rng.random() < 0.75 else 0.0
        size = rng.randint(4, 10) if rng.random() < 0.35 else rng.randint(14, 60)
        self.nouns = self._pool(NOUNS, size, strange)
        self.adjectives = self._pool(ADJECTIVES, max(3, size // 2), strange * 0.6)
        self.verbs = self._pool(VERBS, max(3, size // 2), strange * 0.4)
        kinds = (values.person, values.organisation, values.thing, values.place, values.thing)
        self.names = [rng.choice(kinds)(rng) for _ in range(rng.randint(3, 8))]
        # Names with a common start are where copying goes wrong first.
        start = rng.choice((made_up(rng)[:3] + "_", made_up(rng)[:3].upper(), "--", made_up(rng)))
        self.family = [start + made_up(rng) for _ in range(rng.randint(3, 8))]
        self.topic = rng.choice(self.names)
        self.long_share = rng.choice((0.0, 0.4, 0.6, 0.8))

    def _pool(self, words: list[str], size: int, strange: float) -> list[str]:
        rng = self.rng
        return [made_up(rng) if rng.random() < strange else rng.choice(words) for _ in range(size)]

    def noun(self) -> str:
        """One of the document's nouns."""
        return self.rng.choice(self.nouns)

    def noun_phrase(self, depth: int = 0) -> str:
        """A subject or object."""
        rng = self.rng
        style = rng.random()
        if style < 0.16:
            return rng.choice(self.names)
        if style < 0.22:
            return rng.choice(self.family)
        noun = self.noun()
        described = f"{rng.choice(self.adjectives)} {noun}" if rng.random() < 0.4 else noun
        if style < 0.58:
            text = f"{rng.choice(DETERMINERS)} {described}"
        elif style < 0.84:
            amount = rng.choice(
                ("", "", "the ", "some ", "many ", "all ", values.number(rng) + " ")
            )
            text = amount + plural(described)
        else:
            text = f"the {noun} {self.noun()}"
        if depth == 0 and rng.random() < 0.3:
            text += f" {rng.choice(('of', 'of', 'for', 'in', 'with', 'from', 'between'))} "
            text += self.noun_phrase(1)
        if depth == 0 and rng.random() < 0.06:
            text += f" ({rng.choice(self.family)})"
        return text

    def adverbial(self) -> str:
        """Where, when or how."""
        rng = self.rng
        times = (values.place(rng), values.date(rng), rng.choice(MONTHS))
        end = self.noun_phrase(1) if rng.random() < 0.75 else rng.choice(times)
        return f"{rng.choice(PREPOSITIONS)} {end}"

    def clause(self) -> str:
        """Subject, verb, object, at times more."""
        rng = self.rng
        verb = rng.choice(self.verbs)
        form = rng.choice((plural(verb), past(verb), f"{rng.choice(MODALS)} {verb}"))
        text = f"{self.noun_phrase()} {form} {self.noun_phrase()}"
        if rng.random() < 0.5:
            text += f" {self.adverbial()}"
        return f"{text} {rng.choice(ADVERBS)}" if rng.random() < 0.1 else text

    def listing(self) -> str:
        """A sentence with a list of three to eight items."""
        rng = self.rng
        pick = (lambda: rng.choice(self.family), self.noun, lambda: made_up(rng))
        items = [rng.choice(pick)() for _ in range(rng.randint(3, 8))]
        items[-1] = f"{rng.choice(('and', 'or'))} {items[-1]}"
        verb = rng.choice(("includes", "supports", "takes one of", "returns", "consists of"))
        return f"{self.noun_phrase(1)} {verb} {', '.join(items)}"

    def plain(self) -> str:
        """One sentence without its final mark."""
        rng = self.rng
        style = rng.random()
        if style < 0.38:
            return self.clause()
        if style < 0.46:
            return rng.choice(OPENERS) + self.clause()
        if style < 0.56:
            return self.clause() + rng.choice(JOINS) + self.clause()
        if style < 0.62:
            return f"{self.adverbial()}, {self.clause()}"
        if style < 0.72:
            return self.listing()
        if style < 0.78:
            subject = rng.choice(("you", "we", "users", "people", "they", "the authors"))
            return f"{subject} {rng.choice(MODALS)} {rng.choice(self.verbs)} {self.noun_phrase()}"
        if style < 0.84:
            return f"{rng.choice(self.verbs)} {self.noun_phrase()} {self.adverbial()}"
        if style < 0.9:
            name, adjective = rng.choice(self.names), rng.choice(self.adjectives)
            return f"{name} is a {adjective} {self.noun()} for {self.noun_phrase(1)}"
        if style < 0.95:
            start = gerund(rng.choice(self.verbs))
            return f"{start} {self.noun_phrase()} makes it {rng.choice(self.adjectives)}"
        return f"“{capital(self.clause())},” said {values.person(rng)}"

    def sentence(self) -> str:
        """One sentence, mostly with capital and mark."""
        rng = self.rng
        style = rng.random()
        if style < self.long_share:
            text = frames.framed(self)
        elif style < self.long_share + 0.06:
            text = frames.salad(self)
        elif style < self.long_share + 0.1:
            return frames.code(self)
        else:
            text = self.plain()
        mark = "." if rng.random() < 0.94 else rng.choice(("!", "?", "…", ":", "", ""))
        return capital(text) + mark

    def nearly(self, sentence: str) -> str:
        """The sentence with a word changed: only a long look back tells the two apart."""
        rng = self.rng
        words = sentence.split(" ")
        place = rng.randrange(len(words))
        if rng.random() < 0.7 or len(words) < 5:
            words[place] = self.noun()
        else:
            # The last word holds the mark that ends the sentence.
            del words[min(place, len(words) - 2)]
        return capital(" ".join(words))

    def roughened(self, sentence: str) -> str:
        """The sentence with what real pages have: signs, abbreviations, names of programs."""
        rng = self.rng
        words = sentence.split(" ")
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(words))
            style = rng.random()
            if style < 0.14:
                words.insert(place, rng.choice(ABBREVIATIONS))
            elif style < 0.28:
                words.insert(place, rng.choice((*values.SIGNS, "-", "--", "/", "|", "*", "&", "+")))
            elif style < 0.4:
                words[place] += rng.choice(("’s", "'s", "n't", ";", ",", ":", "…", "!", "(s)"))
            elif style < 0.54:
                left, right = rng.choice(("()", "“”", '""', "''", "``", "{}", "**", "«»"))
                end = min(len(words) - 1, place + rng.randint(0, 3))
                words[place] = left + words[place]
                words[end] += right
            elif style < 0.78:
                pick = (values.identifier, values.address, values.version, values.number)
                words.insert(place, rng.choice(pick)(rng))
            elif style < 0.86:
                words.insert(place, rng.choice(self.family))
            elif style < 0.93:
                words[place] = words[place].upper()
            else:
                words[place] = capital(words[place])
        return re.sub(r" +", " ", " ".join(words)).replace("<", "(").strip()
