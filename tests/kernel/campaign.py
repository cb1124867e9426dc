"""``python -m tests.kernel.campaign``: many generated programs, counted in a result file.

Runs may be split: with ``--add`` the cases count on top of those in the file, as long as the
engine's sources and the generator are the same.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    """Run and write the result file; an AssertionError shows the smallest program that differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED + 2)
    parser.add_argument("--add", action="store_true", help="count on top of the file's runs")
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args()
    sources = _sources()
    runs: list[dict[str, Any]] = []
    if options.add and options.result.exists():
        before = json.loads(options.result.read_text())
        runs = before["runs"] if before["sources_sha256"] == sources else []
    native, ours = Engine("native"), Engine("ours")
    started_s = time.perf_counter()
    counts = compare_generated(native, ours, cases=options.cases, seed=options.seed)
    native.close()
    ours.close()
    duration_s = round(time.perf_counter() - started_s, 1)
    runs = [run for run in runs if run["seed"] != options.seed]
    runs.append({"seed": options.seed, "duration_s": duration_s, **counts, "differences": 0})
    report = {
        "commit": _commit(),
        "seed": options.seed,
        "machine": _machine(),
        "sources_sha256": sources,
        "cases": {
            name: sum(run[name] for run in runs)
            for name in ("programs", "steps", "compared", "differences")
        },
        "runs": runs,
    }
    options.result.parent.mkdir(parents=True, exist_ok=True)
    options.result.write_text(json.dumps(report, indent=1) + "\n")
    print(f"{report['cases']} after {duration_s} s")


if __name__ == "__main__":
    main()
