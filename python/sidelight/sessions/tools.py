"""Which of the mounted tools a session keeps: not the refused, nor what the task cannot use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sidelight.contract import PythonRunTurn
from sidelight.prompts import OfferedTool, family_for
from sidelight.sessions.plan import family_of
from sidelight.toolset import choose, recorded, refusals, spec_of

_MAX_NAMED = 8


class Kept(NamedTuple):
    """``chosen``: the tools' names when some were left out, to be recorded with the conversation.
    ``notices``: (code, message) for the user."""

    chosen: list[str] | None
    notices: list[tuple[str, str]]


async def register_tools(coordinator: Any, request: PythonRunTurn) -> Kept:
    """Unmount the tools that may not be registered and those that the conversation does without."""
    tools = dict(coordinator.get("tools") or {})
    notices = []
    for name, reason in refusals(tools).items():
        del tools[name]
        await coordinator.unmount("tools", name)
        notices.append(
            ("tool_refused", f"The tool {name[:80]} cannot be used and was left out: {reason}.")
        )
    known = recorded(request.transcript)
    family = family_for(family_of(request.model))

    def tokens(some: Iterable[Any]) -> int:
        specs = [spec_of(tool) for tool in some]
        offered = [OfferedTool(s.name, s.description or "", s.parameters) for s in specs]
        about = family.system(offered).removeprefix(family.system([]))
        return family.scale.estimate(about)

    names = choose(tools, request.text, tokens) if known is None else known
    left_out = [name for name in tools if name not in names]
    for name in left_out:
        await coordinator.unmount("tools", name)
    if left_out and known is None:
        more = f" and {len(left_out) - _MAX_NAMED} more" if len(left_out) > _MAX_NAMED else ""
        told = (
            "There are more tools than a model can be told of at once. This chat does without "
            f"{', '.join(left_out[:_MAX_NAMED])}{more}. For a task that needs them, start a new "
            "chat with it."
        )
        notices.append(("tools_left_out", told))
    return Kept(names if left_out else None, notices)
