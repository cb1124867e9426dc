"""``./dev bench python_place``: what it costs to run Python in the sandboxed frame.

The same worker script is started as a dedicated worker of an extension page and inside the frame,
interleaved: time to ready, and the time of a message there and back.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

from playwright.sync_api import sync_playwright

from bench.report import write
from tests.support.browser import Browser

ROUNDS = 7
MESSAGES = 200

START = """async ([place, messages]) => {
  const base = chrome.runtime.getURL("pyodide/");
  const [host, engine] = [new MessageChannel(), new MessageChannel()];
  const ports = [host.port2, engine.port2];
  const from_ms = performance.now();
  let end;
  if (place === "frame") {
    const frame = document.createElement("iframe");
    onmessage = ({ source, data }) => {
      if (source === frame.contentWindow && data.op === "loaded")
        frame.contentWindow.postMessage({ op: "start", base }, "*", ports);
    };
    frame.src = chrome.runtime.getURL("offscreen/python/frame.html");
    document.documentElement.append(frame);
    end = () => frame.remove();
  } else {
    const worker = new Worker(chrome.runtime.getURL("offscreen/python/worker.js"));
    worker.postMessage({ op: "start", base }, ports);
    end = () => worker.terminate();
  }
  const next = (op) => new Promise((resolve, reject) => {
    host.port1.onmessage = ({ data }) => {
      if (data.op === op) resolve(data);
      else if (data.op === "failed") reject(new Error(data.message));
    };
  });
  const { snapshot_used } = await next("ready");
  const start_ms = performance.now() - from_ms;
  const sent_ms = performance.now();
  for (let number = 0; number < messages; number += 1) {
    const reply = next("frame");
    const text = JSON.stringify({ v: 1, id: `m${number}`, body: { type: "nothing" } });
    host.port1.postMessage({ op: "frame", text });
    await reply;
  }
  const message_ms = (performance.now() - sent_ms) / messages;
  end();
  return { start_ms, message_ms, snapshot_used };
}"""


def measure() -> list[dict[str, Any]]:
    """One case per place, with every round."""
    rounds: dict[str, list[dict[str, Any]]] = {"frame": [], "worker": []}
    with sync_playwright() as playwright, Browser(playwright) as browser:
        page = browser.context.new_page()
        for number in range(ROUNDS + 1):
            for place in sorted(rounds, reverse=bool(number % 2)):
                page.goto(browser.extension_url("manifest.json"))
                told = page.evaluate(START, [place, MESSAGES])
                if not told["snapshot_used"]:
                    raise RuntimeError(f"{place}: the snapshot was not used")
                if number:  # the first round fills Chromium's code cache
                    rounds[place].append(told)
    return [
        {
            "case": place,
            "start_ms": round(statistics.median(one["start_ms"] for one in all_told)),
            "message_ms": round(statistics.median(one["message_ms"] for one in all_told), 2),
            "rounds_start_ms": [round(one["start_ms"]) for one in all_told],
        }
        for place, all_told in rounds.items()
    ]


def main() -> int:
    """Measure, print and write bench/results/python_place.json."""
    cases = measure()
    for case in cases:
        print(f"{case['case']:8} start {case['start_ms']:6} ms, message {case['message_ms']} ms")
    frame, worker = cases
    summary = {
        "start_ratio": round(frame["start_ms"] / worker["start_ms"], 2),
        "message_ratio": round(frame["message_ms"] / worker["message_ms"], 2),
    }
    print(summary)
    print(write("python_place", cases, summary, None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
