"""Conversations that `starter` is trained on."""

from __future__ import annotations

from models.training import replies, requests, summaries, talk, tools, values
from models.training.conversation import Claim, Conversation, Unlucky
from models.training.draws import Draws
from models.training.pages import Page, page
from models.training.requests import Asked
from models.training.tools import Tool
from models.training.truth import RESULT_RULES, after_result

#: kind of conversation and its share
MIX = (
    ("page", 0.56),
    ("reading", 0.09),
    ("action", 0.18),
    ("no tool", 0.03),
    ("talk", 0.09),
    ("no page", 0.015),
    ("copy", 0.035),
)


def system(offered: list[Tool]) -> str:
    """The system text with its tool lines."""
    lines = ["Tools:", *(tool.line() for tool in offered)] if offered else []
    return "\n".join([replies.SYSTEM, *lines])


def _claim(asked: Asked) -> Claim:
    return Claim(
        asked.kind,
        asked.words,
        asked.relation,
        asked.entity,
        -1 if asked.place is None else asked.place,
    )


def _asked(shown: Page, *, again: bool) -> Asked:
    for _ in range(10):
        if found := requests.question(shown, again=again):
            return found
    raise Unlucky


def _by_place(shown: Page) -> Asked:
    """First, last, numbered: questions about the order itself."""
    rng = shown.document.rng
    last = len(shown.sentences) - 1
    place = rng.choice((0, last, rng.randint(0, last)))
    if place == 0 and rng.random() < 0.5:
        text = rng.choice(("what is the first sentence", "how does it start", "the first line"))
    elif place == last and rng.random() < 0.5:
        text = rng.choice(("what is the last sentence", "how does it end", "the last line"))
    elif shown.numbered:
        text = rng.choice((f"quote sentence {place + 1}", f"what does [{place + 1}] say"))
    else:
        raise Unlucky
    return Asked(requests.spoken(rng, text), place, "place")


def _page_answer(
    talked: Conversation, shown: Page, lead: str, before: int | None, *, again: bool
) -> int | None:
    """One request about a page with its answer; returns the quoted place, None without one.

    `lead` stands before the request; `before` is the place quoted last.
    """
    rng = shown.document.rng
    style = rng.random()
    if style < 0.27:
        text, count = requests.summary(rng)
        places = summaries.chosen(shown, count)
        if not places:
            raise Unlucky
        talked.say("user", lead + text)
        bullets = "\n".join(f"- {shown.quoted(place)}" for place in places)
        talked.answer(bullets, Claim("bullets", count=count))
        return None
    if style < 0.31 and shown.title:
        text = rng.choice(("what is the title", "title of this page", "what is the page called"))
        talked.say("user", lead + requests.spoken(rng, text))
        talked.answer(shown.title, Claim("title"))
        return None
    asked: Asked | None = None
    if style < 0.37:
        asked = _by_place(shown)
    elif before is not None and style < 0.55:
        asked = requests.neighbour(shown, before)
    asked = asked or _asked(shown, again=again)
    talked.say("user", lead + asked.text)
    quoted = replies.NOT_ON_PAGE if asked.place is None else shown.quoted(asked.place)
    talked.answer(quoted, _claim(asked))
    return asked.place


def _call(talked: Conversation, rng: Draws, tool: Tool, text: str | None = None) -> None:
    """A request, the call, a result and the answer to it."""
    spoken, arguments = tools.request(rng, tool) if text is None else (text, {})
    if text is None:
        spoken = _typed(rng, spoken)
    talked.say("user", spoken)
    talked.answer(tools.called(tool.name, arguments), Claim("call"))


def _typed(rng: Draws, text: str) -> str:
    """A request for an action as somebody types it; the arguments in it stay as they are."""
    if rng.random() < 0.3:
        text = rng.choice(("please ", "can you ", "could you ", "ok, ", "now ", "hey, ")) + text
    elif rng.random() < 0.6:
        text = text[:1].upper() + text[1:]
    return text + rng.choice(("", "", "", ".", " please", "?", ", please", "!"))


def _result(talked: Conversation, rng: Draws) -> None:
    """A tool's result and the answer that follows from it."""
    style = rng.choice(RESULT_RULES)
    drawn = [values.phrase(rng) for _ in range(rng.randint(1, 6))]
    result = {
        "done": lambda: rng.choice(("ok", "done", "saved", "added", '{"ok": true}')),
        "error": lambda: (
            f"error: {values.phrase(rng)} {rng.choice(('is missing', 'failed', 'was not found'))}"
        ),
        "empty": lambda: "[]",
        "nothing": lambda: rng.choice(("no results", "nothing found")),
        "list": lambda: "\n".join(f"{n}. {text}" for n, text in enumerate(drawn, 1)),
        "number": lambda: str(rng.randint(0, 10 ** rng.randint(1, 6))),
        "text": lambda: " ".join(drawn[:3]),
    }[style]()
    talked.say("tool", result)
    talked.answer(after_result(result), Claim("result"))


