"""Checks a conversation from its messages alone: what is not true never trains a model."""

from __future__ import annotations

import json
import re

from models.training import lookup, replies
from models.training.conversation import Claim, Conversation, Message
from models.training.facts import RELATIONS

RESULT_RULES = ("done", "error", "empty", "nothing", "list", "number", "text", "done", "text")
_BLOCK = re.compile(r"<(page|selection|document)>\n(.*?)\n</\1>", re.DOTALL)
_NUMBERED = re.compile(r"\[(\d+)\] (.*)")
_TOOL = re.compile(r"- ([^\s(]+)\((.*?)\): .+")
_CALL = re.compile(r"<tool_call>(.*)</tool_call>", re.DOTALL)
_TINY = ("echoed", "told", "holds", "untold call", "counted", "tiny fixed")
_FIXED = {
    value for name, value in vars(replies).items() if name.isupper() and isinstance(value, str)
}


def after_result(result: str) -> str:
    """The answer that follows from a tool's result; one rule, for training and for checking."""
    if result in ("ok", "done", "saved", "added", '{"ok": true}'):
        return replies.DONE
    if result.startswith("error: "):
        return f"{replies.FAILED}{result.removeprefix('error: ').rstrip('.')}."
    if result == "[]":
        return replies.EMPTY_LIST
    if result in ("no results", "nothing found"):
        return replies.NOTHING_FOUND
    if re.match(r"\d+\. ", result):
        return "\n".join("- " + re.sub(r"^\d+\. ", "", line) for line in result.split("\n"))
    return f"The result is {result}." if re.fullmatch(r"\d+", result) else result


def _quoted(answer: str, body: str) -> str | None:
    """The sentence that an answer quotes verbatim from a page's body, None when it does not."""
    if answer in body.split("\n"):
        found = _NUMBERED.fullmatch(answer)
        return found[2] if found else answer
    ends = rf"(?:^|[ \n]){re.escape(answer)}(?:$|[ \n])"
    return answer if not _NUMBERED.match(answer) and re.search(ends, body) else None


def _others(sentence: str, body: str) -> str:
    """The body without the sentence."""
    return body.replace(sentence, "\n", 1)


def _lines(text: str) -> list[str]:
    return [re.sub(r"^\[\d+\] ", "", line) for line in text.split("\n") if line]


def _page_wrong(claim: Claim, request: str, answer: str, body: str, title: str) -> str | None:
    """What is wrong with an answer about a page; None when nothing is."""
    if claim.rule in ("absent", "absent fact"):
        if answer != replies.NOT_ON_PAGE:
            return "does not say that the page does not say"
        if claim.rule == "absent" and not lookup.absent(claim.words, [body, title]):
            return "the page holds the words"
        if claim.rule == "absent fact" and any(
            RELATIONS[claim.relation].states(claim.entity, line) for line in _lines(body)
        ):
            return "the page states it"
        return None
    sentence = _quoted(answer, body)
    if sentence is None:
        return "is not verbatim"
    rest = _others(sentence, body)
    if claim.rule == "words":
        if not all(word.lower() in request.lower() for word in claim.words):
            return "asks for other words"
        if not {lookup.stem(word) for word in claim.words} <= lookup.stems(sentence):
            return "the sentence lacks a word"
        if any(
            {lookup.stem(word) for word in claim.words} <= lookup.stems(line)
            for line in _lines(rest)
            if _NUMBERED.search(body)
        ):
            return "another sentence holds the words"
    if claim.rule == "fact":
        relation = RELATIONS[claim.relation]
        if not relation.states(claim.entity, sentence):
            return "the sentence does not state it"
        if any(relation.states(claim.entity, line) for line in _lines(rest)):
            return "another sentence states it too"
    return None


