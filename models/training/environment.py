"""The environment that trains: PyTorch in build/, apart from everything the extension needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from models.library.places import BUILD, MODELS, ROOT

VENV = ROOT / "build/training-venv"
REQUIREMENTS = MODELS / "requirements-training.lock"


def set_up() -> str:
    """The environment's interpreter; made first when it is missing or its list has changed."""
    stamp, python = VENV / ".installed", str(VENV / "bin/python")
    wanted = REQUIREMENTS.read_text()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"Setting up PyTorch in {VENV.relative_to(ROOT)}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    install += ["--require-hashes", "-r", str(REQUIREMENTS)]
    if subprocess.run(install, check=False).returncode:
        raise RuntimeError(
            "PyTorch could not be installed (pip said why above). Check the connection, or train "
            "with `python -m models.training` where PyTorch is installed."
        )
    stamp.write_text(wanted)
    return python


def run(arguments: list[str]) -> int:
    """`python -m models.training` with the arguments there; returns its exit code."""
    command = [set_up(), "-m", "models.training", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def trained(name: str) -> Path:
    """The folder that the last run of a model exported; raises RuntimeError when there is none."""
    folder = BUILD / f"training/{name}/resolve/main"
    if not folder.is_dir():
        raise RuntimeError(f"{name} is not trained here. Run `./dev models train {name}` first.")
    return folder
