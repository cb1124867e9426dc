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
import time
from pathlib import Path
from typing import Any

from tests.kernel.engines import Engine
from tests.kernel.generating import SEED, compare_generated
from tests.pyodide.selection import ROOT
from tools.python_bundle.archive import folder, tree_digest

RESULT = ROOT / "bench/results/kernel-differential.json"
BATCH = 250
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


def _merged(runs: list[dict[str, Any]], sources: str, result: Path) -> dict[str, Any]:
    """Return the report of `runs` and of those in the file that compared the same sources."""
    if result.exists():
        before = json.loads(result.read_text())
        mine = {run["seed"] for run in runs}
        if before["sources_sha256"] == sources:
            runs = [run for run in before["runs"] if run["seed"] not in mine] + runs
    totals = {name: sum(run[name] for run in runs) for name in COUNTS}
    return {
        "commit": _commit(),
        "seed": min(run["seed"] for run in runs),
        "machine": _machine(),
        "sources_sha256": sources,
        "cases": {**totals, "differences": 0},
        "runs": runs,
    }


def main() -> None:
    """Run and write the result file; an AssertionError shows the smallest program that differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=7200.0, help="stop after the batch then")
    parser.add_argument("--seed", type=int, default=SEED + 2)
    parser.add_argument("--add", action="store_true", help="count on top of the file's runs")
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args()
    sources = _sources()
    native, ours = Engine("native"), Engine("ours")
    started_s = time.perf_counter()
    runs: list[dict[str, Any]] = []
    seed = options.seed
    while sum(run["programs"] for run in runs) < options.cases:
        counts = compare_generated(native, ours, cases=BATCH, seed=seed)
        runs.append({"seed": seed, **counts})
        seed += 1
        if time.perf_counter() - started_s > options.seconds:
            break
    native.close()
    ours.close()
    options.result.parent.mkdir(parents=True, exist_ok=True)
    with open(options.result.with_suffix(".lock"), "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not options.add:
            options.result.unlink(missing_ok=True)
        report = _merged(runs, sources, options.result)
        options.result.write_text(json.dumps(report, indent=1) + "\n")
    options.result.with_suffix(".lock").unlink(missing_ok=True)
    print(f"{report['cases']} after {time.perf_counter() - started_s:.0f} s")


if __name__ == "__main__":
    main()
