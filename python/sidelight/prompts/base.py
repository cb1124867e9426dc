"""What a model family decides: system text, tool results, grammar. One instance per family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sidelight.contract import ChatMessage
from sidelight.prompts.escape import one_line
from sidelight.schema import LADDER, Limits
from sidelight.tokens import TokenScale

MAX_DESCRIPTION_CHARS = 160
MAX_KIND_CHARS = 60
_SHORT_TYPES = {"integer": "int", "number": "number", "boolean": "bool"}


@dataclass(frozen=True)
class OfferedTool:
    """A tool as a prompt offers it; ``parameters`` is a JSON schema of type object.

    ``limits`` bound what a grammar lets a call take.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    limits: Limits = LADDER[0]

    def line(self) -> str:
        """``- name(text, count:int, unit?): Description`` on one line."""
        required = self.parameters.get("required", [])
        arguments = []
        for name, schema in self.parameters.get("properties", {}).items():
            kind = one_line(_kind(schema), MAX_KIND_CHARS)
            arguments.append(
                name + (f":{kind}" if kind else "") + ("" if name in required else "?")
            )
        description = one_line(self.description, MAX_DESCRIPTION_CHARS)
        return f"- {self.name}({', '.join(arguments)}): {description}"


def _kind(schema: Any) -> str:
    """What an argument may be, in a few characters; a string goes without saying."""
    if not isinstance(schema, Mapping):
        return ""
    options = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(options, list):
        return "|".join(map(str, options))
    if isinstance(parts := schema.get("anyOf"), list):
        return "|".join(_kind(part) or "text" for part in parts)
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return "|".join(_SHORT_TYPES.get(str(one), str(one)) for one in kind)
    if kind == "array":
        inner = _kind(schema.get("items"))
        return f"list of {inner}" if inner else "list"
    if kind == "object":
        return "{" + ", ".join(map(str, schema.get("properties", {}))) + "}"
    return _SHORT_TYPES.get(str(kind), "")


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

    def tag(self, tools: Sequence[OfferedTool], choice: str) -> str | None:
        """A structural tag that constrains the calls in otherwise free text, where ``grammar`` has
        nothing to say; the same text for the same tools, as a compiled one is kept."""
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


def schemas(tools: Sequence[OfferedTool]) -> dict[str, tuple[Mapping[str, Any], Limits]]:
    """Tool name to its JSON schema and the limits of a call."""
    return {tool.name: (tool.parameters, tool.limits) for tool in tools}


def last_request(messages: Sequence[ChatMessage]) -> str:
    """The newest user message as sent, blocks included; empty when there is none."""
    return next((m.content for m in reversed(messages) if m.role == "user"), "")
