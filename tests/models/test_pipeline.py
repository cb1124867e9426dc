"""What of the pipeline can be tested without TVM and Emscripten."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from models.library import emscripten, environment, runtime
from models.library.places import LOCK, MODELS
from tools import models as command

pytestmark = pytest.mark.unit


def test_inputs_are_pinned_by_hash() -> None:
    text = LOCK.read_text()
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", text, re.MULTILINE))
    assert pinned["apache-tvm"] == "0.27.0.post1"
    assert pinned["apache-tvm-ffi"] == "0.1.15.post2"
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"[a-z]", block))
    assert "://" not in text


def test_the_runtime_is_trimmed_of_what_needs_missing_headers() -> None:
    source = (
        '#include "src/runtime/tensor.cc"\n'
        '#include "src/runtime/rpc/rpc_module.cc"\n'
        '#include "src/runtime/extra/contrib/sort/sort.cc"\n'
        '#include "3rdparty/tvm-ffi/src/ffi/testing/testing.cc"\n'
        "int f();\n"
    )
    assert runtime.trimmed(source) == '#include "src/runtime/tensor.cc"\nint f();\n'


def test_the_cache_key_changes_with_any_input(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_text("int f();")
    first = runtime.digest(tmp_path)
    assert runtime.digest(tmp_path) == first
    (tmp_path / "a.cc").write_text("int g();")
    second = runtime.digest(tmp_path)
    (tmp_path / "a.cc").rename(tmp_path / "b.cc")
    assert len({first, second, runtime.digest(tmp_path)}) == 3


def test_emscripten_missing_or_other_is_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(emscripten.EmscriptenError, match=r"missing\.\nInstall it.*emscripten"):
        emscripten.check()
    fake = tmp_path / "emcc"
    fake.write_text("#!/bin/sh\necho 'emcc (Emscripten) 3.1.99 ()'\n")
    fake.chmod(0o755)
    with pytest.raises(emscripten.EmscriptenError, match=r"3\.1\.99 is installed; 3\.1\.6"):
        emscripten.check()
    fake.write_text("#!/bin/sh\necho bad input >&2; exit 1\n")
    with pytest.raises(emscripten.EmscriptenError, match="bad input"):
        emscripten.emcc(["-c", "x.cc"], tmp_path)


def test_without_rights_the_tool_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(environment.SetUpError, match="sudo apt-get install"):
        environment.set_up_emscripten()


def test_the_command_lists_the_architectures() -> None:
    assert {"tiny", "starter"} <= set(command.names())
    with pytest.raises(SystemExit):
        command.main(["build", "nobody"])


@pytest.mark.parametrize("name", ["tiny", "starter"])
def test_architecture_and_manifest_agree(name: str) -> None:
    ours = json.loads((MODELS / f"architectures/{name}.json").read_text())
    manifest = json.loads((MODELS / "manifest.json").read_text())
    packaged = next(model for model in manifest["models"] if model["id"] == name)
    assert {key: ours[key] for key in packaged["architecture"]} == packaged["architecture"]
    config = MODELS / packaged["model_path"] / "resolve/main/mlc-chat-config.json"
    told = json.loads(config.read_text())
    assert told["prefill_chunk_size"] == ours["prefill_chunk_tokens"]
    assert told["context_window_size"] == ours["context_window_tokens"]


def test_libraries_have_our_merge_kernel_and_no_path() -> None:
    """TVM's own merge lets threads read S after others wrote it; ours has no thread tile in y."""
    for name in ("tiny", "starter"):
        library = (MODELS / f"prebuilt/{name}/{name}.wasm").read_bytes()
        start = library.index(b"fn tir_attention_merge_state_kernel(")
        shader = library[start : library.index(b"\x00", start)]
        assert shader.count(b"S_ptr[") == 0 and shader.count(b"s_ptr[") >= 2
        assert b"threadIdx.y" not in shader
        # At most the text of one shader ends at the NUL; a build machine's folders do not appear.
        assert not re.search(rb"/(home|root|tmp|work)/", library)


def test_compiled_headers_hold_the_wire_format(tmp_path: Path) -> None:
    """Base64 and the stream classes, compiled natively where there is a compiler."""
    compiler = next((c for c in ("c++", "g++", "clang++") if _runs(c)), None)
    if compiler is None:
        return
    program = tmp_path / "test.cc"
    program.write_text(Path(__file__).with_name("base64_test.cc").read_text())
    binary = tmp_path / "test"
    include = ["-I", str(MODELS / "web/include"), "-I", str(MODELS / "web/src")]
    flags = ["-std=c++17", "-Wall", "-Werror"]
    subprocess.run([compiler, *flags, *include, str(program), "-o", str(binary)], check=True)
    subprocess.run([str(binary)], check=True)


def _runs(program: str) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0
