"""The embedded starter model: a router over numbered sentences, tools and fixed replies.

It was trained on exactly these strings, so they are data, not style: a changed word costs answers.
Its whole output stands under a grammar; what it says of a page is a literal of that page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sidelight.contract import ChatMessage
from sidelight.grammar import Grammar, any_of, literal, tool_calls
from sidelight.prompts.base import OfferedTool, ToolText, chosen, last_request, schemas, words
from sidelight.prompts.page import PageView, read_view, request_text
from sidelight.tokens import STARTER

SYSTEM = "You are the built-in starter model of a private offline browser extension."
NOT_ON_PAGE = "The page does not say."
NO_PAGE = "I have no page text yet. Open a page or select some text and ask again."
NO_TOOL = "I have no tool for that."
LIMIT = (
    "I am only a small starter model and I cannot answer that. I can summarise a page, answer from "
    "its text, or use the listed tools. For open questions, choose a larger model in the settings."
)
HELLO = (
    "Hello! I am the built-in starter model. Open a page and ask me to summarise it, or ask a "
    "question about it."
)
WHO = (
    "I am the built-in starter model of this extension. I am very small and I run only on this "
    "device."
)
CAN = (
    "I can summarise a page or a selection, find the sentence that answers your question, and use "
    "the extension's tools. I copy sentences from the text. For more, choose a larger model in the "
    "settings."
)
WELCOME = "You are welcome."
GOODBYE = "Goodbye!"
PRIVATE = "Everything stays on this device. I work offline and send nothing anywhere."
LARGER = (
    "Open the settings of the extension and choose a larger model. It is downloaded once and then "
    "works offline."
)
READY = "I am ready. Open a page and ask me about it."
REPLIES = (HELLO, WHO, CAN, WELCOME, GOODBYE, PRIVATE, LARGER, READY, LIMIT)
DONE = "Done."
EMPTY_LIST = "The list is empty."
FAILED = "That did not work: "
NOTHING_FOUND = "I found nothing about that."

MAX_BULLETS = 4
MAX_RESULT_CHARS = 1200
MAX_LISTED = 12
_ITEM = re.compile(r"^\d+\. (.+)$", re.MULTILINE)


class StarterFamily:
    """Prompts and grammars of the starter model."""

    name = "starter"
    scale = STARTER
    max_model_calls = 4

    def system(self, tools: Sequence[OfferedTool]) -> str:
        if not tools:
            return SYSTEM
        return "\n".join([SYSTEM, "Tools:", *(tool.line() for tool in tools)])

    def tool_results(self, results: Sequence[ToolText]) -> str:
        return "\n".join(_result(result.text) for result in results)

    def grammar(
        self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool], choice: str
    ) -> str | None:
        if choice not in ("auto", "none"):
            return self.repair_grammar(messages, chosen(tools, choice))
        view = _newest_view(messages)
        last = messages[-1]
        if last.role == "tool" and not read_view(last.content).lines:
            return Grammar().text(any_of(map(literal, _after_result(last.content))))
        # Nothing of the request goes in: WebLLM keeps a compiled grammar for the same text only,
        # and a long page takes it a third of a second.
        grammar = Grammar()
        parts: list[str] = []
        if view.lines:
            parts.append(any_of(grammar.rule(literal(line), "line") for line in view.lines))
            parts.append(grammar.bullets(view.lines, MAX_BULLETS))
            parts.append(literal(NOT_ON_PAGE))
            parts += [literal(title) for title in view.titles]
        else:
            parts.append(literal(NO_PAGE))
        # It was trained to answer after a tool result; a second call would only be a loop.
        if choice == "auto" and last.role == "user":
            parts += [
                grammar.tool_call(tool.name, tool.parameters, None, tool.limits) for tool in tools
            ]
            parts += [literal(reply) for reply in (*REPLIES, NO_TOOL)]
        elif last.role == "user":
            parts += [literal(reply) for reply in REPLIES]
        return grammar.text(any_of(parts))

    def tag(self, tools: Sequence[OfferedTool], choice: str) -> str | None:
        return None

    def repair_grammar(self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool]) -> str:
        return tool_calls(schemas(tools), request_text(last_request(messages)))

    def doubts(self, messages: Sequence[ChatMessage], arguments: Mapping[str, Any]) -> bool:
        request = words(request_text(last_request(messages)))
        texts = [value for value in arguments.values() if isinstance(value, str)]
        return any(words(text) not in request for text in texts)


def _newest_view(messages: Sequence[ChatMessage]) -> PageView:
    for message in reversed(messages):
        if message.role in ("user", "tool"):
            view = read_view(message.content)
            if view.lines or view.titles:
                return view
    return PageView()


def _result(text: str) -> str:
    """A result in one of the forms of the training data."""
    if text.startswith("Denied by hook: Approval timeout"):
        return "error: nobody approved it in time"
    if text.startswith("Denied by hook:"):
        return "error: it was not allowed"
    return text if read_view(text).lines else text[:MAX_RESULT_CHARS]


def _after_result(text: str) -> list[str]:
    """The answers that fit a result without page sentences."""
    if text.startswith("error: "):
        return [FAILED + " ".join(text.removeprefix("error: ").split()).rstrip(".") + "."]
    if text == "[]":
        return [EMPTY_LIST]
    if read_view(text).titles:
        return [NOT_ON_PAGE]
    if items := _ITEM.findall(text):
        return ["\n".join(f"- {item}" for item in items[:MAX_LISTED])]
    plain = " ".join(text.split())
    if plain.lower() in ("ok", "done", "saved", "added", "true", "success"):
        return [DONE]
    return [DONE, NOTHING_FOUND, *([plain, f"The result is {plain}."] if plain else [])]
