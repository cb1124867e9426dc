"""What people ask of a page: wordings, and questions whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

from models.training import lookup, values
from models.training.draws import Draws
from models.training.facts import RELATIONS
from models.training.pages import Page
from models.training.words import capital, made_up

_LOOKUPS = (
    "what does it say about {};what does the page say about {};what about {};tell me about {};"
    "which part talks about {};is there anything about {};what is said about {};find {};"
    "find the sentence about {};where does it mention {};what is written on {};{};anything on {};"
    "does it mention {};explain {};what is {};how does {} work;show me the bit on {};"
    "what do we learn about {};information on {};who or what is {};quote what it says about {};"
    "I need the line about {};the sentence with {};where do they speak of {};look for {} in it;"
    "any news of {};what is known of {};is {} in there;is {} covered;what did the author say on {}"
).split(";")
_AGAIN = (
    "and {};and what about {};what about {};and {} then;next, {};also {};ok, and {};thanks, and {};"
    "then {};and the thing with {};how about {};and on {};one more: {};now {} please;so what of {}"
).split(";")
_AFTER = (
    "what comes after that;the next sentence;and the next one;what is next;go on;read on;"
    "what does it say after that;the sentence after it;continue with the next sentence"
).split(";")
_BEFORE = (
    "what comes before that;the previous sentence;the sentence before;the one before it;"
    "what does it say before that;go back one sentence"
).split(";")
_SUMMARY_VERBS = (
    "summarise;summarize;sum up;condense;shorten;recap;outline;boil down;digest;compress;review;"
    "give me the gist of;break down;brief me on;cut down;abridge;run through"
).split(";")
_SUMMARY_OBJECTS = (
    "this page;the page;this article;this text;the text;this;it;the selection;this document;"
    "what I am reading;the content;the story;this passage;all of this;that;the open page"
).split(";")
_SUMMARY_NOUNS = (
    "summary;overview;gist;recap;digest;outline;short version;abstract;key points;main points;"
    "highlights;takeaways;most important points;main ideas;key facts;bullet points;main message"
).split(";")
_SUMMARY_ASKS = (
    "give me a {n};{n} please;{n};I want the {n};show me the {n};make a {n};write a {n} of {o};"
    "can I have the {n};what are the {n} of {o};list the {n};a short {n};a quick {n} of {o}"
).split(";")
_SUMMARY_QUESTIONS = (
    (
        "what is {o} about;what does {o} say;what is the main point of {o};what is important here;"
        "what should I take away from {o};tl;what do I need to know;briefly, what is {o} about;"
        "in a nutshell, what is {o};I have no time to read {o};what is the point of {o}"
    )
    .replace("tl;", "tl,dr;")
    .split(";")
)
_COUNTS = {1: ("one", "1"), 2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
_BEFORE_ASKING = (
    "please;can you tell me:;quick question:;from this text:;according to the page,;hey,;"
    "I want to know:;could you say"
).split(";")


@dataclass(frozen=True)
class Asked:
    """A question about a page. `place` None: the page does not say. `kind` is the checker's rule.

    `words` are those a lookup rests on; `relation` and `entity` those of a fact.
    """

    text: str
    place: int | None
    kind: str
    words: tuple[str, ...] = ()
    relation: int = -1
    entity: str = ""


def spoken(rng: Draws, text: str) -> str:
    """The request as somebody types it: capitals, marks, politeness, at times a sign."""
    if rng.random() < 0.12:
        text = f"{rng.choice(_BEFORE_ASKING)} {text}"
    text = capital(text) if rng.random() < 0.6 else text
    text += rng.choice(("?", "?", "?", "", ".", " please", " please?", "??"))
    if rng.random() < 0.03:
        text += f" {rng.choice(values.SIGNS)}"
    return text


def summary(rng: Draws) -> tuple[str, int | None]:
    """A request for a summary, and the number of points when it names one."""
    style = rng.random()
    thing, noun = rng.choice(_SUMMARY_OBJECTS), rng.choice(_SUMMARY_NOUNS)
    if style < 0.5:
        # The two spellings must be equally known.
        verb = rng.choice(("summarise", "summarize", rng.choice(_SUMMARY_VERBS)))
        text = f"{verb} {thing}" if rng.random() < 0.85 else verb
        text = rng.choice(("", "", "please ", "can you ", "could you ", "would you ")) + text
        text += rng.choice(("", "", " for me", " briefly", " quickly", " in short", " pls"))
    elif style < 0.85:
        text = rng.choice(_SUMMARY_ASKS).replace("{n}", noun).replace("{o}", thing)
    else:
        text = rng.choice(_SUMMARY_QUESTIONS).replace("{o}", thing)
    count = None
    if rng.random() < 0.25:
        count = rng.randint(1, 4)
        unit = rng.choice(("sentence", "point", "bullet", "line"))
        text += f" in {rng.choice(_COUNTS[count])} {unit}{'s' if count > 1 else ''}"
    text = capital(text) if rng.random() < 0.6 else text
    return text + rng.choice(("", "", ".", "?", "!", " please")), count


def _span(rng: Draws, words: list[str]) -> tuple[str, ...]:
    size = min(len(words), rng.choice((1, 2, 2, 2, 3)))
    start = rng.randint(0, len(words) - size)
    span = words[start : start + size]
    if rng.random() < 0.1:
        rng.shuffle(span)
    return tuple(word.lower() if rng.random() < 0.3 else word for word in span)


def _lookup(page: Page, forms: list[str]) -> Asked | None:
    rng = page.document.rng
    for _ in range(8):
        place = rng.randrange(len(page.sentences))
        words = lookup.topic_words(page.sentences[place])
        if place in page.noise or not words:
            continue
        span = _span(rng, words)
        if lookup.points_at(span, place, page.sentences):
            text = rng.choice(forms).format(" ".join(span))
            return Asked(spoken(rng, text), place, "words", words=span)
    return None


def _fact(page: Page) -> Asked | None:
    rng = page.document.rng
    if not page.facts:
        return None
    place, stated = rng.choice(page.facts)
    text = rng.choice(stated.relation.questions).replace("{E}", stated.entity)
    others = [
        other
        for other, sentence in enumerate(page.sentences)
        if other != place and stated.relation.states(stated.entity, sentence)
    ]
    if others or not stated.relation.states(stated.entity, page.sentences[place]):
        return None
    relation = RELATIONS.index(stated.relation)
    return Asked(spoken(rng, text), place, "fact", relation=relation, entity=stated.entity)


def _absent_fact(page: Page) -> Asked | None:
    """A fact the page does not state, mostly about a name that it does hold."""
    rng = page.document.rng
    index = rng.randrange(len(RELATIONS))
    # Relations that share a question ("how old is") could answer one another.
    relation = RELATIONS[index]
    entity = rng.choice(page.document.names)
    if rng.random() < 0.3:
        entity = values.thing(rng)
    if any(entity in sentence and _near(relation.kind, sentence) for sentence in page.sentences):
        return None
    if any(relation.states(entity, sentence) for sentence in page.sentences):
        return None
    text = rng.choice(relation.questions).replace("{E}", entity)
    return Asked(spoken(rng, text), None, "absent fact", relation=index, entity=entity)


def _near(kind: str, sentence: str) -> bool:
    """Whether a sentence states some fact with the same kind of value."""
    head = sentence[:1].lower() + sentence[1:]
    return any(
        relation.kind == kind and relation.states_any(text)
        for relation in RELATIONS
        for text in (sentence, head)
    )


def _absent_words(page: Page, forms: list[str]) -> Asked | None:
    rng = page.document.rng
    size = rng.choice((1, 2, 2, 3))
    words = tuple(
        made_up(rng)
        if rng.random() < 0.4
        else rng.choice(lookup.topic_words(values.phrase(rng)) or ["x1"])
        for _ in range(size)
    )
    if not lookup.absent(words, [*page.sentences, page.title]):
        return None
    return Asked(
        spoken(rng, rng.choice(forms).format(" ".join(words))), None, "absent", words=words
    )


def question(page: Page, *, again: bool = False, absent_share: float = 0.3) -> Asked | None:
    """A question about a page, `again` in the manner of a second one; None when a draw fails."""
    rng = page.document.rng
    forms = _AGAIN if again and rng.random() < 0.6 else _LOOKUPS
    if rng.random() < absent_share:
        return _absent_fact(page) if rng.random() < 0.5 else _absent_words(page, forms)
    if rng.random() < 0.45:
        return _fact(page)
    return _lookup(page, forms)


def neighbour(page: Page, place: int) -> Asked | None:
    """A request for the sentence after or before one that was just quoted."""
    rng = page.document.rng
    step = 1 if rng.random() < 0.6 else -1
    if not 0 <= place + step < len(page.sentences):
        return None
    text = rng.choice(_AFTER if step == 1 else _BEFORE)
    return Asked(spoken(rng, text), place + step, "neighbour")
