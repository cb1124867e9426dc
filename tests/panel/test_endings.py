"""How an answer ends: failed, stopped or long, its end is in view and offers what can help."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.panel.driver import USAGE, Panel

pytestmark = pytest.mark.e2e

NOTHING = {**USAGE, "prompt_tokens": 0, "prefilled_tokens": 0, "completion_tokens": 0}
AT_END = """(() => { const l = document.querySelector("chat-log");
  return l.scrollHeight - l.scrollTop - l.clientHeight < 4 })()"""


def fail(panel: Panel, turn: str, code: str, retryable: bool) -> None:
    error: dict[str, Any] = {"code": code, "message": "It did not fit.", "hint": "Shorten it."}
    error["retryable"] = retryable
    panel.finish(turn, "", status="failed", error=error, usage=None)
    expect(panel.page.get_by_role("alert")).to_contain_text("It did not fit.")


def test_what_cannot_help_is_not_offered(panel: Panel) -> None:
    fail(panel, panel.ask("One"), "bad_request", retryable=False)
    alert = panel.page.get_by_role("alert")
    expect(alert.get_by_role("button", name="Copy details")).to_be_visible()
    expect(alert.get_by_role("button", name="Retry")).to_have_count(0)
    expect(panel.box).to_have_value("")


def test_a_question_that_is_too_long_comes_back_once(panel: Panel) -> None:
    fail(panel, panel.ask("A very long question"), "context_too_long", retryable=False)
    expect(panel.box).to_have_value("A very long question")
    expect(panel.button("Retry")).to_have_count(0)
    panel.box.fill("")
    panel.eval("fake.drop()")
    panel.wait_requests("offscreen.attach", 2)
    panel.page.wait_for_timeout(100)
    expect(panel.box).to_have_value("")


def test_a_question_that_is_too_long_leaves_a_draft_alone(panel: Panel) -> None:
    turn = panel.ask("A very long question")
    panel.box.fill("my next words")
    fail(panel, turn, "context_too_long", retryable=False)
    expect(panel.box).to_have_value("my next words")


def test_a_long_question_is_folded(panel: Panel) -> None:
    turn = panel.ask("short")
    expect(panel.button("Show all")).to_have_count(0)
    panel.finish(turn, "ok")
    panel.ask("\n".join(f"line {i}" for i in range(60)))
    words = panel.asked.last.locator(".words")
    expect(panel.button("Show all")).to_be_visible()
    folded = words.bounding_box()
    assert folded and 200 < folded["height"] < 300
    panel.button("Show all").click()
    shown = words.bounding_box()
    assert shown and shown["height"] > 1000
    panel.button("Show less").click()
    expect(panel.button("Show all")).to_be_visible()
    again = words.bounding_box()
    assert again and again["height"] == pytest.approx(folded["height"], abs=1)


def test_content_that_grows_before_the_scroll_is_told_stays_in_view(panel: Panel) -> None:
    """The event of the panel's own scroll comes a frame later, when the end is further down."""
    turn = panel.ask("Go")
    panel.begin_text(turn)
    panel.say(turn, "line\n\n" * 60)
    panel.wait(AT_END)
    panel.eval(
        """() => { const list = document.querySelector(".log-list");
          const log = document.querySelector("chat-log");
          log.scrollTop = log.scrollHeight - 1;
          const tall = document.createElement("p");
          tall.style.height = "400px";
          list.append(tall); log.dispatchEvent(new Event("scroll")) }"""
    )
    panel.wait(AT_END)
    expect(panel.button("Latest")).to_be_hidden()


def test_an_error_ends_in_view(panel: Panel) -> None:
    panel.page.set_viewport_size({"width": 360, "height": 445})
    turn = panel.ask("word " * 900)
    fail(panel, turn, "bad_request", retryable=False)
    panel.wait(AT_END)
    panel.page.get_by_role("alert").get_by_role("button", name="Copy details").click()
    expect(panel.button("Latest")).to_be_hidden()


def test_latest_covers_nothing(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.begin_text(turn)
    panel.finish(turn, "line\n\n" * 60)
    panel.wait(AT_END)
    panel.log.hover()
    panel.page.mouse.wheel(0, -600)
    expect(panel.button("Latest")).to_be_visible()
    log, latest = panel.log.bounding_box(), panel.button("Latest").bounding_box()
    assert log and latest
    assert latest["y"] >= log["y"] + log["height"]


def test_stopped_before_an_answer(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.finish(turn, "", status="stopped", usage=NOTHING)
    expect(panel.answers).to_contain_text("Stopped before an answer came.")
    expect(panel.answers.locator("answer-foot")).to_be_hidden()
    panel.answers.get_by_role("button", name="Retry").click()
    again = panel.wait_requests("offscreen.run_turn", 2)[1]
    assert again["text"] == "Go"
    assert again["parent_id"] is None
    expect(panel.asked).to_have_count(1)


def test_stopped_in_the_middle_offers_retry_while_it_is_the_last(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.begin_text(turn)
    panel.say(turn, "Half of")
    panel.finish(turn, "Half of", status="stopped")
    expect(panel.answers).to_contain_text("Stopped. The answer up to here is kept.")
    expect(panel.button("Retry")).to_have_count(1)
    panel.ask("Next")
    expect(panel.button("Retry")).to_have_count(0)


def test_figures_stand_under_the_words(panel: Panel) -> None:
    """Thoughts alone cannot be copied: the figures begin where the words do."""
    turn = panel.ask("Go")
    panel.emit(turn, {"type": "turn.block_start", "block_index": 0, "block_type": "thinking"})
    panel.say(turn, "Let me see.")
    panel.finish(turn, "", status="stopped")
    expect(panel.button("Copy answer")).to_be_hidden()
    meter = panel.answers.locator(".meter").bounding_box()
    words = panel.answers.locator(".items").bounding_box()
    assert meter and words
    assert meter["x"] == pytest.approx(words["x"], abs=1)
