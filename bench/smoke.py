"""The whole stack against WebLLM alone in a bare page: same model, same prompt, interleaved runs.

Writes ``bench/results/smoke.json``: load time, Python ready time, and for every run the time to
first token and tokens per second of both, with their ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from typing import Any

from playwright.sync_api import sync_playwright

from bench.raw_webllm.run import RawWebLLM
from bench.report import ROOT, write
from tests.support.assistant import Assistant
from tests.support.browser import Browser

sys.path.insert(0, str(ROOT / "python"))

from sidelight.testing import Rig, page, say

TEXT = (
    "The ferry Aurora crosses the sound in twenty minutes. She was built in 1961 for forty "
    "passengers and six bicycles. A ticket costs eleven crowns, and children travel free. On "
    "Fridays a night crossing leaves at 23:30. Dogs are welcome on the lower deck. In storms the "
    "ferry stays in the harbour and the post office sends a text message."
)
CASES = {
    "starter": ("Summarize the selection.", page(TEXT, "The night ferry", "selection")),
    "tiny": ("Repeat: red green blue cat dog fox tree river stone cloud", None),
}
GOAL = 0.85
#: an answer of a few frames says how events are batched, not how fast they come: recorded only
MIN_JUDGED_TOKENS = 32
# Waits inside the page and rarely: looking on from outside costs the time that is measured.
FINISHED = """id => new Promise((resolve) => {
  const timer = setInterval(() => {
    const last = assistant.events.at(-1);
    if (last?.turn_id !== id || last.event.type !== "turn.finished") return;
    clearInterval(timer);
    resolve(last.event);
  }, 250);
})"""


async def prompt_of(model_id: str) -> dict[str, Any]:
    """The exact model call that the stack makes for a case: messages and grammar."""
    text, block = CASES[model_id]
    rig = Rig(say("x"))
    await rig.turn(text, family=model_id, context_blocks=[block] if block else [])
    sent = rig.engine.requests[0]
    return {
        "messages": [message.model_dump() for message in sent.messages],
        "grammar": sent.options.grammar,
        "max_tokens": sent.options.max_tokens,
    }


def load_stack(assistant: Assistant, model_id: str) -> float:
    """Seconds from the request to a model that is ready, Python's start beside it."""
    started_s = time.monotonic()
    assistant.request("offscreen.load_model", model_id=model_id)
    while True:
        engine = assistant.request("offscreen.read_state")["result"]["engine"]
        if engine["state"] == "failed":
            raise RuntimeError(engine["error"]["message"])
        if engine["state"] == "ready" and engine["model_id"] == model_id:
            return round(time.monotonic() - started_s, 2)
        assistant.page.wait_for_timeout(250)


def run_stack(assistant: Assistant, model_id: str) -> dict[str, Any]:
    """One turn over the panel's port, in a new conversation, timed where the panel gets it."""
    text, block = CASES[model_id]
    refs = [{"kind": "selection", "page": None, "block": block.model_dump()}] if block else []
    started_ms = assistant.page.evaluate("performance.now()")
    turn = assistant.run_turn(text, model_id, context_refs=refs)
    finished = assistant.page.evaluate(FINISHED, turn["turn_id"])
    if finished["status"] != "completed":
        raise RuntimeError(f"the turn {finished['status']}: {finished.get('error')}")
    times_ms = assistant.page.evaluate(
        """id => assistant.events.map((entry, i) => [entry, assistant.times_ms[i]])
          .filter(([entry]) => entry.turn_id === id && entry.event.type === "turn.delta")
          .map(([, time_ms]) => time_ms)""",
        turn["turn_id"],
    )
    usage = finished["usage"]
    return {
        "text": finished["text"],
        "prompt_tokens": usage["prompt_tokens"],
        "prefilled_tokens": usage["prefilled_tokens"],
        "completion_tokens": usage["completion_tokens"],
        "time_to_first_token_s": (times_ms[0] - started_ms) / 1000,
        "tokens_per_s": (usage["completion_tokens"] - 1) / ((times_ms[-1] - times_ms[0]) / 1000),
    }


def median(runs: list[dict[str, Any]], key: str) -> float:
    """Median of one figure over runs."""
    return round(statistics.median(run[key] for run in runs), 3)


def measure(
    assistant: Assistant, raw: RawWebLLM, model_id: str, call: dict[str, Any], runs: int
) -> dict[str, Any]:
    """Interleaved runs of one model after one uncounted run each; ``call`` is its model call."""
    raw_load_s = raw.load(model_id)
    load_s = load_stack(assistant, model_id)
    run_stack(assistant, model_id)
    raw.generate(call["messages"], call["max_tokens"], grammar=call["grammar"])
    stack: list[dict[str, Any]] = []
    bare: list[dict[str, Any]] = []
    for _ in range(runs):
        stack.append(run_stack(assistant, model_id))
        bare.append(raw.generate(call["messages"], call["max_tokens"], grammar=call["grammar"]))
        if stack[-1]["completion_tokens"] != bare[-1]["completion_tokens"]:
            raise RuntimeError(f"not the same work: {stack[-1]} {bare[-1]}")
        if stack[-1]["prefilled_tokens"] != bare[-1]["prompt_tokens"]:
            raise RuntimeError(f"not the same prompt: {stack[-1]} {bare[-1]}")
    ratios = [s["tokens_per_s"] / b["tokens_per_s"] for s, b in zip(stack, bare, strict=True)]
    return {
        "model": model_id,
        "load_s": {"stack": load_s, "raw": raw_load_s},
        "time_to_first_token_s": {
            "stack": median(stack, "time_to_first_token_s"),
            "raw": median(bare, "time_to_first_token_s"),
        },
        "tokens_per_s": {
            "stack": median(stack, "tokens_per_s"),
            "raw": median(bare, "tokens_per_s"),
        },
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "runs": {"stack": stack, "raw": bare},
    }


def answer_tokens(case: dict[str, Any]) -> int:
    """Tokens of a case's answer, the same in every run."""
    return int(case["runs"]["stack"][0]["completion_tokens"])


def main() -> int:
    """Command line entry. Exit code 1 when the ratio is under the goal."""
    parser = argparse.ArgumentParser(prog="./dev bench smoke")
    parser.add_argument("--runs", type=int, default=12)
    runs = parser.parse_args().runs
    # Before the browser's driver starts: it occupies this thread's event loop.
    calls = {model_id: asyncio.run(prompt_of(model_id)) for model_id in CASES}
    with sync_playwright() as driver, Browser(driver) as browser:
        assistant = Assistant(browser)
        with RawWebLLM(playwright=driver) as raw:
            cases = [measure(assistant, raw, *item, runs) for item in calls.items()]
        state = assistant.request("offscreen.read_state")["result"]
    summary = {
        "python_ready_ms": round(state["python"]["ready_ms"]),
        "snapshot_used": state["python"]["snapshot_used"],
        "ratio": {case["model"]: case["ratio"] for case in cases},
        "answer_tokens": {case["model"]: answer_tokens(case) for case in cases},
        "judged_from_tokens": MIN_JUDGED_TOKENS,
        "goal": GOAL,
    }
    path = write("smoke", cases, summary, seed=None)
    shown = [{k: v for k, v in case.items() if k != "runs"} for case in cases]
    print(json.dumps({**summary, "cases": shown}, indent=1))
    print(path.relative_to(ROOT))
    judged = [case["ratio"] for case in cases if answer_tokens(case) >= MIN_JUDGED_TOKENS]
    return 0 if judged and min(judged) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
