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
SHARE = 2_500
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
SOURCES = ("background", "offscreen", "shared", "python/sidelight", "tests/security")


def javascript(name: str, count: int, *flags: str, timeout_s: float = 3600) -> dict[str, Any]:
    """The counts of one JavaScript boundary. Raises RuntimeError with the harness's own error."""
    command = ["node", "tests/security/malformed.mjs", "--only", name, *flags]
    command += ["--count", str(count), "--seed", str(SEED)]
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


def _boundary(name: str, count: int, seed: int) -> dict[str, Any]:
    """A share of one boundary's cases in a process of its own."""
    logging.disable(logging.CRITICAL)
    # amplifier-core reads the metadata of all installed packages for each module of a session.
    importlib.metadata.entry_points = lru_cache(importlib.metadata.entry_points)  # type: ignore[assignment]
    started_s = time.perf_counter()
    found = (
        javascript(name, count) if name in JAVASCRIPT else asyncio.run(python(name, count, seed))
    )
    return {**found, "took_s": round(time.perf_counter() - started_s, 1)}


def _shares(name: str, count: int) -> list[tuple[int, int]]:
    """Numbers of cases with their seeds: Python's boundaries are slow and run in shares."""
    if name in JAVASCRIPT:
        return [(count, SEED)]
    starts = range(0, count, SHARE)
    return [(min(SHARE, count - start), SEED + start // SHARE) for start in starts]


def _together(shares: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over all shares; examples of faults one after the other."""
    if len(shares) == 1:
        return shares[0]
    total: dict[str, Any] = {"seeds": len(shares)}
    for name, value in shares[0].items():
        if isinstance(value, int | float):
            total[name] = round(sum(share[name] for share in shares), 1)
        elif isinstance(value, list):
            total[name] = [entry for share in shares for entry in share[name]][:20]
        else:
            kinds = {kind for share in shares for kind in share[name]}
            total[name] = {
                kind: sum(share[name].get(kind, 0) for share in shares) for kind in sorted(kinds)
            }
    return total


def _digest() -> str:
    files = [
        path
        for part in SOURCES
        for kind in ("*.py", "*.js", "*.mjs", "*.json")
        for path in (ROOT / part).rglob(kind)
    ]
    return tree_digest({str(path.relative_to(ROOT)): path.read_bytes() for path in files})


def _write(found: dict[str, Any], digest: str) -> None:
    """Put the boundaries into the result file, next to others of the same sources."""
    known: dict[str, Any] = {}
    if RESULT.exists():
        before = json.loads(RESULT.read_text())
        if before.get("sources_sha256") == digest:
            known = before["boundaries"]
    together = {**known, **found}
    ordered = {name: together[name] for name in (*JAVASCRIPT, *PYTHON) if name in together}
    total = [sum(faults(counts).values()) for counts in ordered.values()]
    summary = {
        "boundaries": len(ordered),
        "cases": sum(counts["cases"] for counts in ordered.values()),
        "crashes": sum(counts["faults"].get("crash", 0) for counts in ordered.values()),
        "hangs": sum(counts["faults"].get("hang", 0) for counts in ordered.values()),
        "faults": sum(total),
    }
    report = {
        "name": "malformed",
        "commit": commit(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seed": SEED,
        "machine": machine(),
        "sources_sha256": digest,
        "summary": summary,
        "boundaries": ordered,
    }
    RESULT.write_text(json.dumps(report, indent=1) + "\n")


def main() -> int:
    """Run the boundaries, write the file after each; 1 if any of them had a fault."""
    names = (*JAVASCRIPT, *PYTHON)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="per boundary")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    given = parser.parse_args()
    digest = _digest()
    shares = {name: _shares(name, given.cases) for name in given.only}
    done: dict[str, list[dict[str, Any]]] = {name: [] for name in given.only}
    failed = False
    with ProcessPoolExecutor(given.jobs, max_tasks_per_child=1) as pool:
        running = {
            pool.submit(_boundary, name, count, seed): name
            for name in given.only
            for count, seed in shares[name]
        }
        for future in as_completed(running):
            name = running[future]
            done[name].append(future.result())
            if len(done[name]) < len(shares[name]):
                continue
            found = _together(done[name])
            _write({name: found}, digest)
            failed |= bool(faults(found))
            print(name, json.dumps(found), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "python"))
    sys.exit(main())
