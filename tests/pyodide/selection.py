"""Which unit tests run inside Pyodide too: those that import nothing Pyodide's bundle lacks."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests/unit"

#: Importable inside Pyodide beside the standard library.
BUNDLED = ("sidelight", "amplifier_core", "amplifier_module_", "pydantic", "pytest", "tests.unit")
#: In the standard library by name, but not usable in a browser.
UNUSABLE = frozenset({"subprocess", "threading", "multiprocessing", "socket", "sqlite3", "http"})


def runnable() -> list[str]:
    """Return the test files to run, relative to the repository."""
    return [name for name, reason in choices().items() if reason is None]


def choices() -> dict[str, str | None]:
    """Return {test file: None, or why it runs on CPython only}."""
    found = {}
    for file in sorted(UNIT.rglob("test_*.py")):
        lacking = sorted(name for name in _imports(file) if not _is_there(name))
        found[file.relative_to(ROOT).as_posix()] = ", ".join(lacking) or None
    return found


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def _is_there(name: str) -> bool:
    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return top not in UNUSABLE
    return name.startswith(BUNDLED)
