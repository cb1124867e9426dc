"""Libraries of architectures that are cut down for software WebGPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.library import environment, link
from models.library.places import BUILD, MODELS


def architecture(name: str) -> dict[str, Any]:
    """An architecture file."""
    found: dict[str, Any] = json.loads((MODELS / f"architectures/{name}.json").read_text())
    return found


def built(name: str, c: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """The library of an architecture that was cut to `c`, and its metadata."""
    environment.set_up()
    folder = BUILD / "check"
    folder.mkdir(parents=True, exist_ok=True)
    cut, library = folder / f"{name}.json", folder / f"{name}.wasm"
    cut.write_text(json.dumps(c))
    link.build_once(f"check-{name}", cut, library)
    return library, json.loads((BUILD / f"objects/check-{name}/metadata.json").read_text())
