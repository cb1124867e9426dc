"""The conformance tests again: on our engine on CPython, and inside Pyodide."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.pyodide.running import pytest_in_pyodide
from tests.pyodide.selection import ROOT
from tools.python_bundle.bundle import kernel_folder

FILE = "tests/kernel/conformance/test_modules.py"
AT_LEAST = 30


@pytest.mark.kernel
def test_modules_conform_on_our_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", FILE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(kernel_folder())},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert done.stdout.count(".") >= AT_LEAST


@pytest.mark.pyodide
def test_modules_conform_in_pyodide() -> None:
    outcomes = pytest_in_pyodide([FILE])
    bad = {name: found["text"] for name, found in outcomes.items() if found["outcome"] == "failed"}
    assert not bad, "\n\n".join(f"{name}\n{text}" for name, text in bad.items())
    assert len(outcomes) >= AT_LEAST
