"""TVM's web runtime, compiled from the wheels' own sources and cached by the hash of its inputs."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from models.library.emscripten import emcc
from models.library.places import BUILD, EMSCRIPTEN, WEB, site_packages

#: Parts of the wheels under the names that TVM's include lines expect.
PARTS = {
    "tvm/src/runtime": "src/runtime",
    "tvm/include": "include",
    "tvm/web/emcc": "web/emcc",
    "tvm_ffi/src/ffi": "3rdparty/tvm-ffi/src/ffi",
    "tvm_ffi/include": "3rdparty/tvm-ffi/include",
    "tvm_ffi/3rdparty/dlpack": "3rdparty/tvm-ffi/3rdparty/dlpack",
}
INCLUDE = ["-I.", "-Iinclude", "-I3rdparty/tvm-ffi/include"]
INCLUDE += ["-I3rdparty/tvm-ffi/3rdparty/dlpack/include", "-Isrc/runtime"]
FLAGS = ["-O2", "-std=c++17", "-Wno-ignored-attributes", "-ffile-prefix-map=./="]
SOURCES = ("web/emcc/webgpu_runtime.cc", "runtime.cc", "callbacks.cc")
#: A browser tab serves no remote calls and sorts on the GPU; these need headers the wheels lack.
LEFT_OUT = re.compile(r'#include "(src/runtime/rpc/|src/runtime/extra/contrib/sort/|.*/testing/)')
HEADER_SUFFIXES = (".h", ".cc", ".hpp", ".inl")


def trimmed(source: str) -> str:
    """TVM's list of runtime parts without those that a model library does not need."""
    kept = [line for line in source.splitlines() if not LEFT_OUT.match(line)]
    return "\n".join(kept) + "\n"


def assemble(tree: Path) -> None:
    """Write the sources into `tree`, wheels first, our headers over them."""
    shutil.rmtree(tree, ignore_errors=True)
    packages = site_packages()
    for part, place in PARTS.items():
        for path in sorted((packages / part).rglob("*")):
            if path.suffix in HEADER_SUFFIXES:
                target = tree / place / path.relative_to(packages / part)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    shutil.copytree(WEB, tree, dirs_exist_ok=True)
    (tree / "runtime.cc").write_text(trimmed((tree / "web/emcc/wasm_runtime.cc").read_text()))


def digest(tree: Path) -> str:
    """SHA-256 over the names and contents under `tree`, and how they are compiled."""
    sha = hashlib.sha256(" ".join([EMSCRIPTEN, *FLAGS, *INCLUDE, *SOURCES]).encode())
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            sha.update(path.relative_to(tree).as_posix().encode() + b"\0")
            sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def objects() -> list[Path]:
    """Object files of the runtime, compiled when no cached ones fit; raises EmscriptenError."""
    tree = BUILD / "runtime-source"
    assemble(tree)
    cache = BUILD / "runtime" / digest(tree)[:16]
    outputs = [cache / f"{Path(source).stem}.o" for source in SOURCES]
    cache.mkdir(parents=True, exist_ok=True)
    for source, output in zip(SOURCES, outputs, strict=True):
        if not output.is_file():
            print(f"  compiling {source}", flush=True)
            partial = output.with_suffix(".partial.o")
            emcc([*FLAGS, *INCLUDE, "-c", source, "-o", str(partial)], tree)
            partial.replace(output)
    return outputs
