"""The embedded test model: 4 layers, taught a handful of exchanges and to call listed tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sidelight.contract import ChatMessage
from sidelight.grammar import tool_calls
from sidelight.prompts.base import OfferedTool, ToolText, chosen, last_request, schemas
from sidelight.prompts.page import request_text
from sidelight.tokens import TINY

SYSTEM = "You are a test model."


class TinyFamily:
    """Prompts of the tiny model; a grammar only where a tool call is asked for."""

    name = "tiny"
    scale = TINY
    max_model_calls = 4

    def system(self, tools: Sequence[OfferedTool]) -> str:
        return "\n".join([SYSTEM, "Tools:", *(tool.line() for tool in tools)]) if tools else SYSTEM

    def tool_results(self, results: Sequence[ToolText]) -> str:
        return "\n".join(result.text for result in results)

    def grammar(
        self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool], choice: str
    ) -> str | None:
        if choice in ("auto", "none"):
            return None
        return self.repair_grammar(messages, chosen(tools, choice))

    def tag(self, tools: Sequence[OfferedTool], choice: str) -> str | None:
        return None

    def repair_grammar(self, messages: Sequence[ChatMessage], tools: Sequence[OfferedTool]) -> str:
        return tool_calls(schemas(tools), request_text(last_request(messages)))

    def doubts(self, messages: Sequence[ChatMessage], arguments: Mapping[str, Any]) -> bool:
        return False
