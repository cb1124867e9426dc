"""What a model family decides: system text, tool results, grammar. One instance per family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sidelight.contract import ChatMessage
from sidelight.prompts.escape import one_line
from sidelight.tokens import TokenScale

MAX_DESCRIPTION_CHARS = 160
_SHORT_TYPES = {"integer": "int", "number": "number", "boolean": "bool", "array": "list"}


@dataclass(frozen=True)
class OfferedTool:
    """A tool as a prompt offers it; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    def line(self) -> str:
        """``- name(text, count:int, unit?): Description`` on one line."""
        required = self.parameters.get("required", [])
        arguments = []
        for name, schema in self.parameters.get("properties", {}).items():
            kind = _SHORT_TYPES.get(schema.get("type", "string"))
            arguments.append(
                name + (f":{kind}" if kind else "") + ("" if name in required else "?")
            )
        description = one_line(self.description, MAX_DESCRIPTION_CHARS)
        return f"- {self.name}({', '.join(arguments)}): {description}"


@dataclass(frozen=True)
class ToolText:
    """The result of one tool call as the model reads it, neutralised unless we rendered it."""

    name: str
    text: str


class Family(Protocol):
    """A prompt family. Everything is a pure function of its arguments, so that a restored
    conversation gives the same bytes."""

    name: str
    scale: TokenScale
    #: how many model calls one turn may take
    max_model_calls: int

    def system(self, tools: Sequence[OfferedTool]) -> str:
        """The system text; stable within a conversation."""
        ...

    def tool_results(self, results: Sequence[ToolText]) -> str:
        """All results of one round as one message."""
        ...

    def grammar(
        self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool], choice: str
    ) -> str | None:
        """The grammar for the next answer, or None for free text. ``choice`` is auto, none,
        required or a tool's name."""
        ...

    def repair_grammar(self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool]) -> str:
        """A grammar that accepts only a valid call of one of ``tools``."""
        ...

    def doubts(self, messages: Sequence[ChatMessage], arguments: Mapping[str, Any]) -> bool:
        """Whether valid arguments look miscopied, so that the call is worth its repair round."""
        ...


def words(text: str) -> str:
    """``text`` with single spaces, to compare wordings."""
    return " ".join(text.split())


def chosen(tools: Sequence[OfferedTool], choice: str) -> list[OfferedTool]:
    """The tools that ``choice`` leaves open."""
    if choice in ("auto", "required"):
        return list(tools)
    return [tool for tool in tools if tool.name == choice]


def schemas(tools: Sequence[OfferedTool]) -> dict[str, Mapping[str, Any]]:
    """Tool name to its JSON schema."""
    return {tool.name: tool.parameters for tool in tools}


def last_request(messages: Sequence[ChatMessage]) -> str:
    """The newest user message as sent, blocks included; empty when there is none."""
    return next((m.content for m in reversed(messages) if m.role == "user"), "")
