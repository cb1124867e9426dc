"""The packaged libraries on software WebGPU, on 2 cores of a machine that does nothing else.

    python -m bench.device.software CHROMIUM LIBRARIES OUT

LIBRARIES holds the built page. `python -m bench.device.software record OUT/software.json` makes
bench/results/models-speed.json of it, on the machine that has the repository's history.
"""

from __future__ import annotations

import asyncio
import functools
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODELS, COUNTS, NEW, RUNS = ("starter", "tiny"), (60, 230, 900), 32, 3
FLAGS = "--headless=new --no-sandbox --no-first-run --disable-dev-shm-usage"
FLAGS += " --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader"


async def measure(chromium: str, libraries: Path) -> list[dict[str, Any]]:
    """All runs of each model and prompt."""
    from bench.device.browser import Browser
    from bench.device.run import Quiet, words

    cases: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for file in ("index.html", "page.js"):
            shutil.copyfile(libraries / file, site / file)
        for model in MODELS:
            shutil.copytree(ROOT / f"models/prebuilt/{model}", site / model)
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/index.html"
        os.sched_setaffinity(0, {0, 1})
        for model in MODELS:
            async with Browser(chromium, FLAGS.split(), url) as browser:
                await browser.evaluate(
                    "(async () => { while (!globalThis.device || !(await device.adapter()))"
                    " await new Promise((r) => setTimeout(r, 100)) })()",
                    30,
                )
                record = {"folder": model, "library": f"{model}/{model}.wasm"}
                await browser.call("load", {**record, "context_window_tokens": 2048}, 100)
                for count in COUNTS:
                    ask = {"text": words(count), "max_tokens": NEW}
                    runs = [await browser.call("speed", ask, 90) for _ in range(RUNS)]
                    cases.append({"model": model, "runs": runs})
        server.shutdown()
    return cases


def record(cases: list[dict[str, Any]]) -> Path:
    """Write bench/results/models-speed.json: the best run of each case."""
    from bench.report import write

    made = [
        {
            "model": case["model"],
            "prompt_tokens": case["runs"][0]["prompt_tokens"],
            "prefill_tokens_per_s": round(max(r["prefill_tokens_per_s"] for r in case["runs"]), 1),
            "decode_tokens_per_s": round(max(r["decode_tokens_per_s"] for r in case["runs"]), 1),
        }
        for case in cases
    ]
    where = "two of 16 otherwise idle cores, not this machine"
    return write("models-speed", made, {"runs": RUNS, "new_tokens": NEW, "where": where}, None)


if __name__ == "__main__":
    if sys.argv[1] == "record":
        print(record(json.loads(Path(sys.argv[2]).read_text())))
    else:
        told = asyncio.run(measure(sys.argv[1], Path(sys.argv[2])))
        (Path(sys.argv[3]) / "software.json").write_text(json.dumps(told, indent=1))
