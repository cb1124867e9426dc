"""Names, numbers, dates, addresses and identifiers: what facts are about, hard to copy."""

from __future__ import annotations

from models.training.draws import Draws
from models.training.words import (
    DAYS,
    DOMAINS,
    FIRST_NAMES,
    MONTHS,
    NOUNS,
    SMALL,
    VERBS,
    capital,
    made_up,
)

#: characters of real pages that no grammar of words brings
SIGNS = (
    "— – ’ “ ” … • × ° é ü ñ © ® ™ → « » è ç ß ø ł µ € ✓ ≤ α Ж 中 文 日 א ع ½ ′ "
    "🙂 🚀 ✨ 👍 ☕ 🎉 🙏 😀 🔥 ❤"
).split()


def word(rng: Draws) -> str:
    """A noun, real or made up."""
    return rng.choice(NOUNS) if rng.random() < 0.5 else made_up(rng)


def person(rng: Draws) -> str:
    """First and last name, at times with a title or an initial."""
    first = rng.choice(FIRST_NAMES) if rng.random() < 0.5 else capital(made_up(rng))
    last = capital(word(rng))
    style = rng.random()
    if style < 0.15:
        return f"{rng.choice(('Mr', 'Mrs', 'Dr', 'Professor'))} {last}"
    return f"{first} {rng.choice('ABCDEFGHKLM')}. {last}" if style < 0.25 else f"{first} {last}"


def place(rng: Draws) -> str:
    """A made-up town or region."""
    ending = rng.choice(("", "", "", "ville", "ton", "burg", "stad", " Bay", " Hills", " Falls"))
    return capital(made_up(rng)) + ending


def organisation(rng: Draws) -> str:
    """A company, club or institute."""
    kinds = "Institute University Group Labs Museum Foundation Society Company Library Club".split()
    name = capital(made_up(rng))
    return f"{name} {rng.choice(kinds)}" if rng.random() < 0.7 else name + capital(word(rng))


def identifier(rng: Draws) -> str:
    """A name as programs have them."""
    style = rng.random()
    if style < 0.25:
        return rng.choice("_.-").join(word(rng) for _ in range(rng.randint(2, 3)))
    if style < 0.45:
        return "".join(capital(word(rng)) for _ in range(rng.randint(2, 3)))
    if style < 0.6:
        return f"{rng.choice(VERBS)}_{word(rng)}()"
    if style < 0.7:
        return f"--{word(rng)}-{made_up(rng)}"
    if style < 0.8:
        return f"lib{made_up(rng)}{rng.choice(('', '-dev', str(rng.randint(1, 9))))}"
    if style < 0.9:
        return "".join(rng.choices("abcdefxyz0123456789ABCDXYZ_-", k=rng.randint(3, 10)))
    return "/" + "/".join(made_up(rng) for _ in range(rng.randint(2, 3)))


def thing(rng: Draws) -> str:
    """A named product, building, work or program."""
    style = rng.random()
    name = capital(made_up(rng))
    if style < 0.35:
        return name
    if style < 0.55:
        return f"{name} {rng.choice(('Pro', 'Mini', 'II', 'Plus', str(rng.randint(2, 99))))}"
    if style < 0.85:
        return f"the {name} {rng.choice(NOUNS)}"
    return identifier(rng)


def number(rng: Draws) -> str:
    """A quantity in figures or words."""
    style = rng.random()
    if style < 0.4:
        return str(rng.randint(2, 99))
    if style < 0.6:
        return str(rng.randint(100, 9999))
    if style < 0.72:
        return f"{rng.randint(1, 999)},{rng.randint(0, 999):03d}"
    if style < 0.84:
        return f"{rng.randint(0, 99)}.{rng.randint(0, 99)}"
    return rng.choice(SMALL)


def date(rng: Draws) -> str:
    """A day, month or year in one of the usual forms."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1400, 2040)
    return rng.choice(
        (
            f"{day} {MONTHS[month - 1]} {year}",
            f"{MONTHS[month - 1]} {day}, {year}",
            f"{rng.choice(DAYS)}, {day} {MONTHS[month - 1]}",
            f"{year}-{month:02d}-{day:02d}",
            str(year),
            str(year),
        )
    )


def clock(rng: Draws) -> str:
    """A time of day."""
    if rng.random() < 0.6:
        return f"{rng.randint(0, 23)}:{rng.choice(('00', '15', '30', '40', '55'))}"
    return f"{rng.randint(1, 12)} {rng.choice(('am', 'pm', 'o’clock'))}"


def money(rng: Draws) -> str:
    """An amount with its currency."""
    form = rng.choice(("${}", "{} euros", "£{}", "{} dollars", "€{}", "{} crowns", "{} pounds"))
    return form.format(number(rng) if rng.random() < 0.5 else rng.randint(2, 999))


def version(rng: Draws) -> str:
    """A version number."""
    return ".".join(str(rng.randint(0, 20)) for _ in range(rng.randint(2, 3)))


def address(rng: Draws) -> str:
    """A web address."""
    start = rng.choice(("https://", "https://www.", "www.", ""))
    path = f"/{made_up(rng)}" if rng.random() < 0.4 else ""
    return f"{start}{made_up(rng)}.{rng.choice(DOMAINS)}{path}"


def mail(rng: Draws) -> str:
    """A mail address."""
    return f"{made_up(rng)}@{made_up(rng)}.{rng.choice(DOMAINS)}"


def phrase(rng: Draws) -> str:
    """One to five words as people put them into notes, searches and lists."""
    style = rng.random()
    if style < 0.15:
        return person(rng)
    if style < 0.25:
        return identifier(rng)
    if style < 0.35:
        return f"{word(rng)} {number(rng)}"
    if style < 0.42:
        return f"{rng.choice(SIGNS)} {word(rng)}"
    if style < 0.5:
        return place(rng)
    words = [word(rng) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.3:
        words = [rng.choice(VERBS), rng.choice(("the", "a", "my")), *words[:2]]
    return " ".join(map(capital, words)) if rng.random() < 0.2 else " ".join(words)
