"""What tools may do to the world: each declares it, and says each call in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from sidelight.contract import Effect, PageRef
from sidelight.prompts.escape import clean

MAX_DETAIL_CHARS = 4000


@dataclass(frozen=True)
class Effects:
    """The label of a tool: reads the user's data, writes, sends somewhere, runs code."""

    reads: bool = False
    writes: bool = False
    sends: bool = False
    runs_code: bool = False


@runtime_checkable
class LabelledTool(Protocol):
    """A tool with a label and a description of each call."""

    effects: Effects

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect | None:
        """The exact effect of this call in plain words; None when it cannot have one."""
        ...


def make_effect(
    effects: Effects, title: str, detail: str, target_origin: str | None = None
) -> Effect:
    """An Effect for the approval card. Invisible characters are removed: the user must see what
    is meant."""
    return Effect(
        title=clean(title)[:500],
        detail=clean(detail)[:MAX_DETAIL_CHARS],
        target_origin=target_origin,
        reads=effects.reads,
        writes=effects.writes,
        sends=effects.sends,
        runs_code=effects.runs_code,
    )
