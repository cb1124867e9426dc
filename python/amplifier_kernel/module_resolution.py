"""Finding out what kind of module lies at a path."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from .arguments import require_text
from .unavailable import no_wasm

MODULE_TYPES = frozenset(
    {"orchestrator", "provider", "tool", "context", "hook", "resolver", "approval"}
)


def resolve_module(path: str) -> dict[str, Any]:
    """Return {transport, module_type, artifact_type, ...} of the module at `path`.

    Looks at amplifier.toml, then for a .wasm file, then for a Python package (the directory
    itself or any child). Raises RuntimeError when the path is missing or nothing fits.
    """
    path = require_text(path)
    if not os.path.exists(path):
        raise RuntimeError(f"module path does not exist: {path}")
    manifest = os.path.join(path, "amplifier.toml")
    if os.path.isfile(manifest):
        try:
            with open(manifest, encoding="utf-8-sig") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise RuntimeError(f"I/O error at {manifest}: {error}") from None
        try:
            return _from_manifest(text, path)
        except ValueError as error:
            raise RuntimeError(f"failed to parse amplifier.toml at {path}: {error}") from None
    if os.path.isdir(path):
        names = os.listdir(path)
        for name in names:
            if name.endswith(".wasm"):
                raise no_wasm(os.path.join(path, name))
        package = _package(path, names)
        if package is not None:
            return _python("tool", package)
    raise RuntimeError(
        f"could not detect module transport at {path}. "
        "Expected: .wasm file, amplifier.toml, or Python package (__init__.py)."
    )


def _python(module_type: str, package: str) -> dict[str, Any]:
    return {
        "transport": "python",
        "module_type": module_type,
        "artifact_type": "python",
        "package_name": package,
    }


def _has_init(path: str) -> bool:
    # Our bundle ships byte code only, which is a package as well.
    return any(os.path.isfile(os.path.join(path, f"__init__.{end}")) for end in ("py", "pyc"))


def _package(path: str, names: list[str]) -> str | None:
    own = _own_name(path)
    if own and _has_init(path):
        return own.replace("-", "_")
    return next((name for name in names if _has_init(os.path.join(path, name))), None)


def _own_name(path: str) -> str:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return "" if not parts or parts[-1] == ".." else parts[-1]


def _is_plain_name(name: str) -> bool:
    return not (name.startswith(".") or "/" in name or "\\" in name)


def _from_manifest(text: str, path: str) -> dict[str, Any]:
    manifest = tomllib.loads(text)
    module = manifest.get("module")
    if not isinstance(module, dict):
        raise ValueError("missing [module] section")
    module_type = module.get("type")
    if not isinstance(module_type, str):
        raise ValueError("missing 'type' field in [module] section")
    if module_type not in MODULE_TYPES:
        raise ValueError(f"unknown module type: {module_type}")
    transport = module.get("transport")
    if transport == "grpc":
        section = manifest.get("grpc")
        endpoint = section.get("endpoint") if isinstance(section, dict) else None
        if not isinstance(endpoint, str):
            raise ValueError("gRPC transport requires [grpc] section with 'endpoint' field")
        return _other("grpc", module_type, endpoint=endpoint)
    if transport == "rust":
        crate = module.get("crate")
        if not isinstance(crate, str):
            raise ValueError("Rust transport requires 'crate' field in [module] section")
        if ".." in crate or not _is_plain_name(crate):
            raise ValueError(f"crate name '{crate}' must be a simple identifier, not a path")
        return _other("rust", module_type, crate_name=crate)
    if transport == "wasm":
        artifact = module.get("artifact")
        artifact = artifact if isinstance(artifact, str) else "module.wasm"
        if not _is_plain_name(artifact):
            raise ValueError("artifact must be a simple filename, not a path")
        return _other("wasm", module_type, artifact_path=os.path.join(path, artifact))
    return _python(module_type, _own_name(path))


def _other(transport: str, module_type: str, **more: str) -> dict[str, Any]:
    return {
        "transport": transport,
        "module_type": module_type,
        "artifact_type": transport,
        **more,
    }
