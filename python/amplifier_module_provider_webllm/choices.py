"""Which tools a request leaves open to the model."""

from __future__ import annotations

from typing import Any

from sidelight.contract import ErrorData
from sidelight.prompts import OfferedTool


def tool_choice(choice: str | dict[str, Any] | None, tools: list[OfferedTool]) -> str | None:
    """``auto``, ``none``, ``required`` or a tool's name; None for a tool that is not offered."""
    if isinstance(choice, dict):
        function = choice.get("function")
        named = function.get("name") if isinstance(function, dict) else choice.get("name")
        choice = str(named or choice.get("type") or "auto")
    choice = {"any": "required", "": "auto"}.get(choice or "", choice)
    if choice in ("auto", "none") and not tools:
        return "none"
    if choice in ("auto", "none"):
        return choice
    if choice == "required":
        return choice if tools else None
    return choice if any(tool.name == choice for tool in tools) else None


def unknown_tool(choice: Any) -> ErrorData:
    """A required tool does not exist."""
    return ErrorData(
        code="unknown_tool",
        message=f"The tool that was asked for is not there: {choice}.",
        hint="Choose one of the listed tools.",
        retryable=False,
    )
