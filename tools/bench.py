"""``./dev bench [NAME]``: run one measurement of ``bench/``; without a name, list them."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1] / "bench"
HELPERS = {"__init__", "report"}


def main() -> int:
    """Run ``bench.NAME`` as a program with the remaining arguments."""
    names = sorted(p.stem for p in BENCH.glob("*.py") if p.stem not in HELPERS)
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print(f"./dev bench NAME, one of: {', '.join(names)}")
        return 0 if len(sys.argv) < 2 else 2
    name = sys.argv[1]
    sys.argv = [f"bench/{name}.py", *sys.argv[2:]]
    runpy.run_module(f"bench.{name}", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
