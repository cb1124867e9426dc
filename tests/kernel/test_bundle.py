"""The repacked wheel and the archives: content, sizes, metadata, the same bytes every time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.pyodide.selection import ROOT
from tools.python_bundle import bundle, download, pins
from tools.python_bundle.download import BundleError
from tools.python_bundle.places import OUTPUT, PYODIDE
from tools.python_bundle.repack import DIST_INFO, WHEEL_NAME

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

SITE_LIMIT_BYTES = 2_600_000
APP_LIMIT_BYTES = 500_000
BALLAST = (
    *("yaml", "tomli", "click", "grpc", "amplifier_core/_grpc_gen", "amplifier_core/cli"),
    *("pydantic/v1", "amplifier_core/pytest_plugin", "amplifier_core/loader_grpc"),
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The bundle, up to date."""
    return bundle.build()


def test_third_party_code_and_kernel_stay_small(manifest: dict[str, Any]) -> None:
    assert manifest["files"]["site.zip"]["bytes"] <= SITE_LIMIT_BYTES


def test_our_own_python_stays_small(manifest: dict[str, Any]) -> None:
    assert manifest["files"]["app.zip"]["bytes"] <= APP_LIMIT_BYTES


def test_site_archive_has_byte_code_licences_and_no_ballast(manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(OUTPUT / "site.zip") as archive:
        names = archive.namelist()
    assert not [name for name in names if name.endswith((".py", ".pyi")) or "sboms" in name]
    assert not [name for name in names if name.startswith(BALLAST)]
    assert "amplifier_core/_engine/session.pyc" in names
    distributions = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert len(distributions) == 1 + len(pins.RUNTIME)
    for distribution in distributions:
        assert any(name.startswith(f"{distribution}/licenses/LICENSE") for name in names)


def test_byte_code_is_never_compared_with_sources(manifest: dict[str, Any]) -> None:
    for name in ("site.zip", "app.zip"):
        with zipfile.ZipFile(OUTPUT / name) as archive:
            compiled = [item for item in archive.namelist() if item.endswith(".pyc")]
            assert compiled
            for item in compiled:
                flags = int.from_bytes(archive.read(item)[4:8], "little")
                assert flags == 0b01, f"{item} is not an unchecked-hash file"


def test_app_archive_has_all_packages_but_the_kernel(manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(OUTPUT / "app.zip") as archive:
        packages = {name.split("/")[0] for name in archive.namelist()}
    sources = {
        folder.name
        for folder in (ROOT / "python").iterdir()
        if folder.is_dir() and (folder / "__init__.py").exists()
    }
    assert packages >= sources - {"amplifier_kernel"}
    assert "amplifier_kernel" not in packages


def test_manifest_tells_the_truth(manifest: dict[str, Any]) -> None:
    assert manifest == json.loads((OUTPUT / "manifest.json").read_text())
    for name, told in manifest["files"].items():
        raw = (OUTPUT / name).read_bytes()
        assert told == {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


def test_lock_is_the_one_of_the_installed_pyodide() -> None:
    full = json.loads((PYODIDE / "pyodide-lock.json").read_text())["info"]
    assert bundle.LOCK["info"]["abi_version"] == full["abi_version"]
    assert bundle.LOCK["info"]["python"] == full["python"]
    boot = (ROOT / "offscreen/python/boot.js").read_text()
    for value in bundle.LOCK["info"].values():
        assert f'"{value}"' in boot
    assert pins.SITE_PACKAGES in boot


def test_wheel_is_pure_complete_and_recorded(manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(bundle.KERNEL_WHEEL) as wheel:
        content = {name: wheel.read(name) for name in wheel.namelist()}
    assert bundle.KERNEL_WHEEL.name == WHEEL_NAME
    assert not [name for name in content if name.endswith((".so", ".json"))]
    assert b"Root-Is-Purelib: true\nTag: py3-none-any\n" in content[f"{DIST_INFO}/WHEEL"]
    assert b"MIT License" in content[f"{DIST_INFO}/licenses/LICENSE"]
    metadata = content[f"{DIST_INFO}/METADATA"].decode()
    assert f"Version: {pins.KERNEL.version}\n" in metadata
    assert "yaml" not in metadata.lower()
    rows = list(csv.reader(io.StringIO(content[f"{DIST_INFO}/RECORD"].decode())))
    assert {row[0] for row in rows} == set(content)
    for name, checksum, size in rows:
        if name != f"{DIST_INFO}/RECORD":
            raw = hashlib.sha256(content[name]).digest()
            assert checksum == f"sha256={base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
            assert int(size) == len(content[name])


def test_nothing_is_built_twice(
    manifest: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle.build() == manifest
    assert "Building" not in capsys.readouterr().out


def test_the_same_input_gives_the_same_bytes(manifest: dict[str, Any]) -> None:
    before = {name: (OUTPUT / name).read_bytes() for name in ("app.zip", "snapshot.bin")}
    for name in before:
        bundle._key_file(OUTPUT / name).unlink()
    bundle.build()
    assert {name: (OUTPUT / name).read_bytes() for name in before} == before
    assert str(ROOT).encode() not in before["snapshot.bin"]


def test_other_bytes_than_pinned_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "WHEELS", tmp_path)
    (tmp_path / "annotated_types-0.8.0-py3-none-any.whl").write_bytes(b"something else")
    monkeypatch.setattr(download, "_download", lambda tags, group: None)
    with pytest.raises(BundleError, match="pinned hash"):
        download.wheels([pin for pin in pins.RUNTIME if pin.name == "annotated_types"])


def _boot_in_node(folder: Path, **options: Any) -> dict[str, Any]:
    script = f"""
import {{ readFileSync }} from "node:fs";
import {{ bootPython }} from "{(ROOT / "offscreen/python/boot.js").as_uri()}";
const stages = [];
const {{ py, ...told }} = await bootPython({{
  base: "{folder.as_uri()}/", indexURL: "{folder}", ...{json.dumps(options)},
  onStage: (stage) => stages.push(stage),
  readFile: async (url) => readFileSync(new URL(url)),
}});
const drawn = py.runPython("import random, sidelight; str(random.random())");
const names = "fetch XMLHttpRequest WebSocket indexedDB caches self globalThis Object eval";
const reached = py.runPython(`import js
" ".join(n for n in "${{names}}".split() if hasattr(js, n))`);
process.stdout.write(JSON.stringify({{ ...told, stages, drawn, reached }}));
"""
    command = [
        "node",
        "--disallow-code-generation-from-strings",
        "--input-type=module",
        "-e",
        script,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def package(tmp_path: Path, manifest: dict[str, Any]) -> Path:
    """A folder like the extension's."""
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copy(PYODIDE / name, tmp_path)
    for name in bundle.OUTPUTS:
        shutil.copy(OUTPUT / name, tmp_path)
    return tmp_path


def test_start_restores_the_snapshot_and_draws_fresh_numbers(package: Path) -> None:
    first, second = _boot_in_node(package), _boot_in_node(package)
    assert first["snapshot_used"] and first["fallback_reason"] is None
    assert first["stages"] == ["code", "load", "unpack", "import", "ready"]
    assert set(first["timings"]) == {"code_ms", "load_ms", "unpack_ms", "import_ms", "total_ms"}
    assert first["drawn"] != second["drawn"]


@pytest.mark.parametrize("snapshot", [True, False])
def test_python_finds_neither_network_nor_storage(package: Path, snapshot: bool) -> None:
    assert _boot_in_node(package, snapshot=snapshot)["reached"] == ""
    given = _boot_in_node(package, snapshot=snapshot, jsglobals={"fetch": 1})
    assert given["reached"] == "fetch"


def test_start_falls_back_when_the_snapshot_is_broken_or_missing(package: Path) -> None:
    snapshot = package / "snapshot.bin"
    snapshot.write_bytes(snapshot.read_bytes()[: 1 << 20])
    broken = _boot_in_node(package)
    snapshot.unlink()
    missing = _boot_in_node(package)
    for told in (broken, missing):
        assert told["snapshot_used"] is False
        assert told["fallback_reason"]
    assert "snapshot.bin" in missing["fallback_reason"]
    assert _boot_in_node(package, snapshot=False)["fallback_reason"] == "not asked for"
