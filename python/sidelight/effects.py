"""What tools may do to the world: each declares it, and says each call in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from sidelight.contract import Effect, PageRef
from sidelight.prompts.escape import clean

MAX_DETAIL_CHARS = 4000

#: the page in the tab; what the user keeps here; anything else, such as other tabs
Reads = Literal["page", "own", "other"]
#: the user's own data here; what Sidelight remembers about them; a web page
Writes = Literal["local", "memory", "page"]
#: a request with data in it; an address that is opened
Sends = Literal["request", "url"]

ToolClass = Literal[
    "read_page",
    "read_other",
    "read_own",
    "write_local",
    "write_memory",
    "write_page",
    "send",
    "open_url",
    "run_code",
    "unlabelled",
]
_READS: dict[Any, ToolClass] = {"page": "read_page", "own": "read_own", "other": "read_other"}
_WRITES: dict[Any, ToolClass] = {
    "local": "write_local",
    "memory": "write_memory",
    "page": "write_page",
}
_SENDS: dict[Any, ToolClass] = {"request": "send", "url": "open_url"}
#: these have no effect that needs a ticket
_FREE = frozenset[ToolClass]({"read_own"})


@dataclass(frozen=True)
class Effects:
    """The label of a tool. One that declares nothing is unlabelled and never runs.

    ``private_result``: the result may hold what only this person can see.
    """

    reads: Reads | None = None
    writes: Writes | None = None
    sends: Sends | None = None
    runs_code: bool = False
    private_result: bool = True

    @property
    def needs_ticket(self) -> bool:
        """Whether the JavaScript side runs it only with a ticket."""
        return not classes_of(self) <= _FREE


def classes_of(effects: object) -> frozenset[ToolClass]:
    """The classes of a tool by its own declaration; one that cannot be read is unlabelled."""
    if not isinstance(effects, Effects) or not isinstance(effects.runs_code, bool):
        return frozenset({"unlabelled"})
    found: set[ToolClass] = {"run_code"} if effects.runs_code else set()
    for declared, table in (
        (effects.reads, _READS),
        (effects.writes, _WRITES),
        (effects.sends, _SENDS),
    ):
        if declared is not None:
            known = isinstance(declared, str) and declared in table
            found.add(table[declared] if known else "unlabelled")
    # What is known of a tool is worth nothing when the rest of its label is not.
    return frozenset({"unlabelled"} if "unlabelled" in found or not found else found)


@runtime_checkable
class LabelledTool(Protocol):
    """A tool with a label and a description of each call."""

    effects: Effects

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect | None:
        """The exact effect of this call in plain words; None when it cannot have one."""
        ...


def make_effect(
    effects: Effects,
    title: str,
    detail: str,
    target_origin: str | None = None,
    *,
    undoable: bool = False,
) -> Effect:
    """An Effect for the approval card. Invisible characters are removed: the user must see what
    is meant."""
    return Effect(
        title=clean(title)[:500],
        detail=clean(detail)[:MAX_DETAIL_CHARS],
        target_origin=target_origin,
        reads=effects.reads is not None,
        writes=effects.writes is not None,
        sends=effects.sends is not None,
        runs_code=effects.runs_code,
        undoable=undoable,
    )
