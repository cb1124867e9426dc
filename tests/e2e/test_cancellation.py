"""After a Stop nothing more comes, and the engine is free."""

from __future__ import annotations

import time

import pytest

from tests.support.assistant import Assistant
from tests.support.browser import Browser

pytestmark = pytest.mark.e2e
#: longer than what `tiny` says after any question it knows, and than a Stop takes on its way
LONG = "Repeat: " + "red green blue cat dog fox tree river stone cloud moon bread east link " * 24
SILENCE_S = 5.0
#: a token of the tiny model and a batch of events on a busy machine; the prefill of a question
STOP_LIMIT_S, NEXT_LIMIT_S = 3.0, 6.0
# Stops in the page at the first words: on the way through the driver a short answer could end.
STOP_AT_FIRST = """(id) => new Promise((resolve) => {
  const { port } = assistant;
  const look = ({ body }) => {
    if (body?.type !== "panel.turn_events") return;
    for (const { turn_id, event } of body.events) {
      if (turn_id !== id) continue;
      if (event.type === "turn.delta" && !look.stopped_ms) {
        look.stopped_ms = performance.now();
        port.postMessage({ v: 1, id: "stop-" + id,
          body: { type: "offscreen.stop_turn", turn_id: id } });
      }
      if (event.type === "turn.finished") {
        port.onMessage.removeListener(look);
        resolve((performance.now() - look.stopped_ms) / 1000);
      }
    }
  };
  port.onMessage.addListener(look);
})"""


def test_after_a_stop_the_engine_is_idle_and_the_turn_is_silent(browser: Browser) -> None:
    assistant = Assistant(browser)
    warm = assistant.run_turn("Hello", "tiny")
    assistant.wait_event(warm["turn_id"], "turn.finished")
    turn_id = "t-to-be-stopped"
    assistant.page.evaluate(f"() => {{ globalThis.stopping = ({STOP_AT_FIRST})('{turn_id}'); }}")
    assistant.run_turn(LONG, "tiny", turn_id=turn_id, options={"max_tokens": 512})
    latency_s = assistant.page.evaluate("() => stopping")
    stopped_s = time.monotonic()
    finished = assistant.wait_event(turn_id, "turn.finished")
    assert finished["status"] == "stopped"
    assert latency_s < STOP_LIMIT_S
    seen = assistant.events(turn_id)
    assert seen[-1]["event"]["type"] == "turn.finished"
    state = assistant.request("offscreen.read_state")["result"]
    assert state["active_turns"] == []
    # The engine works on nothing else: the next question's first word does not wait for the rest
    # of the stopped answer, and its whole prompt is its own.
    after = assistant.run_turn("Count to 7.", "tiny")
    asked_s = time.monotonic()
    done = assistant.wait_event(after["turn_id"], "turn.finished")
    assert done["status"] == "completed"
    assert "7" in done["text"]
    assert time.monotonic() - asked_s < NEXT_LIMIT_S + SILENCE_S
    remaining_s = stopped_s + SILENCE_S + 1 - time.monotonic()
    if remaining_s > 0:
        assistant.page.wait_for_timeout(remaining_s * 1000)
    assert assistant.events(turn_id) == seen, "an event came after the turn's end"
    state = assistant.request("offscreen.read_state")["result"]
    assert state["active_turns"] == []
    assert state["engine"]["state"] == "ready"
