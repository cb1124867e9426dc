"""The table that scenarios enter themselves into."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.kernel.trace import Trace

    Scenario = Callable[[Trace], Awaitable[None]]

SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Enter an async function under its module's and its own name."""
    module = function.__module__.rsplit(".", 1)[-1]
    SCENARIOS[f"{module}.{function.__name__}"] = function
    return function
