"""``./dev check``: formatting, types, contract drift, house rules. Exit code 1 on a finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools import house

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / "node_modules/.bin"
PYTHON = ["python", "tools", "tests", "bench"]
STEPS: list[tuple[str, list[str]]] = [
    ("contract drift", [sys.executable, "-m", "tools.contract", "--check"]),
    ("biome", [str(BIN / "biome"), "check", "--error-on-warnings", "."]),
    ("tsc", [str(BIN / "tsc"), "--noEmit"]),
    ("ruff format", [sys.executable, "-m", "ruff", "format", "--check", "--quiet", *PYTHON]),
    ("ruff", [sys.executable, "-m", "ruff", "check", "--quiet", *PYTHON]),
    ("mypy", [sys.executable, "-m", "mypy", "--no-error-summary"]),
]


def main() -> int:
    """Run every step, show the output of those that fail."""
    failed = []
    for name, command in STEPS:
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{'ok    ' if result.returncode == 0 else 'FAILED'} {name}", flush=True)
        if result.returncode:
            failed.append(name)
            print(result.stdout + result.stderr)
    findings = house.findings(ROOT)
    print(f"{'FAILED' if findings else 'ok    '} house rules")
    for finding in findings:
        print(f"  {finding}")
    return 1 if failed or findings else 0


if __name__ == "__main__":
    sys.exit(main())
