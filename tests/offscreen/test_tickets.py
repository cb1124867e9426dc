"""No ticket, no effect: every way in which a call can differ from the one that was approved."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
DONE = {"same_call", "keys_in_another_order", "same_page"}
UNKNOWN = {"unknown_tool", "inherited_name"}


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[str, int]]:
    """Scenario -> (outcome, number of effects)."""
    command = ["node", "tests/offscreen/tickets.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name: (outcome, count) for name, (outcome, count) in json.loads(done.stdout).items()}


def test_the_approved_call_runs_once(results: dict[str, tuple[str, int]]) -> None:
    assert {name: results[name] for name in DONE} == dict.fromkeys(DONE, ("done", 1))


def test_any_other_call_has_no_effect(results: dict[str, tuple[str, int]]) -> None:
    others = {name: found for name, found in results.items() if name not in DONE | UNKNOWN}
    assert len(others) == 14
    assert others == dict.fromkeys(others, ("not_approved", 0))


def test_what_is_no_tool_does_not_run(results: dict[str, tuple[str, int]]) -> None:
    assert {results[name] for name in UNKNOWN} == {("unknown_tool", 0)}
