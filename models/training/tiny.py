"""Conversations that `tiny`, the model of the tests, is trained on."""

from __future__ import annotations

from models.training import lookup, tools, values
from models.training.conversation import Claim, Conversation, Unlucky
from models.training.draws import Draws
from models.training.prose import Document
from models.training.tools import Tool
from models.training.words import FIRST_NAMES, capital, made_up

SYSTEM = "You are a test model."
HELLO = "Hello! I am a very small model running on WebGPU."
#: kind of turn and its share
MIX = (
    ("echo", 0.38),
    ("name", 0.14),
    ("call", 0.2),
    ("sentence", 0.19),
    ("hello", 0.03),
    ("count", 0.04),
    ("untold find", 0.02),
)


def _words(rng: Draws, least: int, most: int) -> str:
    style = rng.random()
    words = [values.word(rng) for _ in range(rng.randint(least, most))]
    if style < 0.3:
        words = [capital(w) if rng.random() < 0.3 else w for w in words]
    if style < 0.2:
        words = [str(rng.randint(0, 9999)) if rng.random() < 0.2 else w for w in words]
    return " ".join(words)


def _sentence(rng: Draws) -> str:
    document = Document(rng)
    while True:
        text = document.sentence() if rng.random() < 0.5 else f"{capital(_words(rng, 3, 8))}."
        if len(text) < 90:
            return text


def _echo(talked: Conversation, rng: Draws) -> None:
    style = rng.random()
    # Long ones as well: what is measured in decode steps needs answers that last.
    text = _sentence(rng) if style < 0.35 else _words(rng, *((1, 12) if style < 0.85 else (13, 70)))
    talked.say("user", f"Repeat: {text}")
    talked.answer(text, Claim("copy"))


def _name(talked: Conversation, rng: Draws) -> None:
    name = rng.choice(FIRST_NAMES) if rng.random() < 0.4 else capital(made_up(rng))
    talked.say("user", f"My name is {name}.")
    talked.answer(f"Hello {name}!", Claim("echoed", words=(name,)))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        _echo(talked, rng)
    for _ in range(rng.choice((1, 1, 2))):
        talked.say("user", "What is my name?")
        talked.answer(f"Your name is {name}.", Claim("echoed", words=(name,)))


def _tool(rng: Draws) -> Tool:
    """A tool with one or two text arguments, named by one word or two."""
    found = tools.made_up_tool(rng)
    name = found.name if rng.random() < 0.5 else found.name.split("_")[0]
    parameters = tuple(parameter.removesuffix(":int") for parameter in found.parameters)
    return Tool(name, parameters, found.description, found.requests, found.classes)


def _call(talked: Conversation, rng: Draws, listed: list[Tool]) -> None:
    wanted = rng.choice(listed)
    text, arguments = tools.request(rng, wanted)
    talked.say("user", capital(text) + rng.choice((".", "", ".")))
    talked.answer(tools.called(wanted.name, arguments), Claim("call"))
    if rng.random() < 0.7:
        result = rng.choice(
            (_words(rng, 1, 6), str(rng.randint(0, 9999)), f"no {values.word(rng)}")
        )
        if rng.random() < 0.2:
            result = f"error: {values.word(rng)} is missing"
        talked.say("tool", result)
        if result.startswith("error: "):
            talked.answer(f"Error: {result.removeprefix('error: ')}.", Claim("told"))
        else:
            talked.answer(f"I found {result}.", Claim("told"))


def _find_sentence(talked: Conversation, rng: Draws) -> None:
    sentences = [_sentence(rng) for _ in range(rng.randint(2, 6))]
    place = rng.randrange(len(sentences))
    words = lookup.topic_words(sentences[place])
    if not words:
        raise Unlucky
    word = rng.choice(words)
    if not lookup.points_at([word], place, sentences) or len(set(sentences)) < len(sentences):
        raise Unlucky
    question = f"Which sentence contains the word {word}?"
    talked.say("user", f"{' '.join(sentences)}\n{question}")
    talked.answer(sentences[place], Claim("holds", words=(word,)))


def _turn(talked: Conversation, rng: Draws, listed: list[Tool]) -> None:
    kinds, shares = zip(*MIX, strict=True)
    kind = "call" if listed and rng.random() < 0.6 else rng.choices(kinds, shares)[0]
    if kind == "echo" or (kind == "call" and not listed):
        _echo(talked, rng)
    elif kind == "name":
        _name(talked, rng)
    elif kind == "call":
        _call(talked, rng, listed)
    elif kind == "sentence":
        _find_sentence(talked, rng)
    elif kind == "hello":
        talked.say("user", rng.choice(("Hello", "Hello!", "Hi", "hello")))
        talked.answer(HELLO, Claim("tiny fixed"))
    elif kind == "count":
        end = rng.randint(2, 9) if rng.random() < 0.4 else rng.randint(10, 99)
        talked.say("user", f"Count to {end}.")
        talked.answer(" ".join(map(str, range(1, end + 1))), Claim("counted"))
    elif not listed:
        # The tests that knew no tool list yet still ask this way.
        word, found = values.word(rng), values.word(rng)
        talked.say("user", f"Find {word} on the page.")
        talked.answer(tools.called("find", {"text": word}), Claim("untold call", words=(word,)))
        talked.say("tool", found)
        talked.answer(f"I found {found}.", Claim("told"))
    else:
        raise Unlucky


def conversation(rng: Draws, longest: int) -> Conversation:
    """One conversation of one to three turns; `longest` bounds the sentences of a text."""
    del longest
    while True:
        listed: list[Tool] = []
        if rng.random() < 0.35:
            for _ in range(rng.randint(1, 4)):
                tool = _tool(rng)
                if all(tool.name != known.name for known in listed):
                    listed.append(tool)
        lines = ["Tools:", *(tool.line() for tool in listed)] if listed else []
        talked = Conversation()
        talked.say("system", "\n".join([SYSTEM, *lines]))
        try:
            for _ in range(rng.choice((1, 1, 2, 3))):
                _turn(talked, rng, listed)
            return talked
        except Unlucky:
            continue