def _about_page(rng: Draws, longest: int) -> Conversation:
    shown = page(rng, most=longest)
    offered = tools.offered(rng, [], 4) if rng.random() < 0.45 else []
    talked = Conversation()
    talked.say("system", system(offered))
    place = _page_answer(talked, shown, shown.block() + "\n", None, again=False)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        actions = [tool for tool in offered if tool.requests]
        if actions and rng.random() < 0.15:
            _call(talked, rng, rng.choice(actions))
            _result(talked, rng)
            place = None
        elif rng.random() < 0.07:
            text, reply = talk.small_talk(rng)
            talked.say("user", text)
            talked.answer(reply, Claim("fixed"))
            place = None
        else:
            place = _page_answer(talked, shown, "", place, again=True)
    return talked


def _reading(rng: Draws, longest: int) -> Conversation:
    """No page yet, but a tool that reads it: call it, then answer from its result."""
    reader = rng.choice(tools.READERS)
    wanted = tools.renamed(rng, reader)
    offered = tools.offered(rng, [wanted], 5)
    if sum(tool.description in {r.description for r in tools.READERS} for tool in offered) > 1:
        raise Unlucky
    shown = page(rng, most=min(longest, 30))
    shown.tag = "selection" if reader.name == "read_selection" else "page"
    talked = Conversation()
    talked.say("system", system(offered))
    draft = Conversation()
    _page_answer(draft, shown, "", None, again=False)
    asked, answer = draft.messages
    where = {"read_page": "on this page", "read_selection": "in my selection"}[reader.name]
    lead = rng.choice((f"{where}: ", f"look {where}, ", f"{where}, "))
    if answer.claim is not None and answer.claim.rule == "bullets" and shown.tag == "page":
        lead = ""
    _call(talked, rng, wanted, lead + asked.text)
    talked.say("tool", shown.block())
    talked.messages.append(answer)
    return talked


def _action(rng: Draws) -> Conversation:
    known = rng.random() < 0.35
    wanted = tools.renamed(rng, rng.choice(tools.ACTIONS)) if known else tools.made_up_tool(rng)
    offered = tools.offered(rng, [wanted])
    talked = Conversation()
    talked.say("system", system(offered))
    if rng.random() < 0.12:
        text, reply = talk.small_talk(rng)
        talked.say("user", text)
        talked.answer(reply, Claim("fixed"))
    _call(talked, rng, wanted)
    if rng.random() < 0.7:
        _result(talked, rng)
    return talked


def _no_tool(rng: Draws) -> Conversation:
    """A request for which no listed tool fits: they share no word with it."""
    missing = rng.choice(tools.ACTIONS)
    text, _ = tools.request(rng, missing)
    words = requests.lookup.stems(f"{text} {missing.description}")
    offered = [
        tool
        for tool in tools.offered(rng, [], 6)
        if not requests.lookup.stems(tool.line()) - {"a", "the", "of", "in", "to"} & words
    ]
    if not offered:
        raise Unlucky
    talked = Conversation()
    talked.say("system", system(offered))
    talked.say("user", _typed(rng, text))
    talked.answer(replies.NO_TOOL, Claim("fixed"))
    return talked


def _talk(rng: Draws) -> Conversation:
    offered = tools.offered(rng, [], 6) if rng.random() < 0.5 else []
    talked = Conversation()
    talked.say("system", system(offered))
    for _ in range(rng.randint(1, 3)):
        text, reply = talk.small_talk(rng) if rng.random() < 0.7 else talk.open_question(rng)
        if reply == replies.LIMIT and offered:
            continue
        talked.say("user", text)
        talked.answer(reply, Claim("fixed"))
    if len(talked.messages) == 1:
        raise Unlucky
    return talked


def _no_page(rng: Draws) -> Conversation:
    text = requests.summary(rng)[0]
    if rng.random() < 0.3:
        text = rng.choice(("what is on this page", "read this page", "what does the page say"))
    talked = Conversation()
    talked.say("system", system([]))
    talked.say("user", text)
    talked.answer(replies.NO_PAGE, Claim("fixed"))
    return talked


def _copy(rng: Draws) -> Conversation:
    """Plain copying, the skill under all others."""
    drawn = (values.phrase, values.identifier, values.number, values.person, values.address)
    words = [rng.choice(drawn)(rng) for _ in range(rng.randint(2, 16))]
    if rng.random() < 0.3:
        words = ["".join(chr(rng.randint(0xA1, 0x17F)) for _ in range(4)) for _ in words]
    text = " ".join(words).replace("<", "(")
    talked = Conversation()
    talked.say("system", system([]))
    talked.say("user", rng.choice(("Repeat: ", "Copy: ", "Say again: ", "Repeat exactly: ")) + text)
    talked.answer(text, Claim("copy"))
    return talked


def conversation(rng: Draws, longest: int = 80) -> Conversation:
    """One conversation; `longest` is the most sentences a page may have."""
    kinds, shares = zip(*MIX, strict=True)
    while True:
        kind = rng.choices(kinds, shares)[0]
        try:
            if kind == "page":
                return _about_page(rng, longest)
            if kind == "reading":
                return _reading(rng, longest)
            made = {
                "action": _action,
                "no tool": _no_tool,
                "talk": _talk,
                "no page": _no_page,
                "copy": _copy,
            }[kind]
            return made(rng)
        except Unlucky:
            continue
