"""After a Stop nothing more comes, and the engine is free."""

from __future__ import annotations

import time

import pytest

from tests.support.assistant import Assistant
from tests.support.browser import Browser

pytestmark = pytest.mark.e2e
LONG = "Repeat: red green blue cat dog fox tree river stone cloud moon bread east link bridge star"
SILENCE_S = 5.0
#: a token of the tiny model and a batch of events on a busy machine; the prefill of a question
STOP_LIMIT_S, NEXT_LIMIT_S = 2.0, 6.0


def test_after_a_stop_the_engine_is_idle_and_the_turn_is_silent(browser: Browser) -> None:
    assistant = Assistant(browser)
    warm = assistant.run_turn("Hello", "tiny")
    assistant.wait_event(warm["turn_id"], "turn.finished")
    turn = assistant.run_turn(LONG, "tiny")
    assistant.wait_event(turn["turn_id"], "turn.delta")
    clicked_s = time.monotonic()
    assistant.request("offscreen.stop_turn", turn_id=turn["turn_id"])
    finished = assistant.wait_event(turn["turn_id"], "turn.finished")
    assert finished["status"] == "stopped"
    assert time.monotonic() - clicked_s < STOP_LIMIT_S
    seen = assistant.events(turn["turn_id"])
    assert seen[-1]["event"]["type"] == "turn.finished"
    # The engine works on nothing else: the next question's first word does not wait for the rest
    # of the stopped answer, and its whole prompt is its own.
    after = assistant.run_turn("Count to 7.", "tiny")
    asked_s = time.monotonic()
    done = assistant.wait_event(after["turn_id"], "turn.finished")
    assert done["status"] == "completed"
    assert "7" in done["text"]
    assert time.monotonic() - asked_s < NEXT_LIMIT_S + SILENCE_S
    remaining_s = clicked_s + SILENCE_S + 1 - time.monotonic()
    if remaining_s > 0:
        assistant.page.wait_for_timeout(remaining_s * 1000)
    assert assistant.events(turn["turn_id"]) == seen, "an event came after the turn's end"
    state = assistant.request("offscreen.read_state")["result"]
    assert state["active_turns"] == []
    assert state["engine"]["state"] == "ready"
