"""``./dev build``: the unpacked extension."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(*arguments: str) -> None:
    """Run ``build.mjs`` with this interpreter for its Python part. Raises CalledProcessError."""
    env = {**os.environ, "SIDELIGHT_PYTHON": sys.executable}
    subprocess.run(["node", "build.mjs", *arguments], cwd=ROOT, env=env, check=True)


if __name__ == "__main__":
    build(*sys.argv[1:])
