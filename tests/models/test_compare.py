"""`./dev models verify` names the first byte that differs; installing keeps the manifest true."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library import compare
from models.library.places import MODELS
from tools import models as command

pytestmark = pytest.mark.unit

TINY = "prebuilt/tiny/tiny.wasm"


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_first_difference_is_what_a_plain_loop_finds(ours: bytes, theirs: bytes) -> None:
    expected = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        None if len(ours) == len(theirs) else min(len(ours), len(theirs)),
    )
    assert compare.first_difference(ours, theirs) == expected


def test_verify_names_the_changed_byte(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = (MODELS / TINY).read_bytes()
    at = random.Random(5).randrange(len(library))
    changed = bytearray(library)
    changed[at] ^= 1
    rebuilt = tmp_path / "tiny.wasm"
    monkeypatch.setattr(command, "build", lambda name: rebuilt)
    rebuilt.write_bytes(changed)
    assert command.verify(["tiny"]) == 1
    told = capsys.readouterr().out
    assert f"byte {at} differs: packaged 0x{library[at]:02x}, rebuilt 0x{changed[at]:02x}" in told
    rebuilt.write_bytes(library)
    assert command.verify(["tiny"]) == 0
    assert "tiny: equal" in capsys.readouterr().out


def test_a_longer_library_differs_where_the_shorter_ends() -> None:
    assert "byte 3 differs: packaged nothing, rebuilt 0x64" in compare.described(
        "tiny", b"abc", b"abcd"
    )


def test_install_writes_library_and_manifest_alike(tmp_path: Path) -> None:
    copy = tmp_path / "models"
    (copy / "prebuilt/tiny").mkdir(parents=True)
    shutil.copy(MODELS / "manifest.json", copy)
    compare.install(copy, "tiny", b"library")
    assert compare.packaged(copy, "tiny").read_bytes() == b"library"
    before = json.loads((MODELS / "manifest.json").read_text())
    after = json.loads((copy / "manifest.json").read_text())
    entry = compare.entry_of(after, "tiny")
    line = next(file for file in entry["files"] if file["role"] == "library")
    assert line == {
        "path": TINY,
        "role": "library",
        "bytes": 7,
        "sha256": compare.sha256(b"library"),
    }
    line.update(next(f for f in compare.entry_of(before, "tiny")["files"] if f["path"] == TINY))
    assert after == before


def test_a_model_that_is_not_packaged_is_named() -> None:
    with pytest.raises(KeyError, match="nobody"):
        compare.packaged(MODELS, "nobody")
