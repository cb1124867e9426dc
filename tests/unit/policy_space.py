"""Every input of the policy: the product of all its dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from sidelight.contract import Server, Settings
from sidelight.effects import Effects
from sidelight.policy import Facts

TOOL = "tool"
TASK = "https://task.example"
SERVER = "http://localhost:11434"
GRANTED = "https://granted.example"
FOREIGN = "https://foreign.example"

READS = (None, "page", "own", "other")
WRITES = (None, "local", "memory", "page")
SENDS = (None, "request", "url")
COLUMNS = ("clean", "private", "untrusted", "untrusted_private")
LEVELS = ("device", "servers", "web")
LOCAL = ("ask", "undo")
DISABLED = (False, True)
#: the target of a call: nowhere, or a site that is or is not the task's, a server, granted
TARGETS = ("none", "foreign", "task", "server", "granted", "task_granted", "task_server")


class Point(NamedTuple):
    """One input, by its dimensions."""

    declared: tuple[Any, Any, Any, bool] | None
    column: Any
    target: str
    level: Any
    max_level: Any
    local: Any
    disabled: bool

    @property
    def effects(self) -> Effects | None:
        """The tool's label; None when it has none."""
        return None if self.declared is None else Effects(*self.declared)

    @property
    def sends(self) -> bool:
        """Whether the tool sends or opens an address."""
        return self.declared is not None and self.declared[2] is not None


DECLARED = (None, *itertools.product(READS, WRITES, SENDS, (False, True)))
_ORIGINS = {
    "none": None,
    "foreign": FOREIGN,
    "task": TASK,
    "server": SERVER,
    "granted": GRANTED,
    "task_granted": TASK,
    "task_server": SERVER,
}
_SERVER = Server(
    server_id="s", label="S", base_url="http://localhost:11434/v1", has_key=False, models=[]
)
_SETTINGS = {
    (level, most, local, disabled): Settings(
        level=level,
        max_level=most,
        servers=[_SERVER],
        local_changes=local,
        disabled_tools=[TOOL] if disabled else ["another"],
        managed=["max_level"],
    )
    for level, most, local, disabled in itertools.product(LEVELS, LEVELS, LOCAL, DISABLED)
}


def points() -> Iterator[Point]:
    """All of them."""
    dimensions = (DECLARED, COLUMNS, TARGETS, LEVELS, LEVELS, LOCAL, DISABLED)
    return itertools.starmap(Point, itertools.product(*dimensions))


COUNT = 97 * 4 * 7 * 3 * 3 * 2 * 2


def facts(point: Point) -> Facts:
    """The point as the policy gets it."""
    task = {TASK} if point.target != "task_server" else {TASK, SERVER}
    granted = {GRANTED, TASK} if point.target == "task_granted" else {GRANTED}
    return Facts(
        tool_name=TOOL,
        effects=point.effects,
        column=point.column,
        settings=_SETTINGS[point.level, point.max_level, point.local, point.disabled],
        target_origin=_ORIGINS[point.target],
        task_origins=frozenset(task),
        granted_origins=frozenset(granted),
    )
