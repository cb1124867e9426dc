"""Folders and pinned inputs of the pipeline."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
MANIFEST = MODELS / "manifest.json"
#: headers and glue that TVM's wheel lacks
WEB = MODELS / "web"
LOCK = MODELS / "requirements.lock"
BUILD = ROOT / "build/models"
VENV = ROOT / "build/models-venv"

#: The linker and code generator decide every byte, so another version is refused.
EMSCRIPTEN = "3.1.6"
DEBIAN_PACKAGE = "emscripten"


def site_packages() -> Path:
    """Packages of the pipeline's own environment; raises FileNotFoundError before its set-up."""
    found = sorted(VENV.glob("lib/python3.*/site-packages"))
    if not found:
        raise FileNotFoundError(f"{VENV.relative_to(ROOT)} is missing: run ./dev models build")
    return found[0]
