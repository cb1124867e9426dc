"""Generated programs: native against ours on CPython, and a sample of them in Pyodide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.comparing import difference
from tests.kernel.generating import SEED, compare_generated, programs
from tests.pyodide.running import call_in_pyodide

if TYPE_CHECKING:
    from tests.kernel.engines import Engine

CASES = 500
PYODIDE_CASES = 50
CAMPAIGN_CASES = 20_000


@pytest.mark.kernel
def test_generated_programs_do_the_same_on_both(native: Engine, ours: Engine) -> None:
    counts = compare_generated(native, ours, cases=CASES, seed=SEED)
    assert counts["programs"] >= CASES
    assert counts["steps"] > 4 * CASES


@pytest.mark.pyodide
def test_generated_programs_do_the_same_in_pyodide(ours: Engine) -> None:
    requests: list[dict[str, Any]] = [
        {"program": steps} for steps in programs(cases=PYODIDE_CASES, seed=SEED + 1)
    ]
    answers = json.loads(call_in_pyodide("tests.kernel.worker", "run_text", json.dumps(requests)))
    for request, answer in zip(requests, answers, strict=True):
        found = difference(ours.run(request), answer)
        assert found is None, f"CPython is called native here\n{found}\n{request}"


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_many_generated_programs_do_the_same_on_both(native: Engine, ours: Engine) -> None:
    counts = compare_generated(native, ours, cases=CAMPAIGN_CASES, seed=SEED + 2)
    assert counts["programs"] >= CAMPAIGN_CASES
