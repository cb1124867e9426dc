"""``python -m tests.security.campaign``: malformed messages at length, counted in a result file.

100,000 cases for each boundary, from known seeds; ``--only`` repeats some boundaries and keeps the
others' results, as long as they are of the same sources. Exit code 1 if there was any fault.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import importlib.metadata
import json
import logging
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.report import commit, machine
from tools.python_bundle.archive import tree_digest

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "bench/results/malformed.json"
SEED = 20261122
CASES = 100_000
SHARES = 10
JAVASCRIPT = (
    "panel_port",
    "python_frames",
    "background",
    "page_results",
    "engine_control",
    "engine_port",
)
PYTHON = {
    "bridge_on_host": "on_host",
    "bridge_on_engine": "on_engine",
    "tool_calls": "tool_calls",
    "model_output": "model_output",
}
#: what is sent messages, and what sends them
JAVASCRIPT_SOURCES = ("background", "offscreen", "shared", "tests/security")
PYTHON_SOURCES = ("python/sidelight", "tests/security")


def javascript(
    name: str, count: int, *flags: str, seed: int = SEED, timeout_s: float = 3600
) -> dict[str, Any]:
    """The counts of one JavaScript boundary. Raises RuntimeError with the harness's own error."""
    command = ["node", "tests/security/malformed.mjs", "--only", name, *flags]
    command += ["--count", str(count), "--seed", str(seed)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def python(name: str, count: int, seed: int = SEED) -> dict[str, Any]:
    """The counts of one Python boundary."""
    from tests.security import boundaries

    work: Callable[[int, int], Awaitable[Any]] = getattr(boundaries, PYTHON[name])
    return dataclasses.asdict(await work(count, seed))


def faults(found: dict[str, Any]) -> dict[str, int]:
    """The kinds of fault that happened, each with its number."""
    return {kind: number for kind, number in found["faults"].items() if number}


def _share(name: str, count: int, seed: int) -> dict[str, Any]:
    """A share of a boundary's cases, in a process of its own."""
    logging.disable(logging.CRITICAL)
    # amplifier-core reads the metadata of all installed packages for each module of a session.
    importlib.metadata.entry_points = lru_cache(importlib.metadata.entry_points)  # type: ignore[assignment]
    started_s = time.perf_counter()
    if name in JAVASCRIPT:
        found = javascript(name, count, seed=seed)
    else:
        found = asyncio.run(python(name, count, seed))
    return {**found, "took_s": round(time.perf_counter() - started_s, 1)}


def _digest(name: str) -> str:
    """Digest of a boundary's sources."""
    in_javascript = name in JAVASCRIPT
    folders = JAVASCRIPT_SOURCES if in_javascript else PYTHON_SOURCES
    kinds = ["*.js", "*.mjs", "*.json"] if in_javascript else ["*.py"]
    files = [path for part in folders for kind in kinds for path in (ROOT / part).rglob(kind)]
    return tree_digest({str(path.relative_to(ROOT)): path.read_bytes() for path in files})


def _known() -> dict[str, dict[str, Any]]:
    """The boundaries in the result file."""
    return json.loads(RESULT.read_text())["boundaries"] if RESULT.exists() else {}


def _together(shares: dict[str, Any], digest: str) -> dict[str, Any]:
    """The sums over the shares of a boundary, and what they are of."""
    parts = list(shares.values())
    numbers = [key for key, value in parts[0].items() if isinstance(value, int | float)]
    kinds = sorted({kind for part in parts for kind in part["faults"]})
    return {
        "commit": commit(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine(),
        "sources_sha256": digest,
        **{key: round(sum(part[key] for part in parts), 1) for key in numbers},
        "faults": {kind: sum(part["faults"].get(kind, 0) for part in parts) for kind in kinds},
        "examples": [example for part in parts for example in part["examples"]][:5],
        "shares": dict(sorted(shares.items())),
    }


def _write(boundaries: dict[str, dict[str, Any]]) -> None:
    ordered = {n: boundaries[n] for n in (*JAVASCRIPT, *PYTHON) if n in boundaries}
    all_faults = [found["faults"] for found in ordered.values()]
    summary = {
        "boundaries": len(ordered),
        "cases": sum(found["cases"] for found in ordered.values()),
        "crashes": sum(found.get("crash", 0) for found in all_faults),
        "hangs": sum(found.get("hang", 0) for found in all_faults),
        "faults": sum(sum(found.values()) for found in all_faults),
    }
    report = {"name": "malformed", "seed": SEED, "summary": summary, "boundaries": ordered}
    RESULT.write_text(json.dumps(report, indent=1) + "\n")


def main() -> int:
    """Run what is missing, write the file after each share; 1 if any of them had a fault."""
    names = (*JAVASCRIPT, *PYTHON)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="per boundary")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--jobs", type=int, default=1, help="shares side by side")
    given = parser.parse_args()
    count = given.cases // SHARES
    known = _known()
    digests = {name: _digest(name) for name in given.only}
    shares: dict[str, dict[str, Any]] = {}
    for name, digest in digests.items():
        same = known.get(name, {}).get("sources_sha256") == digest
        found = known[name].get("shares", {}) if same else {}
        shares[name] = {seed: part for seed, part in found.items() if part["cases"] == count}
    with ProcessPoolExecutor(given.jobs, max_tasks_per_child=1) as pool:
        running = {}
        for name in given.only:
            for seed in range(SEED, SEED + SHARES):
                if str(seed) not in shares[name]:
                    running[pool.submit(_share, name, count, seed)] = (name, seed)
        for future in as_completed(running):
            name, seed = running[future]
            shares[name][str(seed)] = future.result()
            known[name] = _together(shares[name], digests[name])
            _write(known)
            print(name, seed, json.dumps(shares[name][str(seed)]), flush=True)
    return int(any(faults(known[name]) for name in given.only))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "python"))
    sys.exit(main())
