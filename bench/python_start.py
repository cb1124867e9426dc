"""``./dev bench python_start``: starting Python in an extension's worker in Chromium.

From the snapshot and without it, interleaved, each in a fresh module worker of an extension page
under the extension's own content security policy. Fails when the start from the snapshot takes
more than half as long.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.report import ROOT, write
from tools.python_bundle import bundle
from tools.python_bundle.places import OUTPUT, PYODIDE

ROUNDS = 7
LIMIT_RATIO = 0.5
WAIT_MS = 120_000
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

WORKER = """
import { bootPython } from "./boot.js";
onmessage = async ({ data }) => {
  try {
    const { py, ...told } = await bootPython(data);
    const ready = py.runPython("import amplifier_core; amplifier_core.__version__");
    postMessage({ ...told, ready });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
"""
PAGE = """
globalThis.start = (snapshot) => new Promise((resolve, reject) => {
  const from_ms = performance.now();
  const worker = new Worker("worker.js", { type: "module" });
  worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
  worker.onmessage = ({ data }) => {
    worker.terminate();
    resolve({ ...data, start_ms: performance.now() - from_ms });
  };
  worker.postMessage({ base: new URL("./", location.href).href, snapshot });
});
"""


def _extension(folder: Path) -> None:
    """Write the least extension: one page, one worker, the bundle, our own policy."""
    ours = json.loads((ROOT / "manifest.json").read_text())
    manifest = {
        "manifest_version": 3,
        "name": "Python start",
        "version": "1",
        "key": ours["key"],
        "content_security_policy": {
            "extension_pages": ours["content_security_policy"]["extension_pages"]
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "page.html").write_text('<script src="page.js"></script>')
    (folder / "page.js").write_text(PAGE)
    (folder / "worker.js").write_text(WORKER)
    shutil.copy(ROOT / "offscreen/python/boot.js", folder)
    for name in PYODIDE_FILES:
        shutil.copy(PYODIDE / name, folder)
    for name in bundle.OUTPUTS:
        shutil.copy(OUTPUT / name, folder)


def _extension_id(key: str) -> str:
    """Return the id that Chromium derives from a manifest's key."""
    import base64
    import hashlib

    digest = hashlib.sha256(base64.b64decode(key)).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


def measure() -> list[dict[str, Any]]:
    """Return one entry per way of starting, with every round."""
    bundle.build()
    rounds: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary) / "extension"
        folder.mkdir()
        _extension(folder)
        key = json.loads((folder / "manifest.json").read_text())["key"]
        context = playwright.chromium.launch_persistent_context(
            str(Path(temporary) / "profile"),
            executable_path=os.environ.get("CHROMIUM", shutil.which("chromium")),
            headless=True,
            args=[
                *("--no-sandbox", "--no-first-run", "--disable-background-networking"),
                f"--disable-extensions-except={folder}",
                f"--load-extension={folder}",
            ],
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"chrome-extension://{_extension_id(key)}/page.html")
        for number in range(ROUNDS + 1):
            for snapshot in (True, False) if number % 2 else (False, True):
                told = page.evaluate("(snapshot) => start(snapshot)", snapshot)
                if "error" in told or told["snapshot_used"] is not snapshot:
                    raise RuntimeError(f"snapshot={snapshot}: {told}")
                if number:  # the first round fills Chromium's code cache
                    rounds[snapshot].append(told)
        context.close()
    return [
        {
            "case": "from the snapshot" if snapshot else "without",
            "start_ms": round(statistics.median(told["start_ms"] for told in all_told)),
            "stages_ms": {
                stage: round(statistics.median(told["timings"][stage] for told in all_told))
                for stage in all_told[0]["timings"]
            },
            "rounds_ms": [round(told["start_ms"]) for told in all_told],
        }
        for snapshot, all_told in rounds.items()
    ]


def main() -> int:
    """Measure, print and write bench/results/python_start.json; 1 when too slow."""
    cases = measure()
    for case in cases:
        print(f"{case['case']:18} {case['start_ms']:6} ms   {case['stages_ms']}")
    ratio = round(cases[0]["start_ms"] / cases[1]["start_ms"], 3)
    print(f"ratio {ratio}, at most {LIMIT_RATIO}")
    print(write("python_start", cases, {"ratio": ratio, "limit": LIMIT_RATIO}, None))
    return 0 if ratio <= LIMIT_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
