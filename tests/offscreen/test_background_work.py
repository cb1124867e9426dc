"""Work that nobody waits for gives way: two windows, a deletion, a change of model mid-answer.

The run queue is the extension's own, in Node; each scenario tells what happened in order.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """Scenario -> what happened, in order."""
    command = ["node", "tests/offscreen/background_work.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ends(log: list[str]) -> list[str]:
    """What happened, less the chunks."""
    return [entry for entry in log if not entry.startswith("chunk ")]


def test_questions_of_two_windows_go_before_it_and_it_is_begun_again(told: dict[str, Any]) -> None:
    log = told["two_windows"]
    assert ends(log)[:2] == ["begin summary", "end summary"]
    assert log.index("end summary") < log.index("python.run_turn one")
    assert ends(log)[-5:] == [
        "python.run_turn two",
        "completed two",
        "begin summary",
        "made summary",
        "end summary",
    ]
    first = log[: log.index("end summary")]
    assert 1 <= first.count("chunk summary") < 5, "it stops at a chunk's border"
    assert not any("summary" in entry for entry in log[log.index("python.run_turn one") : -8])


def test_it_waits_for_a_turn_and_goes_on_one_by_one(told: dict[str, Any]) -> None:
    assert ends(told["waits_for_a_turn"])[2:] == [
        "answers",
        "completed one",
        *(f"{step} {name}" for name in ("first", "second") for step in ("begin", "made", "end")),
    ]


def test_a_deletion_ends_it_first_and_for_good(told: dict[str, Any]) -> None:
    log = told["deletion"]
    assert log.index("end mine") < log.index("deleted")
    assert "made mine" not in log and "begin mine too" not in log
    assert log.count("begin mine") == 1
    assert "made other" in log


def test_a_model_changed_mid_answer_is_loaded_after_it_and_before_the_work(
    told: dict[str, Any],
) -> None:
    log = told["model_change"]
    steps = ["answers", "completed one", "load b", "python.run_turn two", "stopped two"]
    places = [log.index(step) for step in [*steps, "begin summary", "made summary"]]
    assert places == sorted(places)


def test_one_that_does_not_give_way_holds_nobody_for_long(told: dict[str, Any]) -> None:
    assert 1_500 < told["deaf_ms"] < 2_600
    assert "completed one" in told["deaf"]


def test_a_failed_one_is_dropped(told: dict[str, Any]) -> None:
    log = told["failure"]
    assert log.count("begin bad") == 1 and "made good" in log


def test_a_title_is_the_question_and_no_model_is_asked_for_it(told: dict[str, Any]) -> None:
    assert told["after_an_answer"] == ["stored one", "python.run_turn one", "completed one"]
    plain, long, empty = told["titles"]
    assert (plain, empty) == ("What is this?", "")
    assert long.startswith("word word") and long.endswith("word…") and len(long) <= 60
