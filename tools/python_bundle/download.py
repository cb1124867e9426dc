"""Getting pinned wheels: by name and version from the package index, checked by hash."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from .places import WHEELS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .pins import Pin


class BundleError(Exception):
    """The bundle cannot be built; the text says why and what to do."""


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wheels(pins: Iterable[Pin]) -> dict[str, Path]:
    """Return {name: wheel file} for all `pins`; downloads what is not there yet.

    Raises BundleError when a download fails or gives other bytes than pinned.
    """
    wanted = list(pins)
    known = _known()
    groups: dict[tuple[str, ...], list[Pin]] = {}
    for pin in wanted:
        if pin.sha256 not in known:
            groups.setdefault(pin.tags, []).append(pin)
    for tags, group in groups.items():
        _download(tags, group)
    known = _known() if groups else known
    missing = [pin.requirement for pin in wanted if pin.sha256 not in known]
    if missing:
        raise BundleError(f"No wheel with the pinned hash for: {', '.join(missing)}")
    return {pin.name: known[pin.sha256] for pin in wanted}


def _known() -> dict[str, Path]:
    WHEELS.mkdir(parents=True, exist_ok=True)
    return {sha256_of(path): path for path in sorted(WHEELS.glob("*.whl"))}


def _download(tags: tuple[str, ...], pins: list[Pin]) -> None:
    names = ", ".join(f"{pin.name} {pin.version}" for pin in pins)
    print(f"Downloading {names}", flush=True)
    requirements = WHEELS / "requirements.txt"
    requirements.write_text("".join(f"{pin.requirement}\n" for pin in pins))
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
        *("--dest", str(WHEELS), "--requirement", str(requirements), *tags),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    requirements.unlink()
    if done.returncode:
        raise BundleError(
            f"Could not download {names}: {done.stderr.strip() or done.stdout.strip()}\n"
            "Check the network connection and that pip works, then build again."
        )
