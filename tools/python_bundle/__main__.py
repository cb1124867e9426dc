"""``python -m tools.python_bundle``: bring build/python/ up to date."""

from __future__ import annotations

import argparse
import sys
import time

from .bundle import build
from .download import BundleError


def main() -> int:
    """Build and print the sizes; 1 with the reason when that is not possible."""
    parser = argparse.ArgumentParser(prog="tools.python_bundle", description=__doc__)
    parser.add_argument("--testing", action="store_true", help="also pytest, for runs in Pyodide")
    options = parser.parse_args()
    started_s = time.perf_counter()
    try:
        manifest = build(testing=options.testing)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    sizes = ", ".join(f"{name} {info['bytes']:,} B" for name, info in manifest["files"].items())
    print(f"build/python: {sizes} ({time.perf_counter() - started_s:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
