"""A malformed message gets an error or is dropped: no crash, no hang and no effect, anywhere."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sidelight import bridge as bridge_module
from sidelight.contract import PythonCancelTurn

from tests.security import boundaries

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results/malformed.json"
SEED = 20261122
NORMAL, CAMPAIGN = 2_000, 100_000
JAVASCRIPT = (
    "panel_port",
    "python_frames",
    "background",
    "page_results",
    "engine_control",
    "engine_port",
)
Run = Callable[[int, int], Awaitable[boundaries.Counts]]
PYTHON: dict[str, Run] = {
    "bridge_on_host": boundaries.on_host,
    "bridge_on_engine": boundaries.on_engine,
    "tool_calls": boundaries.tool_calls,
    "model_output": boundaries.model_output,
}
#: a whole turn per case: fewer cases than where a case is one message
SHARE = {"model_output": 0.05}


def javascript(name: str, count: int, *flags: str) -> dict[str, Any]:
    """The counts of one JavaScript boundary."""
    command = ["node", "tests/security/malformed.mjs", "--only", name, *flags]
    command += ["--count", str(count), "--seed", str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def python(name: str, count: int) -> dict[str, Any]:
    """The counts of one Python boundary."""
    return dataclasses.asdict(await PYTHON[name](int(count * SHARE.get(name, 1)), SEED))


def head() -> str:
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def faults(found: dict[str, Any]) -> dict[str, int]:
    return {kind: number for kind, number in found["faults"].items() if number}


@pytest.mark.contract
@pytest.mark.parametrize("name", JAVASCRIPT)
def test_javascript_boundary(name: str) -> None:
    print(f"seed {SEED}")
    found = javascript(name, NORMAL)
    assert faults(found) == {}, found["examples"]
    assert found["cases"] == NORMAL and found["alive"] > 0
    assert found["refused"] + found["dropped"] > NORMAL / 3


@pytest.mark.unit
@pytest.mark.parametrize("name", PYTHON)
async def test_python_boundary(name: str) -> None:
    print(f"seed {SEED}")
    found = await python(name, NORMAL)
    assert faults(found) == {}, found["examples"]
    assert found["cases"] == NORMAL * SHARE.get(name, 1) and found["alive"] > 0
    assert found["refused"] + found["dropped"] > found["cases"] / 3


@pytest.mark.contract
@pytest.mark.parametrize(
    "name", ["panel_port", "python_frames", "background", "page_results", "engine_port"]
)
def test_a_javascript_boundary_without_validation_is_caught(name: str) -> None:
    assert faults(javascript(name, 300, "--broken"))


@pytest.mark.unit
async def test_a_python_boundary_without_validation_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class AnyRequest:
        def validate_python(self, body: dict[str, Any]) -> PythonCancelTurn:
            return PythonCancelTurn.model_construct(**{"turn_id": "t", "immediate": True})

    monkeypatch.setattr(bridge_module, "_REQUESTS", AnyRequest())
    assert "accepted" in (await boundaries.on_host(200, SEED)).faults


@pytest.mark.unit
async def test_a_bridge_that_raises_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = bridge_module.Bridge.on_engine

    def unguarded(self: bridge_module.Bridge, text: str) -> None:
        json.loads(text)
        real(self, text)

    monkeypatch.setattr(bridge_module.Bridge, "on_engine", unguarded)
    assert "crash" in (await boundaries.on_engine(200, SEED)).faults


@pytest.mark.campaign
@pytest.mark.timeout(900)
async def test_campaign() -> None:
    """Every boundary at length; writes what happened."""
    found: dict[str, Any] = {}
    for name in (*JAVASCRIPT, *PYTHON):
        started_s = time.perf_counter()
        counts = await python(name, CAMPAIGN) if name in PYTHON else javascript(name, CAMPAIGN)
        found[name] = {**counts, "took_s": round(time.perf_counter() - started_s, 1)}
    record = {
        "commit": head(),
        "seed": SEED,
        "machine": {
            "system": platform.system(),
            "arch": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "boundaries": found,
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    assert {name: faults(counts) for name, counts in found.items()} == {name: {} for name in found}
