"""Building what is out of date, and nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import pins
from .archive import Tree, digest, folder, packed, tree_digest
from .download import BundleError, sha256_of, wheels
from .places import CACHE, KERNEL_SOURCES, OUTPUT, PYODIDE, SOURCES, WORKER
from .repack import WHEEL_NAME, repacked, wheel_bytes
from .site import site_tree

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = ("site.zip", "app.zip", "snapshot.bin")
SNAPSHOT = OUTPUT / "snapshot.bin"
TESTING = CACHE / "testing.zip"
KERNEL_WHEEL = CACHE / WHEEL_NAME

#: Pyodide accepts an empty lock file only with its own ABI in it.
LOCK = {
    "info": {
        "abi_version": pins.PYODIDE_ABI,
        "arch": "wasm32",
        "platform": "emscripten",
        "version": pins.PYODIDE_VERSION,
        "python": pins.PYTHON_VERSION,
    },
    "packages": {},
}


@dataclass
class _Plan:
    """Jobs for one run of Pyodide, with the cache key each result gets."""

    compile: list[dict[str, str]] = field(default_factory=list)
    make_snapshot: bool = False
    keys: dict[Path, str] = field(default_factory=dict)

    def add_tree(self, tree: Tree, to: Path, prefix: str, key: str) -> None:
        """Have `tree` compiled into the zip `to` unless that is up to date."""
        if _is_fresh(to, key):
            return
        source = CACHE / f"{to.stem}-sources.zip"
        source.write_bytes(packed(tree, compress=False))
        self.compile.append({"from": str(source), "to": str(to), "prefix": prefix})
        self.keys[to] = key


def build(*, testing: bool = False) -> dict[str, Any]:
    """Bring build/python/ up to date and return its manifest. Raises BundleError.

    `testing` also makes the archive with pytest for runs inside Pyodide.
    """
    _check_pyodide()
    for path in (OUTPUT, CACHE):
        path.mkdir(parents=True, exist_ok=True)
    platform = digest([pins.PYODIDE_VERSION, WORKER.read_bytes(), json.dumps(LOCK)])
    plan = _Plan()
    _plan_site(plan, platform)
    app = {
        name: content
        for name, content in folder(SOURCES).items()
        if not name.startswith(f"{KERNEL_SOURCES.name}/")
    }
    plan.add_tree(app, OUTPUT / "app.zip", pins.SITE_PACKAGES, digest([platform, tree_digest(app)]))
    if testing:
        _plan_testing(plan, platform)
    if not _is_fresh(SNAPSHOT, platform):
        plan.make_snapshot = True
        plan.keys[SNAPSHOT] = platform
    _run(plan)
    return _manifest()


def kernel_folder() -> Path:
    """Return a folder to put on PYTHONPATH: the repacked kernel, as source, for CPython."""
    wheel = wheels([pins.KERNEL])[pins.KERNEL.name]
    tree = repacked(wheel)
    target = CACHE / f"kernel-{tree_digest(tree)[:16]}"
    if not target.is_dir():
        for old in CACHE.glob("kernel-*"):
            shutil.rmtree(old, ignore_errors=True)
        temporary = CACHE / f"unpacking-{target.name}"
        shutil.rmtree(temporary, ignore_errors=True)
        for name, content in tree.items():
            file = temporary / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        temporary.rename(target)
    return target


def _plan_site(plan: _Plan, platform: str) -> None:
    kernel = folder(KERNEL_SOURCES)
    recipe = [file.read_bytes() for file in sorted(WORKER.parent.glob("*.py"))]
    key = digest([platform, tree_digest(kernel), *recipe])
    site = OUTPUT / "site.zip"
    if _is_fresh(site, key) and KERNEL_WHEEL.exists():
        return
    found = wheels([pins.KERNEL, *pins.RUNTIME])
    tree = repacked(found.pop(pins.KERNEL.name))
    KERNEL_WHEEL.write_bytes(wheel_bytes(tree))
    plan.add_tree(site_tree(tree, found.values()), site, pins.SITE_PACKAGES, key)


def _plan_testing(plan: _Plan, platform: str) -> None:
    key = digest([platform, *(pin.requirement for pin in pins.TESTING)])
    if _is_fresh(TESTING, key):
        return
    tree = site_tree({}, wheels(pins.TESTING).values())
    plan.add_tree(tree, TESTING, pins.SITE_PACKAGES, key)


def _check_pyodide() -> None:
    package = PYODIDE / "package.json"
    if not package.exists():
        raise BundleError("node_modules/pyodide is missing. Run: npm ci")
    version = json.loads(package.read_text())["version"]
    if version != pins.PYODIDE_VERSION:
        raise BundleError(
            f"node_modules/pyodide is {version}, the bundle is made for {pins.PYODIDE_VERSION}. "
            "Run: npm ci (or change both pins together)"
        )


def _key_file(path: Path) -> Path:
    return CACHE / f"{path.name}.key"


def _is_fresh(path: Path, key: str) -> bool:
    mark = _key_file(path)
    if not (path.exists() and mark.exists()):
        return False
    return mark.read_text() == f"{key} {sha256_of(path)}"


def _run(plan: _Plan) -> None:
    if not plan.keys:
        return
    print(f"Building {', '.join(path.name for path in plan.keys)} in Pyodide", flush=True)
    jobs = {
        "pyodide": str(PYODIDE),
        "lock": LOCK,
        "snapshot": str(SNAPSHOT),
        "make_snapshot": plan.make_snapshot,
        "compile": plan.compile,
    }
    file = CACHE / "jobs.json"
    file.write_text(json.dumps(jobs))
    done = subprocess.run(
        ["node", str(WORKER), str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BundleError(f"Building in Pyodide failed:\n{done.stdout}{done.stderr}")
    for path, key in plan.keys.items():
        _key_file(path).write_text(f"{key} {sha256_of(path)}")


def _manifest() -> dict[str, Any]:
    files = {}
    for name in OUTPUTS:
        raw = (OUTPUT / name).read_bytes()
        files[name] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    manifest = {
        "pyodide": pins.PYODIDE_VERSION,
        "lock": LOCK,
        "wheels": {
            pin.name: {"version": pin.version, "sha256": pin.sha256}
            for pin in (pins.KERNEL, *pins.RUNTIME)
        },
        "files": files,
    }
    (OUTPUT / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return manifest