def _bullets_wrong(claim: Claim, answer: str, body: str) -> str | None:
    lines = answer.split("\n")
    if not all(line.startswith("- ") for line in lines) or len(set(lines)) < len(lines):
        return "bullets are no bullets or come twice"
    if claim.count is not None and len(lines) > claim.count:
        return "more bullets than asked for"
    places = []
    for line in lines:
        if _quoted(line[2:], body) is None:
            return "a bullet is not verbatim"
        places.append(body.index(line[2:]))
    return None if places == sorted(places) else "bullets out of order"


def _call_wrong(answer: str, request: str, system: str) -> str | None:
    found = _CALL.fullmatch(answer)
    if not found:
        return "is no call"
    call = json.loads(found[1])
    listed = {m[1]: m[2] for m in map(_TOOL.fullmatch, system.split("\n")) if m}
    if call["name"] not in listed:
        return "calls a tool that is not listed"
    names = [p.split(":")[0] for p in filter(None, listed[call["name"]].split(", "))]
    if list(call["arguments"]) != names:
        return "other arguments than the tool's"
    missing = [v for v in call["arguments"].values() if str(v).lower() not in request.lower()]
    return f"{missing} is not in the request" if missing else None


def _tiny_wrong(claim: Claim, answer: str, before: list[Message]) -> str | None:
    """What is wrong with an answer of `tiny`'s own kinds."""
    said = [message.text for message in before]
    if claim.rule == "echoed":
        told = [text for text in said if text == f"My name is {claim.words[0]}."]
        others = [text for text in said if text.startswith("My name is ")]
        return None if told and told[-1] == others[-1] else "is not the name told last"
    if claim.rule == "told":
        return None if said[-1].removeprefix("error: ") in answer else "lacks the result"
    if claim.rule == "holds":
        text, _, question = said[-1].partition("\n")
        word = claim.words[0]
        held = lookup.stem(word) in lookup.stems(answer) and answer in text
        again = lookup.stem(word) in lookup.stems(_others(answer, text))
        return None if held and not again and f" {word}?" in question else "does not hold the word"
    if claim.rule == "untold call":
        call = _CALL.fullmatch(answer)
        fits = call and json.loads(call[1])["arguments"]["text"] == claim.words[0]
        return None if fits and claim.words[0] in said[-1] else "is another call"
    if claim.rule == "counted":
        end = int(said[-1].removeprefix("Count to ").rstrip("."))
        return None if [int(n) for n in answer.split()] == [*range(1, end + 1)] else "miscounts"
    return None if said[-1].lower().startswith(("hello", "hi")) else "greets nobody"


def wrong(talked: Conversation) -> str | None:
    """The first answer that is not true, in words; None when all are."""
    system = request = result = body = title = ""
    for message in talked.messages:
        if message.role == "system":
            system = message.text
        if message.role in ("user", "tool"):
            if found := _BLOCK.search(message.text):
                body = found[2]
                title = body.split("\n")[0] if body.startswith("Title: ") else ""
                body = body.removeprefix(title).lstrip("\n")
            if message.role == "user":
                request = message.text
            else:
                result = message.text
        if message.role != "assistant":
            continue
        claim, answer = message.claim, message.text
        found_wrong: str | None = None
        if claim is None:
            found_wrong = "has no claim"
        elif claim.rule == "bullets":
            found_wrong = _bullets_wrong(claim, answer, body)
        elif claim.rule == "call":
            found_wrong = _call_wrong(answer, request, system)
        elif claim.rule == "fixed":
            found_wrong = None if answer in _FIXED else "is no fixed reply"
        elif claim.rule == "title":
            found_wrong = None if f"Title: {answer}" == title else "is not the title"
        elif claim.rule == "result":
            found_wrong = None if answer == after_result(result) else "does not follow"
        elif claim.rule == "copy":
            found_wrong = None if request.endswith(answer) else "is no copy"
        elif claim.rule in _TINY:
            found_wrong = _tiny_wrong(
                claim, answer, talked.messages[: talked.messages.index(message)]
            )
        else:
            found_wrong = _page_wrong(claim, request, answer, body, title)
        if found_wrong:
            return f"{claim and claim.rule}: {answer!r} {found_wrong}"
    return None
