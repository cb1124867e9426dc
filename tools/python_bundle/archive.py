"""Zip archives that come out the same, byte for byte, from the same content."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)

#: Relative path -> content.
Tree = dict[str, bytes]


def packed(tree: Tree, *, compress: bool = True) -> bytes:
    """Return a zip of `tree`: sorted names, fixed dates and modes."""
    out = BytesIO()
    kind = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", kind, compresslevel=9) as archive:
        for name in sorted(tree):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = kind
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, tree[name])
    return out.getvalue()


def unpacked(wheel: Path) -> Tree:
    """Return the files of a zip."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()
        }


def folder(path: Path) -> Tree:
    """Return the files under a folder, without caches and hidden files."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and _wanted(file.relative_to(path).parts)
    }


def _wanted(parts: tuple[str, ...]) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in parts) and not (
        parts[-1].endswith((".pyc", ".egg-info"))
    )


def digest(parts: Iterable[bytes | str]) -> str:
    """Return one hexadecimal SHA-256 over `parts`, each with its length."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        total.update(len(raw).to_bytes(8, "big"))
        total.update(raw)
    return total.hexdigest()


def tree_digest(tree: Tree) -> str:
    """Return a digest of names and contents."""
    return digest(part for name in sorted(tree) for part in (name, tree[name]))
