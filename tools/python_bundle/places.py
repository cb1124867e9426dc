"""Where the bundle's inputs, cache and outputs lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "python"
KERNEL_SOURCES = SOURCES / "amplifier_kernel"
PYODIDE = ROOT / "node_modules/pyodide"
OUTPUT = ROOT / "build/python"
CACHE = ROOT / "build/python-cache"
WHEELS = CACHE / "wheels"
WORKER = Path(__file__).with_name("in_pyodide.mjs")
