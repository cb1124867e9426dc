"""Which tool calls may run: one pure function over tables.

Python decides here; the JavaScript side enforces with tickets whatever was decided.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sidelight.effects import Effects

Decision = Literal["allow", "ask", "deny"]
ToolClass = Literal["read_this_page", "read_own_list", "write_local", "other", "unlabelled"]


class Verdict(NamedTuple):
    """What to do with a call, and why in words for the user."""

    decision: Decision
    reason: str


_CLASS_OF_TOOL: dict[str, ToolClass] = {
    "read_page": "read_this_page",
    "list_todos": "read_own_list",
    "add_todo": "write_local",
    "complete_todo": "write_local",
}

_VERDICTS: dict[ToolClass, Verdict] = {
    "read_this_page": Verdict("ask", "It reads the page in your tab."),
    "read_own_list": Verdict("allow", "It only reads your own list on this device."),
    "write_local": Verdict("ask", "It changes your data on this device, and there is no undo yet."),
    "other": Verdict("ask", "It is not one of the tools that may run by themselves."),
    "unlabelled": Verdict("deny", "The tool does not say what it does, so it may not run."),
}


def decide(tool_name: str, effects: Effects | None) -> Verdict:
    """The verdict on a call. ``effects`` is the tool's own label, None when it has none."""
    if effects is None:
        return _VERDICTS["unlabelled"]
    return _VERDICTS[_CLASS_OF_TOOL.get(tool_name, "other")]
