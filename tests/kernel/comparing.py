"""Comparing two engines on one request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.kernel.engines import Engine


def difference(native: dict[str, Any], ours: dict[str, Any]) -> str | None:
    """Return None if the answers are equal, else the first step in which they differ."""
    for name, found in (("native", native), ("ours", ours)):
        if "broken" in found:
            return f"the scenario broke on {name}:\n{found['broken']}"
    if native == ours:
        return None
    pairs = zip(native["steps"], ours["steps"], strict=False)
    for number, (theirs, mine) in enumerate(pairs):
        if theirs != mine:
            return f"step {number}\nnative {json.dumps(theirs)}\nours   {json.dumps(mine)}"
    if len(native["steps"]) != len(ours["steps"]):
        return f"{len(native['steps'])} steps against {len(ours['steps'])}"
    return f"logs\nnative {native['logs']}\nours   {ours['logs']}"


#: The native engine works on threads: on a busy machine the order of two of them may turn. A
#: difference counts when it never does what ours does; ours is asked once.
_NATIVE_RUNS = 3


def compare(native: Engine, ours: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """Run `request` on both and return our answer; AssertionError if they differ."""
    mine = ours.run(request)
    found = None
    for _ in range(_NATIVE_RUNS):
        found = difference(native.run(request), mine)
        if found is None:
            return mine
    raise AssertionError(found)
