"""Compares a rebuilt library with the packaged one, and puts a new one in its place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def first_difference(ours: bytes, theirs: bytes) -> int | None:
    """Offset of the first byte that differs, or where the shorter ends; None when equal."""
    if ours == theirs:
        return None
    shorter = min(len(ours), len(theirs))
    low, high = 0, shorter
    # ours[:low] == theirs[:low] always; the first difference is at or after low.
    while low < high:
        middle = (low + high + 1) // 2
        if ours[low:middle] == theirs[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def described(name: str, packaged: bytes, rebuilt: bytes) -> str:
    """One sentence on whether two libraries are equal, or where they first differ."""
    at = first_difference(packaged, rebuilt)
    if at is None:
        return f"{name}: equal, {len(packaged)} bytes, sha256 {sha256(packaged)}"

    def byte(data: bytes) -> str:
        return f"0x{data[at]:02x}" if at < len(data) else "nothing"

    return (
        f"{name}: byte {at} differs: packaged {byte(packaged)}, rebuilt {byte(rebuilt)} "
        f"(sizes {len(packaged)} and {len(rebuilt)}; sha256 {sha256(packaged)[:16]} "
        f"and {sha256(rebuilt)[:16]})"
    )


def entry_of(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    """The manifest's entry of a model; raises KeyError when there is none."""
    for entry in manifest["models"]:
        if entry["id"] == name:
            found: dict[str, Any] = entry
            return found
    raise KeyError(f"{name} is not in the manifest")


def packaged(models: Path, name: str) -> Path:
    """The packaged library of a model under the folder `models`; raises KeyError."""
    manifest = json.loads((models / "manifest.json").read_text())
    return models / str(entry_of(manifest, name)["library_path"])


def install(models: Path, name: str, library: bytes) -> None:
    """Replace the packaged library of a model and its line in the manifest; raises KeyError."""
    _replace(models, name, {str(packaged(models, name).relative_to(models)): library}, {})


def adopt(models: Path, name: str, folder: Path, parameters: int) -> None:
    """Replace the packaged weights by an exported folder; raises KeyError or FileNotFoundError."""
    architecture = json.loads((models / f"architectures/{name}.json").read_text())
    entry = entry_of(json.loads((models / "manifest.json").read_text()), name)
    shapes = {key: architecture[key] for key in entry["architecture"]}
    files = {
        file["path"]: (folder / Path(file["path"]).name).read_bytes()
        for file in entry["files"]
        if file["role"] != "library"
    }
    _replace(models, name, files, {"architecture": shapes, "parameters": parameters})


def _replace(models: Path, name: str, files: dict[str, bytes], changed: dict[str, Any]) -> None:
    path = models / "manifest.json"
    manifest = json.loads(path.read_text())
    entry = entry_of(manifest, name)
    entry.update(changed)
    for file in entry["files"]:
        if file["path"] in files:
            data = files[file["path"]]
            file["bytes"], file["sha256"] = len(data), sha256(data)
            (models / file["path"]).write_bytes(data)
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
