"""Result files: ``bench/results/NAME.json`` with commit, seed, machine and every case."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench/results"


def machine() -> dict[str, Any]:
    """What the figures were measured on; no names of hosts or paths."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_bytes / 2**30, 1),
    }


def commit() -> str:
    """The commit measured, with a mark when the tree differed; empty where git is missing."""
    if not shutil.which("git"):
        return ""

    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results")
    return git("rev-parse", "HEAD") + ("+changes" if changed else "")


def write(
    name: str, cases: list[dict[str, Any]], summary: dict[str, Any], seed: int | None
) -> Path:
    """Write ``bench/results/NAME.json`` and return its path."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    report = {
        "name": name,
        "commit": commit(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seed": seed,
        "machine": machine(),
        "summary": summary,
        "cases": cases,
    }
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return path
