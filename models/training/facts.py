"""Facts of named kinds: a statement, and questions that ask for it in other words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from models.training import values
from models.training.draws import Draws
from models.training.prose import OPENERS, Document
from models.training.words import VERBS, capital

#: kind of value | statements | questions; {E} is what the fact is about, {V} its value
TABLE = """
person|{E} was founded by {V}.;{V} founded {E}.;{V} started {E} with two friends.|who founded {E};who started {E};who set up {E};who is behind {E};whose idea was {E}
person|{E} was designed by {V}.;The design of {E} comes from {V}.|who designed {E};who made the design of {E};who drew {E}
person|{E} was written by {V}.;{V} is the author of {E}.|who wrote {E};who is the author of {E};by whom is {E}
person|{E} is led by {V}.;{V} is the director of {E}.;{V} runs {E}.|who leads {E};who is in charge of {E};who is the head of {E}
person|{E} was discovered by {V}.;{V} discovered {E}.;{V} was the first to see {E}.|who discovered {E};who found {E};who saw {E} first
person|{E} was repaired by {V}.;{V} restored {E}.|who repaired {E};who restored {E};who fixed {E}
person|{E} was won by {V}.;The winner of {E} was {V}.|who won {E};who came first in {E}
person|{E} was painted by {V}.;{V} painted {E}.|who painted {E};whose painting is {E}
person|{E} was given by {V}.;{V} donated {E}.|who gave {E};who donated {E};where does the gift of {E} come from
date|{E} was founded in {V}.;{E} was established in {V}.;{E} has existed since {V}.|when was {E} founded;when did {E} begin;since when does {E} exist;in which year was {E} set up
date|{E} was built in {V}.;The building of {E} ended in {V}.|when was {E} built;in which year was {E} put up;how old is {E}
date|{E} was released on {V}.;{E} came out in {V}.|when was {E} released;when did {E} come out;when did {E} appear
date|{E} closed in {V}.;{E} was shut in {V}.|when did {E} close;when was {E} shut
date|The deadline for {E} is {V}.;{E} must be finished by {V}.|when is the deadline for {E};until when can I do {E};by when must {E} be done
date|{E} takes place on {V}.;The next {E} starts on {V}.;{E} will be held on {V}.|when does {E} take place;when is {E};on what day is {E};when will {E} be held
place|{E} is located in {V}.;{E} stands in {V}.;{E} lies near {V}.|where is {E};where is {E} located;in which town is {E};where can I find {E}
place|{E} was born in {V}.;{E} grew up in {V}.;{E} comes from {V}.|where was {E} born;where does {E} come from;where did {E} grow up
place|{E} leaves from {V}.;{E} departs from {V}.|where does {E} leave from;where does {E} start
money|{E} costs {V}.;The price of {E} is {V}.;You can buy {E} for {V}.|how much does {E} cost;what is the price of {E};how much is {E};what do I pay for {E}
money|The rent of {E} is {V} a month.;{E} is let for {V}.|what is the rent of {E};how much is {E} a month
money|{E} received {V} in funding.;The budget of {E} was {V}.|what was the budget of {E};how much money did {E} get
money|{E} was sold for {V}.;Someone bought {E} for {V}.|for how much was {E} sold;what did {E} cost when it was sold
number|{E} has {V} members.;{V} people belong to {E}.|how many members does {E} have;how many people belong to {E};how large is {E}
number|{E} employs {V} people.;{V} people work at {E}.|how many people work at {E};how many employees does {E} have
number|{E} weighs {V} kilograms.;The weight of {E} is {V} grams.|how heavy is {E};how much does {E} weigh;what is the weight of {E}
number|{E} is {V} metres tall.;{E} has a height of {V} metres.|how tall is {E};what is the height of {E};how high is {E}
number|{E} is {V} kilometres long.;{E} has a length of {V} miles.|how long is {E};what is the length of {E}
number|{E} lasts {V} minutes.;{E} takes about {V} hours.|how long does {E} take;how long does {E} last;what is the duration of {E}
number|{E} has {V} inhabitants.;{V} people live in {E}.|what is the population of {E};how many people live in {E}
number|{E} holds {V} visitors.;There is room for {V} people in {E}.|how many people fit into {E};how big is {E}
number|{E} keeps for {V} days.;{E} stays fresh for {V} days.|how long does {E} keep;how long does {E} stay fresh
version|The current version of {E} is {V}.;{E} {V} is the newest version.|what is the current version of {E};which version of {E} is newest
material|{E} is made of {V}.;{E} was built from {V}.|what is {E} made of;what material is {E}
colour|{E} is painted {V}.;The colour of {E} is {V}.|what colour is {E};what color does {E} have
purpose|{E} is used to {V}.;The purpose of {E} is to {V}.;{E} helps to {V}.|what is {E} used for;what does {E} do;what is {E} good for;why do people use {E}
cause|{E} was closed because of {V}.;{E} failed due to {V}.|why did {E} fail;why was {E} closed;what was the reason for the end of {E}
mail|Contact {E} at {V}.;You can reach {E} at {V}.|how can I contact {E};how do I reach {E};what is the mail address of {E}
address|The website of {E} is {V}.;{E} can be downloaded from {V}.|what is the website of {E};where can I download {E};where do I get {E}
hours|{E} opens at {V}.;{E} is open from {V}.|when does {E} open;at what time does {E} open;from when is {E} open
hours|{E} arrives at {V}.;The arrival of {E} is at {V}.|when does {E} arrive;at what time is {E} there
day|{E} is closed on {V}.;There is no {E} on {V}.|when is {E} closed;on which days is there no {E}
need|{E} requires {V}.;To use {E} you need {V}.;Please bring {V} to {E}.|what does {E} require;what do I need for {E};what must I bring to {E}
system|{E} runs on {V}.;{E} works with {V}.|which systems does {E} run on;what does {E} work with
owner|{E} belongs to {V}.;{E} is owned by {V}.;{V} owns {E}.|who owns {E};who does {E} belong to;whose is {E}
meaning|{E} stands for {V}.;{E} means {V}.|what does {E} mean;what does {E} stand for
default|The default value of {E} is {V}.;By default, {E} is set to {V}.|what is the default of {E};what does {E} default to
result|{E} returns {V}.;The result of {E} is {V}.|what does {E} return;what do I get from {E}
food|{E} contains {V}.;{E} is cooked with {V}.;{E} eats {V}.|what is in {E};what is {E} cooked with;what does {E} eat
fear|The main enemy of {E} is {V}.;{V} is a danger to {E}.|what is a danger to {E};who is the enemy of {E};what threatens {E}
allowed|{E} is allowed in {V} only.;{E} may be used in {V}.|where is {E} allowed;where may I use {E}
forbidden|{E} must not be used in {V}.;{E} is banned from {V}.|where is {E} banned;where must I not use {E}
"""  # noqa: E501


@dataclass(frozen=True)
class Relation:
    """One row of the table."""

    kind: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]

    def states(self, entity: str, sentence: str) -> bool:
        """Whether a sentence says this of the entity, in any wording the generator has."""
        for statement in self.statements:
            pattern = re.escape(capital(statement.rstrip(".")))
            pattern = pattern.replace(r"\{E\}", re.escape(entity)).replace(r"\{V\}", ".+?")
            if re.search(pattern, sentence, re.IGNORECASE):
                return True
        return False

    def states_any(self, sentence: str) -> bool:
        """Whether a sentence has the form of one of the statements, about anything."""
        fixed = [re.split(r"\{[EV]\}", statement) for statement in self.statements]
        longest = [max(parts, key=len).strip(" .") for parts in fixed]
        return any(len(part) > 3 and part in sentence for part in longest)


def _relations() -> tuple[Relation, ...]:
    rows = (line.split("|") for line in TABLE.strip().splitlines())
    return tuple(Relation(kind, tuple(s.split(";")), tuple(q.split(";"))) for kind, s, q in rows)


RELATIONS = _relations()
_WORDS = {
    "material": "wood stone glass steel paper clay bronze wool concrete copper straw tin".split(),
    "colour": "red green blue yellow black white grey brown orange purple pink silver".split(),
    "day": "Mondays,Tuesdays,Sundays,public holidays,Saturdays,Fridays,market days".split(","),
    "system": "Linux,Windows,Android,macOS,old phones,any browser,tablets".split(","),
}
_DRAWN: dict[str, Callable[[Draws], str]] = {
    "person": values.person,
    "date": values.date,
    "place": values.place,
    "money": values.money,
    "number": values.number,
    "version": values.version,
    "mail": values.mail,
    "address": values.address,
    "hours": values.clock,
    "owner": values.organisation,
}


def _value(kind: str, document: Document) -> str:
    rng = document.rng
    if kind in _WORDS:
        return rng.choice(_WORDS[kind])
    if kind in _DRAWN:
        return _DRAWN[kind](rng)
    if kind == "purpose":
        return f"{rng.choice(VERBS)} {document.noun_phrase(1)}"
    return document.noun_phrase(1)


@dataclass(frozen=True)
class Fact:
    """A stated fact."""

    relation: Relation
    entity: str
    sentence: str


def fact(document: Document, relation: Relation | None = None) -> Fact:
    """A fact about one of the document's names; the tail after the statement varies."""
    rng = document.rng
    chosen = relation or rng.choice(RELATIONS)
    entity = rng.choice(document.names)
    statement = rng.choice(chosen.statements)
    text = statement.replace("{E}", entity).replace("{V}", _value(chosen.kind, document))
    if rng.random() < 0.45:
        tail = rng.choice(
            (
                f" {document.adverbial()}",
                f", according to {values.person(rng)}",
                f", {rng.choice(('and', 'but', 'so', 'while', 'although'))} {document.clause()}",
                f", which is {rng.choice(document.adjectives)} for {document.noun_phrase(1)}",
                f" ({document.noun_phrase(1)})",
            )
        )
        text = f"{text[:-1]}{tail}."
    if rng.random() < 0.15 and text.startswith((entity, "The ", "You ", "There ")):
        plain = text if text.startswith(entity) else text[:1].lower() + text[1:]
        text = rng.choice((*OPENERS, f"As {document.clause()}, ")) + plain
    return Fact(chosen, entity, capital(text))
