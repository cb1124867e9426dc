"""The browser's own model, played by a script: no browser of the tests has one."""

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
    command = ["node", "tests/offscreen/builtin.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Results = json.loads(done.stdout)
    return found


def test_it_is_offered_only_where_it_is_ready(results: Results) -> None:
    model = results["picker_available"]
    assert (model["provider"], model.get("server_id"), model["tools"]) == ("builtin", None, False)
    names = ("downloadable", "downloading", "unavailable", "none", "broken")
    assert [results[f"picker_{name}"] for name in names] == [None] * len(names)


def test_an_answer_streams_and_its_session_is_given_back(results: Results) -> None:
    found = results["words"]
    assert found["text"] == "Hello."
    assert found["ends"] == [
        {"usage": {"prompt_tokens": 111, "completion_tokens": 0}, "error": None}
    ]
    (_, created), (_, prompt, constraint), (last,) = found["log"]
    assert created["initialPrompts"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]
    assert "temperature" not in created
    assert prompt == [{"role": "user", "content": "a result"}] and constraint is None
    assert last == "destroy" and found["open"] == 0
    assert found["window"] == 9216


def test_settings_that_the_browser_takes_are_passed_on(results: Results) -> None:
    created = results["temperature"]["log"][0][1]
    assert (created["temperature"], created["topK"]) == (0.2, 3)
    assert results["schema"]["log"][1][2] == {"type": "object"}


def test_a_stop_ends_it_without_an_error(results: Results) -> None:
    found = results["stopped"]
    assert found["text"] == "Hel"
    assert found["ends"] == [{"usage": None, "error": None}]
    assert found["log"][-1] == ["destroy"]


@pytest.mark.parametrize(
    ("name", "code", "retryable"),
    [
        ("too_long", "context_too_long", False),
        ("filtered", "content_filtered", False),
        ("crashed", "builtin_failed", True),
        ("none", "builtin_unavailable", False),
    ],
)
def test_each_failure_is_explained_once(
    results: Results, name: str, code: str, retryable: bool
) -> None:
    (end,) = results[name]["ends"]
    error = end["error"]
    assert (error["code"], error["retryable"]) == (code, retryable)
    assert error["message"] and error["hint"]
