"""Runs Emscripten's compiler and linker so that equal inputs give equal bytes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from models.library.places import DEBIAN_PACKAGE, EMSCRIPTEN

INSTALL = f"Install it, on Debian 12: sudo apt-get install --no-install-recommends {DEBIAN_PACKAGE}"


class EmscriptenError(Exception):
    """Emscripten is missing, of another version, or refused its input; the text says which."""


def version_of(text: str) -> str | None:
    """The version in the first line of ``emcc --version``."""
    found = re.search(r"\b(\d+\.\d+\.\d+)\b", text.partition("\n")[0])
    return found[1] if found else None


def check() -> None:
    """Raises EmscriptenError unless the pinned version is installed."""
    if shutil.which("emcc") is None:
        raise EmscriptenError(f"Emscripten (emcc) is missing.\n{INSTALL}")
    done = subprocess.run(["emcc", "--version"], capture_output=True, text=True, check=False)
    version = version_of(done.stdout)
    if version != EMSCRIPTEN:
        raise EmscriptenError(
            f"Emscripten {version} is installed; {EMSCRIPTEN} is needed, since another version "
            f"gives other bytes.\n{INSTALL}"
        )


def emcc(arguments: list[str], folder: Path) -> None:
    """Run emcc in `folder`; raises EmscriptenError with the compiler's own words."""
    # Debian's system libraries are built in advance in a cache that EM_CACHE would hide.
    kept = {k: v for k, v in os.environ.items() if k not in ("EM_CACHE", "EMCC_CFLAGS")}
    done = subprocess.run(
        ["emcc", *arguments],
        cwd=folder,
        env={**kept, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmscriptenError(f"emcc {' '.join(arguments)}\n{done.stderr[-4000:]}")
