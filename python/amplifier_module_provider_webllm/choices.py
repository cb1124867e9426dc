"""Which tools a request leaves open to the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sidelight.contract import ErrorData
from sidelight.kernel import ToolSpec
from sidelight.prompts import OfferedTool
from sidelight.schema import LADDER, SchemaError, call_bytes, fitting, normalise


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


def least_tokens(tools: Iterable[OfferedTool]) -> int:
    """Tokens that a call of any of the tools can be held to; 0 without tools."""
    # One more for the end mark, see ``fitting``.
    return max((call_bytes(t.name, t.parameters, LADDER[-1]) + 1 for t in tools), default=0)


def within(tools: Sequence[OfferedTool], call_tokens: int) -> tuple[list[OfferedTool], list[str]]:
    """(the tools with bounds under which every call fits, the names of those that cannot fit)."""
    fit, left_out = [], []
    for tool in tools:
        limits = fitting(tool.name, tool.parameters, call_tokens)
        if limits is None:
            left_out.append(tool.name)
        else:
            fit.append(replace(tool, limits=limits))
    return fit, left_out


def too_long(names: Sequence[str], window_tokens: int) -> str:
    """What the user is told of tools that the model cannot be given."""
    one = len(names) == 1
    return (
        f"The model was not given the tool{'' if one else 's'} {', '.join(names)}: "
        f"{'its call' if one else 'their calls'} may take more tokens than the model's context "
        f"window of {window_tokens:,} tokens leaves for a call. Choose a model with a larger "
        "window to use "
        f"{'it' if one else 'them'}."
    )


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


def no_call(choice: Any, left_out: Sequence[str], window_tokens: int) -> ErrorData:
    """A call was required, and no tool is there or fits."""
    if left_out:
        return ErrorData(
            code="tool_too_long",
            message=too_long(left_out, window_tokens).partition(". ")[0] + ".",
            hint="Choose a model with a larger context window, or ask without the tool.",
            retryable=False,
        )
    return ErrorData(
        code="unknown_tool",
        message=f"The tool that was asked for is not there: {choice}.",
        hint="Choose one of the listed tools.",
        retryable=False,
    )
