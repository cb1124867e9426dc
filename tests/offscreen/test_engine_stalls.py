"""A model call or load that gives no sign of life ends, and what ends late stays unseen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.limits import WAIT_S

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    command = ["node", "tests/offscreen/engine_stalls.mjs"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=WAIT_S
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_slow_but_living_call_is_left_alone(results: dict[str, Any]) -> None:
    assert results["steady"]["failure"] is None
    assert results["steady"]["text"] == "ab"
    assert results["steady"]["sent"][-1] == "engine.done"


@pytest.mark.parametrize(("scenario", "text"), [("no_first_token", ""), ("no_next_token", "a")])
def test_a_dead_call_fails_and_the_engine_is_dropped(
    results: dict[str, Any], scenario: str, text: str
) -> None:
    found = results[scenario]
    # "engine_failed" makes the engine load the model anew for the next call.
    assert found["failure"]["code"] == "engine_failed"
    assert "nothing came for" in found["failure"]["message"]
    assert found["text"] == text


def test_a_load_that_was_given_up_reports_nothing_more(results: dict[str, Any]) -> None:
    assert results["given_up_load"] == ["fetch"]
