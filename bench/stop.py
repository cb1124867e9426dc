"""From the click on Stop to the turn's end, in decode steps of the same run.

``python -m bench.stop`` stops turns of the whole extension with a packaged model: some while the
prompt is read, some at a seeded batch of the answer's text. Both times are taken in the page.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import sys
from typing import Any

from playwright.sync_api import sync_playwright

from bench.report import ROOT, write
from tests.support.assistant import Assistant
from tests.support.browser import Browser

PLACES = "mill ford bridge quay chapel tower market garden harbour orchard".split()
STOPS, PREFILLS = 20, 5
SILENCE_MS = 5_000
#: for a whole answer, the start of all parts included
LIMIT_S = 300
#: asks, stops after so many batches of text (none: as soon as the model reads), waits for the end
_STOP = """([body, after]) => new Promise((resolve) => {
  const { port } = assistant;
  const found = { texts_ms: [], later: 0 };
  const look = ({ body: sent }) => {
    if (sent?.type !== "panel.turn_events") return;
    for (const { turn_id, event } of sent.events) {
      if (turn_id !== body.turn_id) continue;
      const now_ms = performance.now();
      if (found.ended_ms) found.later += 1;
      if (event.type === "turn.delta") found.texts_ms.push(now_ms);
      const reads = after === 0 && event.type === "turn.status" && event.stage === "prefill";
      if (!found.clicked_ms && (reads || (after > 0 && found.texts_ms.length >= after))) {
        found.clicked_ms = performance.now();
        port.postMessage({ v: 1, id: "stop-" + turn_id,
          body: { type: "offscreen.stop_turn", turn_id } });
      }
      if (event.type === "turn.finished") {
        Object.assign(found, { ended_ms: now_ms, status: event.status, usage: event.usage });
        setTimeout(() => { port.onMessage.removeListener(look); resolve(found); }, SILENCE_MS);
      }
    }
  };
  port.onMessage.addListener(look);
  port.postMessage({ v: 1, id: "ask-" + body.turn_id, body });
})""".replace("SILENCE_MS", str(SILENCE_MS))


def about(number: int) -> str:
    """A text that no other turn has, so that each is read anew."""
    return " ".join(
        f"The {place} of house {number * 10 + n} was built of grey stone in {1500 + n * 7} "
        f"and holds {n + 3} rooms with a view over the river."
        for n, place in enumerate(PLACES)
    )


def question(turn: str, number: int, model: str) -> dict[str, Any]:
    """A request for a summary of an attached text, in a new conversation."""
    text = about(number)
    block = {
        "kind": "selection",
        "origin": "https://example.org",
        "trust": "untrusted",
        "title": "Houses",
        "url": "https://example.org/houses",
        "text": text,
        "total_chars": len(text),
        "truncated": False,
    }
    return {
        "type": "offscreen.run_turn",
        "turn_id": f"t-{turn}",
        "conversation_id": f"c-{turn}",
        "parent_id": None,
        "text": "Summarise this page",
        "context_refs": [{"kind": "selection", "block": block}],
        "page": None,
        "model_id": model,
        "options": {"max_tokens": 512},
    }


def stop_once(assistant: Assistant, number: int, model: str, after: int) -> dict[str, Any]:
    """One turn in a new conversation, stopped after ``after`` batches of text."""
    body = question(f"stop-{number}", number, model)
    found: dict[str, Any] = assistant.page.evaluate(_STOP, [body, after])
    state = assistant.request("offscreen.read_state")["result"]
    clicked_ms = found.get("clicked_ms")
    times_ms = found["texts_ms"]
    return {
        "number": number,
        "phase": "decode" if after else "prefill",
        "after_batches": after,
        "status": found["status"],
        "latency_ms": round(found["ended_ms"] - clicked_ms, 1) if clicked_ms else None,
        "batches_ms": [round(b - a, 1) for a, b in itertools.pairwise(times_ms)],
        "events_after_end": found["later"],
        "turns_left": len(state["active_turns"]),
    }


def main() -> int:
    """Command line entry. Exit code 1 when something came after an end or stayed in the queue."""
    parser = argparse.ArgumentParser(prog="./dev bench stop", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stops", type=int, default=STOPS)
    parser.add_argument("--model", default="starter")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with sync_playwright() as driver, Browser(driver) as browser:
        assistant = Assistant(browser)
        # Whole answers: the first loads the model, the second gives the length of a step.
        for n in range(2):
            warm = question(f"whole-{n}", 900 + n, options.model)
            reply = assistant.request(warm.pop("type"), **warm)
            if not reply["ok"]:
                raise RuntimeError(reply)
            assistant.wait_event(warm["turn_id"], "turn.finished", LIMIT_S)
        events = [one["event"] for one in assistant.events(warm["turn_id"])]
        whole = events[-1]["usage"]
        batches = sum(event["type"] == "turn.delta" for event in events)
        step_ms = 1000 / whole["decode_tokens_per_s"]
        cases = []
        for n in range(options.stops):
            after = 0 if n < PREFILLS else chance.randint(1, max(1, batches // 2))
            cases.append(stop_once(assistant, n, options.model, after))
    stopped = [case for case in cases if case["status"] == "stopped"]
    ratios = {
        phase: [c["latency_ms"] / step_ms for c in stopped if c["phase"] == phase]
        for phase in ("prefill", "decode")
    }
    summary = {
        "model": options.model,
        "whole_answer": {"tokens": whole["completion_tokens"], "batches": batches},
        "stops": len(cases),
        "stopped": len(stopped),
        "decode_step_ms": round(step_ms, 2),
        "latency_in_decode_steps": {
            phase: {"median": round(statistics.median(found), 1), "most": round(max(found), 1)}
            for phase, found in ratios.items()
            if found
        },
        "events_after_end": sum(case["events_after_end"] for case in cases),
        "turns_left": sum(case["turns_left"] for case in cases),
    }
    print(json.dumps(summary, indent=1))
    print(write("stop", cases, summary, options.seed).relative_to(ROOT))
    return 1 if summary["events_after_end"] or summary["turns_left"] else 0


if __name__ == "__main__":
    sys.exit(main())
