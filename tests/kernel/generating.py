"""Driving Hypothesis: comparing many programs, or just making them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.kernel.comparing import compare
from tests.kernel.generated import KernelMachine, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.engines import Engine

SEED = 20260101
STEPS_AT_MOST = 20


def _drive(check: Callable[[list[Step]], None], *, cases: int, seed: int, shrink: bool) -> None:
    class Machine(KernelMachine):
        pass

    Machine.check = staticmethod(check)
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    run_state_machine_as_test(
        seeded(seed)(Machine),
        settings=settings(
            max_examples=cases,
            stateful_step_count=STEPS_AT_MOST,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def compare_generated(
    native: Engine, ours: Engine, *, cases: int, seed: int, shrink: bool = True
) -> dict[str, int]:
    """Run generated programs on both engines; AssertionError with the smallest one that differs.

    Returns how many programs ran, with how many steps, and how many steps the engines noted.
    """
    counts = {"programs": 0, "steps": 0, "compared": 0}

    def check(steps: list[Step]) -> None:
        answer = compare(native, ours, {"program": steps})
        counts["programs"] += 1
        counts["steps"] += len(steps)
        counts["compared"] += len(answer["steps"])

    _drive(check, cases=cases, seed=seed, shrink=shrink)
    return counts


def programs(*, cases: int, seed: int) -> list[list[Step]]:
    """Return generated programs without running them."""
    made: list[list[Step]] = []
    _drive(lambda steps: made.append(list(steps)), cases=cases, seed=seed, shrink=False)
    return made
