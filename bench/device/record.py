"""Result file from what `bench.device.run` measured: bench/results/models-h200.json.

    python -m bench.device.record FILE...

Cases of an earlier run stay unless a file has the same library. The machine is the one with the
graphics card, not this one.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from bench.report import RESULTS, write

NAME, SEED = "models-h200", 20
#: HBM3e by the vendor's datasheet
BYTES_PER_S = 4.8e12
MACHINE = {
    "card": "NVIDIA H200 (one), 4.8 TB/s by its datasheet",
    "browser": "Chromium 156, headless, WebGPU over Vulkan with shader-f16 switched on",
    "cores": 16,
}
#: Kernels of decode alone, and those that prefill and decode share.
DECODE, BOTH = ("_row_", "batch_decode"), ("fused_rope", "append", "rank", "pick", "softmax")
BOTH += ("take", "normed_heads", "maximum", "divide")
PROFILED_TOKENS = 16


def kernels_ms(profile: dict[str, Any]) -> float:
    """GPU milliseconds of one decoded token, from a profile of 16 tokens and their prefill."""
    total = 0.0
    for name, kernel in profile["kernels"].items():
        if any(part in name for part in DECODE):
            total += kernel["ms"] / (PROFILED_TOKENS - 1)
        elif any(part in name for part in BOTH):
            total += kernel["ms"] / PROFILED_TOKENS
    return total


def case(told: dict[str, Any]) -> dict[str, Any]:
    """One library's case."""
    if "failed" in told:
        return {"library": told["name"], "failed": told["failed"]}

    def middle(kind: str, key: str) -> float:
        return round(statistics.median(run[key] for run in told[f"speed_{kind}"]), 1)

    waits = told["waits_short"]
    tokens = waits["completion_tokens"]
    wall, waited = waits["wall_ms"] / tokens, waits["wait_ms"] / tokens
    worst = max(told[f"error_{kind}"]["worst_logprob_error"] for kind in ("short", "long"))
    half = max(told[f"error_{kind}"]["torch_half"] for kind in ("short", "long"))
    decode = middle("short", "decode_tokens_per_s")
    stock = told["name"].endswith("@stock")
    result = {
        "library": told["name"],
        "weight_bytes": told["weight_bytes"],
        "load_s": round(told["load_s"], 1),
        "prompt_tokens": [told[f"speed_{kind}"][0]["prompt_tokens"] for kind in ("short", "long")],
        "prefill_tokens_per_s": middle("long", "prefill_tokens_per_s"),
        "decode_tokens_per_s": decode,
        "decode_long_tokens_per_s": middle("long", "decode_tokens_per_s"),
        "share_of_bandwidth": round(decode * told["read_bytes"] / BYTES_PER_S, 4),
        "worst_logprob_error": float(f"{worst:.2g}"),
        "torch_half_error": float(f"{half:.2g}"),
        "token_ms": round(wall, 2),
        "script_ms": round(wall - waited, 2),
    }
    if not stock:
        spent = kernels_ms(told["kernels_short"])
        result |= {"kernels_ms": round(spent, 2), "other_ms": round(waited - spent, 2)}
    return result


def main(files: list[str]) -> None:
    """Write the result file."""
    path = RESULTS / f"{NAME}.json"
    before = json.loads(path.read_text())["cases"] if path.is_file() else []
    cases = {entry["library"]: entry for entry in before}
    for file in files:
        made = case(json.loads(Path(file).read_text()))
        cases[made["library"]] = made
    written = write(NAME, [cases[name] for name in sorted(cases)], {"card": MACHINE}, SEED)
    print(written)


if __name__ == "__main__":
    main(sys.argv[1:])
