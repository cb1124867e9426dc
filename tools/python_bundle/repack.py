"""The published kernel without its native library, with our engine in its place."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from .archive import Tree, folder, packed, unpacked
from .download import BundleError
from .pins import KERNEL
from .places import KERNEL_SOURCES

if TYPE_CHECKING:
    from pathlib import Path

#: Build tag of the wheel: same version as published, other build.
BUILD = "1sidelight"
WHEEL_NAME = f"amplifier_core-{KERNEL.version}-{BUILD}-py3-none-any.whl"
DIST_INFO = f"amplifier_core-{KERNEL.version}.dist-info"

#: Needed only by parts that cannot run here: command line, module files in YAML and TOML.
_DROPPED_REQUIREMENTS = ("click", "pyyaml", "tomli")

_WHEEL = f"""Wheel-Version: 1.0
Generator: sidelight tools.python_bundle
Root-Is-Purelib: true
Tag: py3-none-any
Build: {BUILD}
"""


def repacked(wheel: Path) -> Tree:
    """Return the files of the repacked wheel, RECORD included."""
    published = unpacked(wheel)
    if f"{DIST_INFO}/licenses/LICENSE" not in published:
        raise BundleError(f"{wheel.name} has no licence file; it must not be redistributed.")
    tree = {name: content for name, content in published.items() if not _is_ballast(name)}
    for name, content in folder(KERNEL_SOURCES).items():
        tree[f"amplifier_core/_engine/{name}"] = content
    tree[f"{DIST_INFO}/METADATA"] = _metadata(published[f"{DIST_INFO}/METADATA"])
    tree[f"{DIST_INFO}/WHEEL"] = _WHEEL.encode()
    tree[f"{DIST_INFO}/RECORD"] = _record(tree)
    return tree


def wheel_bytes(tree: Tree) -> bytes:
    """Return the repacked wheel as a file."""
    return packed(tree)


def _is_ballast(name: str) -> bool:
    return (
        name.endswith(".so")
        or name == "amplifier_core/_engine.pyi"
        or name.startswith(f"{DIST_INFO}/sboms/")
        or name in {f"{DIST_INFO}/RECORD", f"{DIST_INFO}/entry_points.txt"}
    )


def _metadata(published: bytes) -> bytes:
    head, _, _ = published.decode().partition("\n\n")
    lines = [
        line
        for line in head.split("\n")
        if not re.match(rf"Requires-Dist: ({'|'.join(_DROPPED_REQUIREMENTS)})\b", line)
        and not line.startswith(
            ("Description-Content-Type:", "Classifier: Programming Language :: Rust")
        )
    ]
    body = (
        f"amplifier-core {KERNEL.version} as published, with the native module "
        "`amplifier_core._engine` replaced by Sidelight's pure-Python one. Both are under the "
        "MIT licence."
    )
    return "\n".join([*lines, "", body, ""]).encode()


def _record(tree: Tree) -> bytes:
    lines = []
    for name in sorted(tree):
        raw = hashlib.sha256(tree[name]).digest()
        checksum = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        lines.append(f"{name},sha256={checksum},{len(tree[name])}\n")
    lines.append(f"{DIST_INFO}/RECORD,,\n")
    return "".join(lines).encode()
