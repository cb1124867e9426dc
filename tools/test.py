"""Every test: two lanes beside each other, then once more alone what failed in a browser.

Two lanes share two cores, and a browser starved for minutes can miss what it was asked to do. A
few such failures are run again with nothing beside them: what fails alone has failed, and what
passes is named at the end, to be looked into.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANES = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")
TIMES = ("--durations=30", "--durations-min=8")
#: Folders with tests that drive a real browser; everything else is as sure on a busy machine.
BROWSER = tuple(
    f"tests/{name}/"
    for name in (
        "background",
        "e2e",
        "extraction",
        "kernel",
        "models",
        "numerics",
        "panel",
        "security",
    )
)
#: More failures than these have a reason of their own.
MOST = 3


def to_repeat(failed: list[str]) -> list[str]:
    """The tests worth a second run alone: all that failed, or none of them."""
    few = 0 < len(failed) <= MOST
    return failed if few and all(node.startswith(BROWSER) for node in failed) else []


def _pytest(*arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> int:
    """Run everything; 0 when all tests passed."""
    record = ROOT / ".pytest_cache/v/cache/lastfailed"
    record.unlink(missing_ok=True)
    code = _pytest(*LANES, *TIMES)
    if code != 1 or not record.exists():
        return code
    again = to_repeat(list(json.loads(record.read_text())))
    if not again:
        return code
    print(f"\nOnce more, alone: {len(again)} that failed beside the other lane", flush=True)
    code = _pytest(*again)
    if code == 0:
        print("Passed only alone, and to be looked into:", *again, sep="\n  ")
    return code


if __name__ == "__main__":
    sys.exit(main())
