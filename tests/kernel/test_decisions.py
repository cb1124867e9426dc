"""Where we differ from the native engine on purpose: what each of the two does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.engines import run_script
from tools.python_bundle.bundle import kernel_folder

if TYPE_CHECKING:
    from tests.kernel.engines import Engine

pytestmark = pytest.mark.kernel


def _steps(engine: Engine, name: str) -> list[Any]:
    answer = engine.run({"scenario": f"differences.{name}"})
    assert "broken" not in answer, answer.get("broken")
    steps: list[Any] = answer["steps"]
    return steps


def test_0010_floats_cross_exactly_here_and_nearly_there(native: Engine, ours: Engine) -> None:
    assert _steps(native, "floats") == [["some differ", "close"]]
    assert _steps(ours, "floats") == [["all exact", "close"]]


def test_0010_timestamps_have_microseconds(native: Engine, ours: Engine) -> None:
    assert _steps(native, "timestamps") == [["digits", True, True]]
    assert _steps(ours, "timestamps") == [["digits", False, True]]


def test_0010_an_impossible_timeout_is_a_value_error(native: Engine, ours: Engine) -> None:
    assert _steps(native, "impossible_timeouts") == [[False]] * 3
    assert _steps(ours, "impossible_timeouts") == [[True]] * 3


def test_0011_sync_handlers_run_on_the_loop(native: Engine, ours: Engine) -> None:
    assert _steps(native, "sync_handlers")[0][1][:2] == ["error", "RuntimeError"]
    assert _steps(ours, "sync_handlers") == [["loop", True]]


def test_0011_sync_callbacks_run_on_the_loop_in_their_context(native: Engine, ours: Engine) -> None:
    names = ("cleanup", "callback", "approval", "message")
    assert _steps(native, "sync_callbacks") == [[name, "no loop", "unset"] for name in names]
    assert _steps(ours, "sync_callbacks") == [[name, "loop", "caller"] for name in names]


def test_0011_a_coroutine_that_blocks_outlives_its_timeout(native: Engine, ours: Engine) -> None:
    assert _steps(native, "coroutines_that_block") == [[[]]]
    assert _steps(ours, "coroutines_that_block") == [[[{"slow": 1}]]]


def test_0012_results_that_json_lacks_deny(native: Engine, ours: Engine) -> None:
    assert _steps(native, "results_that_json_lacks") == [["continue"]] * 3
    assert _steps(ours, "results_that_json_lacks") == [["deny"]] * 3


def test_0013_cancelling_the_caller_cancels_the_work(native: Engine, ours: Engine) -> None:
    def notes(engine: Engine, name: str) -> list[str]:
        return [step[0] for step in _steps(engine, name) if len(step) == 1]

    assert notes(native, "cancelled_execution") == ["orchestrator went on"]
    assert notes(ours, "cancelled_execution") == ["orchestrator cancelled"]
    assert notes(native, "cancelled_approval") == ["request stays"]
    assert notes(ours, "cancelled_approval") == ["request withdrawn"]


def test_0014_modules_that_cannot_run_are_refused(native: Engine, ours: Engine) -> None:
    theirs = _steps(native, "modules_that_cannot_run")
    assert theirs == [[False], [False], ["decoded"], ["decoded, not a response"]]
    refused = [[True], [True], ["refused", True], ["refused", True]]
    assert _steps(ours, "modules_that_cannot_run") == refused


FATAL = """
import asyncio
from types import SimpleNamespace
from amplifier_core._engine import RustSession
from tests.kernel.scenarios.session_setup import config_of
from tests.kernel.program_modules import SpecLoader
from tests.kernel.trace import Trace

async def use(where, error):
    def fail(*given, **named):
        raise error

    async def fail_later(*given, **named):
        raise error

    session = RustSession(config_of())
    session.coordinator.loader = SpecLoader(Trace(), session.coordinator)
    if where == "mount":
        session.coordinator.loader.load = fail
    await session.initialize()
    session.coordinator.mount_points["orchestrator"] = SimpleNamespace(execute=fail_later)
    await session.execute("hi")

for where in ("orchestrator", "mount"):
    for error in (KeyboardInterrupt("k"), SystemExit(3)):
        try:
            asyncio.run(use(where, error))
        except BaseException as caught:
            print(type(caught).__name__)
"""


def test_0017_fatal_errors_of_modules_do_not_end_the_loop() -> None:
    assert run_script(FATAL).split() == ["KeyboardInterrupt", "SystemExit"] * 2
    assert run_script(FATAL, kernel_folder()).split() == ["RuntimeError"] * 4
