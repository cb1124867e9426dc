"""Speed of libraries on software WebGPU, in raw WebLLM and a bare page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bench.raw_webllm.run import RawWebLLM
from bench.report import write
from models.library.report import SPEED

WORDS = "river stone cloud moon bread green east link bridge star".split()
PROMPT_WORDS = (60, 230, 900)
NEW_TOKENS, RUNS = 32, 3


def prompt(count: int) -> list[dict[str, str]]:
    """A user message of `count` words in an order that repeats little."""
    text = " ".join(WORDS[(i * 3 + i // 7) % len(WORDS)] for i in range(count))
    return [{"role": "user", "content": text}]


def best(raw: RawWebLLM, words: int) -> dict[str, Any]:
    """The best of some runs: on a shared machine the others measure its other work."""
    runs = [raw.generate(prompt(words), NEW_TOKENS, ignore_eos=True) for _ in range(RUNS)]
    return {
        "prompt_tokens": runs[0]["prompt_tokens"],
        "prefill_tokens_per_s": round(max(run["prefill_tokens_per_s"] for run in runs), 1),
        "decode_tokens_per_s": round(max(run["decode_tokens_per_s"] for run in runs), 1),
    }


def measure(entries: list[dict[str, Any]]) -> Path:
    """Measure the packaged libraries of manifest entries; returns the result file's path."""
    load = os.getloadavg()[0]
    cases: list[dict[str, Any]] = []
    with RawWebLLM() as raw:
        for entry in entries:
            raw.load(entry["id"])
            for count in PROMPT_WORDS:
                cases.append({"model": entry["id"], **best(raw, count)})
                print(cases[-1], flush=True)
    summary = {"runs": RUNS, "new_tokens": NEW_TOKENS, "load_before": round(load, 1)}
    return write(SPEED, cases, summary, None)
