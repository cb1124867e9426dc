"""Every scenario by hand: native against ours on CPython, and ours in Pyodide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.comparing import compare, difference
from tests.kernel.scenarios import COMPARED
from tests.pyodide.running import call_in_pyodide

if TYPE_CHECKING:
    from tests.kernel.engines import Engine

Answers = dict[str, dict[str, Any]]

#: Who tells of an abandoned failure is the event loop, and Pyodide's prints instead of logging.
OF_THE_LOOP = {"odd_modules.failures_nobody_waited_for"}
IN_PYODIDE = [name for name in COMPARED if name not in OF_THE_LOOP]


@pytest.mark.kernel
def test_the_engines_are_the_ones_meant(native: Engine, ours: Engine) -> None:
    assert native.engine_file.endswith(".so")
    assert ours.engine_file.endswith("amplifier_core/_engine/__init__.py")


@pytest.mark.kernel
@pytest.mark.parametrize("name", COMPARED)
def test_both_engines_do_the_same(name: str, native: Engine, ours: Engine) -> None:
    answer = compare(native, ours, {"scenario": name})
    assert answer["steps"], "the scenario noted nothing"


@pytest.fixture(scope="session")
def in_pyodide() -> Answers:
    """Every scenario's answer from one Pyodide, on its own event loop."""
    requests = [{"scenario": name} for name in IN_PYODIDE]
    answers = call_in_pyodide("tests.kernel.worker", "run_text", json.dumps(requests))
    return dict(zip(IN_PYODIDE, json.loads(answers), strict=True))


@pytest.mark.pyodide
def test_what_is_left_out_in_pyodide_is_there_otherwise() -> None:
    assert set(COMPARED) >= OF_THE_LOOP


@pytest.mark.pyodide
@pytest.mark.parametrize("name", IN_PYODIDE)
def test_pyodide_does_the_same(name: str, ours: Engine, in_pyodide: Answers) -> None:
    found = difference(ours.run({"scenario": name}), in_pyodide[name])
    assert found is None, found.replace("native", "CPython").replace("ours   ", "Pyodide")
