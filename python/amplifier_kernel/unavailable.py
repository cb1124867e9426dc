"""What the native engine has and a browser cannot have; each says what to use instead."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from .arguments import require, require_text

_USE_PYTHON = "Write the module as a Python package (amplifier_module_NAME) instead"


def no_wasm(path: str) -> RuntimeError:
    """Return the error for a module in WebAssembly."""
    return RuntimeError(
        f"failed to load WASM component at {path}: this kernel runs inside WebAssembly itself "
        f"and cannot host WebAssembly modules. {_USE_PYTHON}."
    )


def load_wasm_from_path(path: str) -> NoReturn:
    """Refuse a WebAssembly module; RuntimeError."""
    path = require_text(path)
    if not os.path.exists(path):
        raise RuntimeError(f"module path does not exist: {path}")
    raise no_wasm(path)


def load_and_mount_wasm(coordinator: Any, path: str) -> NoReturn:
    """Refuse to mount a WebAssembly module; RuntimeError."""
    from .coordinator import RustCoordinator

    require(coordinator, RustCoordinator)
    load_wasm_from_path(path)


def proto_chat_request_to_json(proto_bytes: bytes) -> NoReturn:
    """Refuse protocol buffers; RuntimeError."""
    require(proto_bytes, bytes)
    raise _no_protocol_buffers("ChatRequest.model_validate_json")


def json_to_proto_chat_response(json_str: str) -> NoReturn:
    """Refuse protocol buffers; RuntimeError."""
    require(json_str, str)
    raise _no_protocol_buffers("ChatResponse.model_dump_json")


def _no_protocol_buffers(alternative: str) -> RuntimeError:
    return RuntimeError(
        "this kernel has no gRPC and no protocol buffers: modules run in the same interpreter. "
        f"Use {alternative} of amplifier_core instead."
    )


class _NoWasmModule:
    __slots__ = ()

    def __new__(cls, *_args: object, **_options: object) -> NoReturn:
        raise TypeError(
            f"cannot create '{cls.__name__}' instances: this kernel cannot host WebAssembly "
            f"modules. {_USE_PYTHON}."
        )


class WasmTool(_NoWasmModule):
    """Name kept for type checks; has no instances here."""


class WasmProvider(_NoWasmModule):
    """Name kept for type checks; has no instances here."""


class WasmHook(_NoWasmModule):
    """Name kept for type checks; has no instances here."""


class WasmContext(_NoWasmModule):
    """Name kept for type checks; has no instances here."""


class WasmOrchestrator(_NoWasmModule):
    """Name kept for type checks; has no instances here."""


class WasmApproval(_NoWasmModule):
    """Name kept for type checks; has no instances here."""
