"""The fallback over its whole table of inputs: what is done by itself, what is only offered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]

NO_DEVICE = {"no_webgpu", "no_adapter"}
LOST = {"device_lost", "engine_crashed", "engine_failed"}
NOT_THIS_ONE = {"missing_feature", "out_of_memory", "load_failed", "model_files_missing"}
ENGINE = NO_DEVICE | LOST | NOT_THIS_ONE
GRAPHICS = {"big-f16", "big-f32", "mid-f16", "mid-f32", "starter"}


@pytest.fixture(scope="module")
def table() -> list[Row]:
    """Every situation with its step."""
    command = ["node", "tests/offscreen/fallback.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows: list[Row] = json.loads(done.stdout)
    return rows


def where(table: list[Row], holds: Callable[[Row], bool]) -> list[Row]:
    found = [row for row in table if holds(row)]
    assert found, "no such situation in the table"
    return found


def away(name: str | None) -> bool:
    return name is not None and name.startswith("s-")


def test_the_table_is_whole(table: list[Row]) -> None:
    assert len(table) == 17 * 3 * 6 * 3 * 2 * 2 * 2 * 3


def test_at_device_no_step_and_no_offer_leaves_the_device(table: list[Row]) -> None:
    for row in where(table, lambda row: row["level"] == "device"):
        assert not away(row["model"]) and not any(map(away, row["offers"])), row


def test_a_server_is_never_asked_by_itself(table: list[Row]) -> None:
    assert not [row for row in table if away(row["model"])]
    offered = where(table, lambda row: any(map(away, row["offers"])))
    assert {row["level"] for row in offered} == {"servers", "web"}


def test_no_graphics_device_takes_no_model_of_it(table: list[Row]) -> None:
    rows = where(table, lambda row: row["code"] in NO_DEVICE and row["model_id"] in GRAPHICS)
    for row in rows:
        assert row["model"] not in GRAPHICS and not GRAPHICS & set(row["offers"]), row
        if row["own"] and not row["begun"]:
            assert row["model"] == "builtin", row


def test_a_lost_device_is_tried_once_more_before_all_else(table: list[Row]) -> None:
    for row in where(table, lambda row: row["code"] in LOST and row["model_id"] in GRAPHICS):
        again = row["tried"].count(row["model_id"]) == 1 and not row["begun"]
        assert (row["step"] == "retry") is again, row
        if again:
            assert row["model"] == row["model_id"]


@pytest.mark.parametrize(
    ("code", "failed", "f16", "used"),
    [
        ("missing_feature", "big-f16", True, "big-f32"),
        ("load_failed", "big-f16", True, "big-f32"),
        ("out_of_memory", "big-f16", True, "mid-f32"),
        ("out_of_memory", "big-f16", False, "mid-f32"),
        ("load_failed", "mid-f32", True, "mid-f16"),
        ("load_failed", "mid-f32", False, "starter"),
        ("out_of_memory", "mid-f32", False, "starter"),
    ],
)
def test_the_order_on_the_device(
    table: list[Row], code: str, failed: str, f16: bool, used: str
) -> None:
    rows = where(
        table,
        lambda row: (
            (row["code"], row["model_id"], row["shader_f16"]) == (code, failed, f16)
            and row["tried"] == [failed]
            and not row["begun"]
        ),
    )
    assert {row["model"] for row in rows} == {used}


def test_what_failed_is_not_tried_again(table: list[Row]) -> None:
    for row in where(table, lambda row: row["step"] == "use"):
        assert row["model"] not in row["tried"], row
        assert row["notice"], row


def test_models_for_tests_are_never_taken_or_offered(table: list[Row]) -> None:
    assert not any(row["model"] == "tiny" or "tiny" in row["offers"] for row in table)


def test_a_begun_answer_is_never_said_twice(table: list[Row]) -> None:
    assert {row["step"] for row in where(table, lambda row: row["begun"])} == {"offer"}


def test_a_server_that_fails_is_replaced_by_nothing_unasked(table: list[Row]) -> None:
    for row in where(table, lambda row: away(row["model_id"]) or row["model_id"] == "builtin"):
        assert row["step"] == "offer", row


def test_an_engines_trouble_never_ends_without_a_way_on(table: list[Row]) -> None:
    for row in where(table, lambda row: row["code"] in ENGINE and row["step"] == "offer"):
        # What was lost once is tried again on the next question; its error says so.
        lost_once = row["code"] in LOST and row["tried"].count(row["model_id"]) == 1
        assert row["offers"] or row["hint"] or lost_once, row
    stuck = where(
        table,
        lambda row: row["code"] in NO_DEVICE and row["step"] == "offer" and not row["offers"],
    )
    for row in stuck:
        assert "Privacy" in row["hint"], row


def test_what_another_model_cannot_help_is_offered_none(table: list[Row]) -> None:
    for row in where(table, lambda row: row["code"] in {"bad_grammar", "internal"}):
        assert (row["step"], row["offers"]) == ("offer", []), row


def test_offers_are_few_and_name_their_host(table: list[Row]) -> None:
    for row in where(table, lambda row: row["offers"]):
        assert len(row["offers"]) <= 3 and len(set(row["offers"])) == len(row["offers"]), row
        for name, host in zip(row["offers"], row["hosts"], strict=True):
            assert (host is not None) is away(name), row
        assert row["model_id"] not in row["offers"], row
