"""``python -m tests.kernel.campaign``: many generated programs, counted in a result file.

Batches have seeds that follow each other. Runs may be split or go side by side: with ``--add``
the cases count on top of those in the file, as long as engine and generator are the same.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tests.kernel.engines import Engine
from tests.kernel.generating import SEED, compare_generated
from tests.pyodide.selection import ROOT
from tools.python_bundle.archive import folder, tree_digest

RESULT = ROOT / "bench/results/kernel-differential.json"
BATCH = 100
COUNTS = ("programs", "steps", "compared")


def _sources() -> str:
    """Digest of what is compared and what compares it."""
    return tree_digest(
        {
            f"{part}/{name}": content
            for part in ("python/amplifier_kernel", "tests/kernel")
            for name, content in folder(ROOT / part).items()
            if name.endswith(".py")
        }
    )


def _commit() -> str:
    command = ["git", "log", "-1", "--format=%H"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "arch": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _add(run: dict[str, Any], sources: str, result: Path) -> None:
    """Count a batch in the result file, next to those that compared the same sources."""
    result.parent.mkdir(parents=True, exist_ok=True)
    with open(Path(tempfile.gettempdir()) / "kernel-differential.lock", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        before = json.loads(result.read_text()) if result.exists() else {}
        runs = before["runs"] if before.get("sources_sha256") == sources else []
        runs = [*(one for one in runs if one["seed"] != run["seed"]), run]
        report = {
            "commit": _commit(),
            "seed": min(one["seed"] for one in runs),
            "machine": _machine(),
            "sources_sha256": sources,
            "cases": {
                **{name: sum(one[name] for one in runs) for name in COUNTS},
                "differences": 0,
            },
            "runs": runs,
        }
        result.write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    """Run and write the result file; an AssertionError shows the smallest program that differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=7200.0, help="stop after the batch then")
    parser.add_argument("--seed", type=int, default=SEED + 2)
    parser.add_argument("--jobs", type=int, default=1, help="batches at the same time")
    parser.add_argument("--add", action="store_true", help="count on top of the file's runs")
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args()
    if not options.add:
        options.result.unlink(missing_ok=True)
    sources = _sources()
    batches = -(-options.cases // BATCH)
    started_s = time.perf_counter()
    done = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        running = [pool.submit(_batch, options.seed + number) for number in range(batches)]
        for batch in as_completed(running):
            counts = batch.result()
            _add(counts, sources, options.result)
            done += counts["programs"]
            if time.perf_counter() - started_s > options.seconds:
                pool.shutdown(cancel_futures=True)
                break
    print(f"{done} programs without a difference after {time.perf_counter() - started_s:.0f} s")


def _batch(seed: int) -> dict[str, Any]:
    native, ours = Engine("native"), Engine("ours")
    try:
        return {"seed": seed, **compare_generated(native, ours, cases=BATCH, seed=seed)}
    finally:
        native.close()
        ours.close()


if __name__ == "__main__":
    main()
