"""The pipeline's own Python environment: TVM pinned by hash, apart from the project's."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys

from models.library.emscripten import INSTALL
from models.library.places import DEBIAN_PACKAGE, LOCK, ROOT, VENV


class SetUpError(Exception):
    """An input of the pipeline could not be installed; the text says which and what to do."""


def set_up() -> None:
    """Install what the lock file names, and Emscripten where that is allowed."""
    set_up_python()
    set_up_emscripten()


def set_up_python() -> None:
    stamp = VENV / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest() + f" {sys.version_info[:2]}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Setting up TVM in {VENV.relative_to(ROOT)}", flush=True)
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    pip += ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)]
    if subprocess.run(pip, check=False).returncode:
        raise SetUpError(
            "TVM could not be installed (pip said why above).\n"
            "It exists for Linux with glibc 2.28 or newer, Python 3.11 to 3.13; "
            "check the connection and try again."
        )
    stamp.write_text(wanted)


def set_up_emscripten() -> None:
    if shutil.which("emcc"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetUpError(f"Emscripten (emcc) is missing.\n{INSTALL}")
    print(f"Installing {DEBIAN_PACKAGE} (about 1 GB)", flush=True)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", DEBIAN_PACKAGE]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
    if subprocess.run(install, env=quiet, check=False, stdout=subprocess.DEVNULL).returncode:
        raise SetUpError(f"apt-get could not install Emscripten.\n{INSTALL}")
