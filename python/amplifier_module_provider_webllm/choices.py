"""Which tools a request leaves open to the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sidelight.contract import ErrorData
from sidelight.kernel import ToolSpec
from sidelight.prompts import OfferedTool
from sidelight.schema import SchemaError, fitting, normalise


def offered(specs: Iterable[ToolSpec], call_tokens: int) -> tuple[list[OfferedTool], list[str]]:
    """(the tools with bounds under which every call fits, the names of those that cannot fit)."""
    fit, left_out = [], []
    for spec in specs:
        try:
            schema = normalise(spec.parameters)
            limits = fitting(spec.name, schema, call_tokens)
        except SchemaError:
            limits = None
        if limits is None:
            left_out.append(spec.name)
        else:
            fit.append(OfferedTool(spec.name, spec.description or "", schema, limits))
    return fit, left_out


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
