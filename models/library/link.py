"""Links the runtime and a model's objects into one library that WebLLM loads."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from models.library import emscripten, runtime
from models.library.places import BUILD, LOCK, MODELS, ROOT, VENV

FLAGS = ["-O2", "--no-entry"]
for setting in ("WASM_BIGINT=1", "STANDALONE_WASM=1", "ALLOW_MEMORY_GROWTH=1"):
    FLAGS += ["-s", setting]
# What JavaScript provides is undefined here. The first 64 MiB hold the weights' staging copies.
FLAGS += ["-s", "ERROR_ON_UNDEFINED_SYMBOLS=0", "-s", "TOTAL_MEMORY=64MB"]


class CompileError(Exception):
    """The model's definition does not compile; the text is the compiler's."""


def compile_model(architecture: Path, folder: Path) -> None:
    """Compile an architecture into `folder` in the pipeline's environment; raises CompileError."""
    python = VENV / "bin/python"
    command = [str(python), "-m", "models.decoder.compile", str(architecture), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(f"{architecture.name} does not compile:\n{done.stderr[-4000:]}")


def build(name: str, architecture: Path, output: Path) -> None:
    """Build the library of an architecture; raises CompileError or EmscriptenError.

    Linking runs in one folder under fixed file names, so that no path reaches the output.
    """
    emscripten.check()
    parts = runtime.objects()
    folder = BUILD / "objects" / name
    print(f"  compiling {name}", flush=True)
    compile_model(architecture, folder)
    for part in parts:
        (folder / part.name).write_bytes(part.read_bytes())
    objects = ["host.o", "shaders.o", *(part.name for part in parts)]
    print(f"  linking {name}", flush=True)
    emscripten.emcc([*FLAGS, *objects, "-o", "library.wasm"], folder)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes((folder / "library.wasm").read_bytes())


def digest(architecture: Path) -> str:
    """SHA-256 over everything of ours that decides a library's bytes."""
    sources = [*sorted((MODELS / "decoder").rglob("*.py")), *sorted((MODELS / "web").rglob("*.*"))]
    sha = hashlib.sha256(" ".join(FLAGS).encode())
    for path in [architecture, LOCK, MODELS / "library/runtime.py", *sources]:
        sha.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def build_once(name: str, architecture: Path, output: Path) -> None:
    """As `build`, unless `output` was built from the same inputs. Never used to verify."""
    stamp, wanted = output.with_suffix(".inputs"), digest(architecture)
    if output.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return
    build(name, architecture, output)
    stamp.write_text(wanted)
