"""Loading the model of an answer: what stands in for it, what is told, how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
Results = dict[str, Any]


@pytest.fixture(scope="module")
def results() -> Results:
    """Scenario -> what came of it."""
    command = ["node", "tests/offscreen/loading.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Results = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("name", "outcome", "log"),
    [
        ("loads", "big", ["load big"]),
        ("lost_once", "big", ["load big", "load big"]),
        (
            "lost_twice",
            "starter",
            ["load big", "load big", "choose starter", "load starter"],
        ),
        ("too_big", "starter", ["load big", "choose starter", "load starter"]),
        ("no_webgpu_own", "builtin", ["load big", "choose builtin"]),
        ("server", "s-1:m", []),
    ],
)
def test_what_answers_and_how_it_came(
    results: Results, name: str, outcome: str, log: list[str]
) -> None:
    found = results[name]
    assert (found["outcome"], found["log"]) == (outcome, log)
    assert found["answered_by"] == outcome


def test_every_step_is_told(results: Results) -> None:
    for found in (value for value in results.values() if "notices" in value):
        loads = sum(entry.startswith("load") for entry in found["log"])
        chosen = sum(entry == "choose builtin" for entry in found["log"])
        assert len(found["notices"]) == max(0, loads - 1) + chosen
    ((code, message),) = results["too_big"]["notices"]
    assert code == "other_model"
    assert message == (
        "big failed. big cannot run here now. starter answers instead, on this device."
    )


def test_when_nothing_runs_the_error_says_what_could(results: Results) -> None:
    failed = results["nothing_loads"]["outcome"]
    assert failed["code"] == "load_failed" and failed["offers"] == []
    at_device = results["no_webgpu"]["outcome"]
    assert at_device["offers"] == []
    assert "h.example under Privacy: nothing is sent before" in at_device["hint"]
    allowed = results["no_webgpu_servers"]["outcome"]
    assert [offer["host"] for offer in allowed["offers"]] == ["h.example"]
    assert results["no_webgpu_servers"]["log"] == ["load big"]


def test_a_server_that_failed_offers_the_models_here(results: Results) -> None:
    offers = results["offered"]["offers"]
    assert [offer["model_id"] for offer in offers] == ["big", "starter"]
