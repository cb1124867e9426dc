"""Who may send what where, and what a key is sent in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """Scenario -> what came of it."""
    command = ["node", "tests/offscreen/network.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_key_goes_in_its_servers_own_header_and_no_other_key_goes_at_all(
    results: dict[str, Any],
) -> None:
    rest = {"content-type": "application/json", "anthropic-version": "1"}
    assert results["worker"] == [
        {**rest, "authorization": "Bearer k"},
        rest,
        {**rest, "x-api-key": "k"},
        rest,
    ]


@pytest.mark.parametrize("name", ["python_below", "ours_below", "ours_beside"])
def test_what_may_be_reached(results: dict[str, Any], name: str) -> None:
    assert results[name] == "sent"


@pytest.mark.parametrize(
    "name",
    [
        "python_beside",
        "python_tricky",
        "python_elsewhere",
        "ours_other_port",
        "ours_elsewhere",
    ],
)
def test_what_may_not(results: dict[str, Any], name: str) -> None:
    assert results[name] == "network_refused"
