"""Long sentences on skeletons of common English: many small words, and the same ones again.

Copying goes wrong where a page repeats itself ("of the", "if it is"), which sentences of invented
words alone never do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.training import values
from models.training.words import ADVERBS, gerund, made_up, past, plural

if TYPE_CHECKING:
    from models.training.prose import Document

#: {C} clause, {N} noun phrase, {n} noun, {p} plural, {a} adjective, {v} verb, {d} its past, {g} its
#: -ing form, {b} adverb, {F} name of the page's family, {I} identifier, {X} number, {P} person
FRAMES = """
if {C}, {C};if {N} is not {a}, {N} is used instead;when {C}, it is not possible to {v} {N}
this is because {C};it is {a} to {v} {N} before {C};there is no need to {v} {N} if it is already {a}
{N} which is {a} or {a} is {d} by {N};{N} that was {d} in {N} can be {d} again with {N}
the {n} of the {n} in the {n} is {a}, and so is that of the {n};{C}, which means that {C}
it can be used to {v} {N}, to {v} {N}, or to {v} the {n} of {N};as soon as {C}, {C}
in order to {v} {N}, {v} {N} first and then {v} the {n};{N} is either {a} or {a}, but not both
unlike {N}, {N} does not {v} {N} unless it has been {d};although {C}, {C}
the first of the {p} is the {n}, and the second is the {n} of {N};{C} (see {N})
each of the {p} has a {n} of its own, so that {C};by {g} {N}, it is possible to {v} {N}
{N} should only be {d} if {C}, because otherwise {C};not all of the {p} are {a}, but most are
the {n} that is {d} by the {n} is the same as the {n} that is {d} by {N};where {C}, {C}
it is up to {N} to decide if {C};in this case, {N} is {d} as if it were {N};while {C}, {C}
if {F} is given, {N} is {d} as {N}, else as {N};{F} and {F} are both {d} when {C}
the value of {F} must be one of {F}, {F} or {F};{F}({F}, {F}={X}) is {d} after {F}({F})
with {I} set to {X}, {N} is {d};{I} is the {n} of {I}, or {X} if there is none
a {n} is a {n} of {p} that are {d} by the {n} of the {n};neither {N} nor {N} is {a} enough to {v} it
what is {d} here is not the {n} but the {n};there are {X} {p}, of which {X} are {a}
{P} said that {C}, and that it was not {a} to {v} {N};according to {P}, {C}, but {C}
after {X} years in {N}, {P} {d} the {n} and the {n} of {N};for {P}, {N} was more {a} than {N}
it was the {n} of the {n} that {d} {N}, not {N};the more {a} {N} is, the less {a} it is to {v} {N}
{N} has been {d} since {C};from the {n} to the {n} and from the {n} to the {n}, {C}
at the end of the {n}, {C}, and at the end of the {n}, {C};to be {a}, {N} has to be {d} by {N}
do not {v} {N} when {C}, as this would {v} {N};you may want to {v} {N} so that you can {v} {N}
as of {X}, {N} is no longer {d}, so {v} {N} instead;that {C} does not mean that {C}
such {p} are {d} in {N} or in {N}, as in the {n} of {N};it is also {d} that {C}, even if {C}
one or more of {p}, {p} and {p} are needed for {N};the same is true of {N} and of {N}
there was a {n} on the {n} of the {n}, and a {n} in the {n};either of them can {v} the other
"""
_LIST = [frame for line in FRAMES.strip().splitlines() for frame in line.split(";")]
_JOINS = (", and ", ", but ", "; ", ", so ", ", or ", " - ", ": ", ", as ", ", since ")
_SLOT = re.compile(r"\{([A-Za-z])\}")


def framed(document: Document) -> str:
    """A sentence of 8 to 40 words without capital and final mark."""
    rng = document.rng

    def noun() -> str:
        return rng.choice(document.nouns)

    def verb() -> str:
        return rng.choice(document.verbs)

    fill: dict[str, Callable[[], str]] = {
        "C": document.clause,
        "N": lambda: document.noun_phrase(1),
        "n": noun,
        "p": lambda: plural(noun()),
        "a": lambda: rng.choice(document.adjectives),
        "v": verb,
        "d": lambda: past(verb()),
        "g": lambda: gerund(verb()),
        "b": lambda: rng.choice(ADVERBS),
        "F": lambda: rng.choice(document.family),
        "I": lambda: values.identifier(rng),
        "X": lambda: values.number(rng),
        "P": lambda: values.person(rng),
    }
    text = rng.choice(_LIST)
    if rng.random() < 0.3:
        text += rng.choice(_JOINS) + rng.choice(_LIST)
    return _SLOT.sub(lambda found: fill[found[1]](), text)


def salad(document: Document) -> str:
    """Words without grammar: nothing foresees the next one, so it has to be copied."""
    rng = document.rng
    pick: tuple[Callable[[], str], ...] = (
        document.noun,
        document.noun,
        lambda: rng.choice(("the", "of", "to", "and", "a", "in", "is", "it", "or", "not", "be")),
        lambda: rng.choice(("the", "of the", "to the", "in the", "is a", "as a", "for the")),
        lambda: rng.choice(document.family),
        lambda: made_up(rng),
        lambda: rng.choice(document.adjectives),
        lambda: values.number(rng),
    )
    return " ".join(rng.choice(pick)() for _ in range(rng.randint(4, 26)))


def code(document: Document) -> str:
    """A line as documentation has them: a call, a setting, a row of a table."""
    rng = document.rng
    first, second, third = (rng.choice(document.family) for _ in range(3))
    amount = values.number(rng)
    return rng.choice(
        (
            f"{first}({second}, {third}=None, *, {values.identifier(rng)}={amount})",
            f"{first}: {second} ({amount}), {third}",
            f"{first} = {second}[{amount}].{third}()",
            f"{first} | {second} | {amount} | {document.noun()}",
            f"{first} {second} {third} -- {document.clause()}",
            f"{values.address(rng)} {first}={amount}&{second}={third}",
        )
    )
