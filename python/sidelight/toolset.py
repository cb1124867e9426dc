"""The tools of a conversation: checked when they are registered, chosen by the task, then fixed.

The list stands in the system text, the beginning of every prompt: a change would cost reading the
whole conversation again. What may be called at a moment is decided elsewhere (policy, tool choice).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sidelight.kernel import ToolSpec
from sidelight.schema import SchemaError, check_tool

#: tokens of system text that the tools of a task may take
MAX_TOOL_TOKENS = 600
#: metadata key on a conversation's first user message: the names of its tools
TOOLS = "tools"
_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM_CHARS = 5


def spec_of(tool: Any) -> ToolSpec:
    """A mounted tool as a request names it."""
    return ToolSpec(
        name=tool.name,
        description=tool.description,
        parameters=getattr(tool, "input_schema", None) or {"type": "object"},
    )


def refusals(tools: Mapping[str, Any]) -> dict[str, str]:
    """Name of each tool that may not be registered -> why."""
    found = {}
    for name, tool in tools.items():
        try:
            check_tool(name, getattr(tool, "input_schema", None) or {})
        except SchemaError as error:
            found[name] = str(error)
    return found


def choose(
    tools: Mapping[str, Any],
    task: str,
    tokens: Callable[[Iterable[Any]], int],
    most_tokens: int = MAX_TOOL_TOKENS,
) -> list[str]:
    """The names of the tools to offer for ``task``, in the order in which they are mounted.

    ``tokens`` says what the text about some tools takes. All are offered when they fit; else those
    that share the most words with the task go first.
    """
    if tokens(tools.values()) <= most_tokens:
        return list(tools)
    asked = _stems(task)
    order = list(tools)

    def rank(name: str) -> tuple[int, int]:
        named, described = _stems(name), _stems(tools[name].description)
        return -(2 * len(asked & named) + len(asked & described)), order.index(name)

    taken: list[str] = []
    for name in sorted(order, key=rank):
        if tokens(tools[one] for one in [*taken, name]) <= most_tokens:
            taken.append(name)
    return [name for name in order if name in taken]


def recorded(messages: Iterable[Mapping[str, Any]]) -> list[str] | None:
    """The names that a conversation was begun with; None when it says none."""
    for message in messages:
        names = (message.get("metadata") or {}).get(TOOLS)
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return names
    return None


def _stems(text: str) -> set[str]:
    words = _WORD.findall(text.replace("_", " ").lower())
    return {word[:_STEM_CHARS] for word in words}
