"""Starting the Node runner and reading what it leaves."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from tests.pyodide.selection import ROOT
from tools.python_bundle.bundle import build

RUNNER = ROOT / "tools/pyodide_runner.mjs"
TIMEOUT_S = 900


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    build(testing=True)
    return subprocess.run(
        ["node", str(RUNNER), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def pytest_in_pyodide(files: list[str]) -> dict[str, dict[str, str]]:
    """Run test files in one Pyodide; return {node id: {outcome, text}}. RuntimeError if it died."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "outcomes.json"
        done = _run(["pytest", str(out), "--confcutdir=/repo/tests/unit", *files])
        if not out.exists():
            raise RuntimeError(f"pytest in Pyodide died:\n{done.stdout}\n{done.stderr}")
        found: dict[str, dict[str, str]] = json.loads(out.read_text())
        return found


def call_in_pyodide(module: str, function: str, text: str) -> str:
    """Return `await function(text)` of a module under the repository, run on Pyodide's own loop."""
    with tempfile.TemporaryDirectory() as folder:
        out, given = Path(folder) / "out", Path(folder) / "in"
        given.write_text(text)
        done = _run(["call", str(out), module, function, str(given)])
        if done.returncode or not out.exists():
            raise RuntimeError(f"{module}.{function} in Pyodide failed:\n{done.stderr[-4000:]}")
        return out.read_text()
