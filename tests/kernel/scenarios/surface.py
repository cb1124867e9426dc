"""2.9: names, constants, values of awaitables without a result."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


@scenario
async def names_and_constants(trace: Trace) -> None:
    import amplifier_core._engine as engine

    trace.add(sorted(engine.__all__))
    for name in sorted(engine.__all__):
        value = getattr(engine, name)
        trace.add(
            name, value if isinstance(value, (str, bool, list)) else type(value).__name__ == "type"
        )
    trace.add(engine.__name__)


@scenario
async def members_of_classes(trace: Trace) -> None:
    import amplifier_core._engine as engine

    for name in (
        "RustSession",
        "RustHookRegistry",
        "RustCancellationToken",
        "RustCoordinator",
        "ProviderError",
        "RetryConfig",
    ):
        kind = getattr(engine, name)
        hidden = {"_cleanup_fns", "_set_session", "_current_turn_injections"}
        members = [
            member
            for member in dir(kind)
            if not member.startswith("_") or (name == "RustCoordinator" and member in hidden)
        ]
        trace.add(name, kind.__name__, members)


@scenario
async def everything_the_layer_exports(trace: Trace) -> None:
    import amplifier_core
    from amplifier_core import capabilities, events

    trace.add(sorted(amplifier_core.__all__), amplifier_core.__version__)
    trace.add([getattr(events, name) for name in events.__all__])
    trace.add([getattr(capabilities, name) for name in capabilities.__all__])
    trace.add(all(hasattr(amplifier_core, name) for name in amplifier_core.__all__))


@scenario
async def nothing_is_an_empty_tuple(trace: Trace) -> None:
    from amplifier_core import CancellationToken, ModuleCoordinator

    made = ModuleCoordinator(SimpleNamespace(session_id="s", parent_id=None, config={}))
    calls: list[Any] = [
        lambda: made.mount("tools", 1, "a"),
        lambda: made.unmount("tools", "a"),
        lambda: made.cleanup(),
        lambda: made.request_cancel(),
        lambda: CancellationToken().trigger_callbacks(),
    ]
    for call in calls:
        waiting = call()
        trace.add(inspect.iscoroutine(waiting), await waiting)


@scenario
async def what_cannot_be_made(trace: Trace) -> None:
    import amplifier_core._engine as engine

    for name in (
        "WasmTool",
        "WasmProvider",
        "WasmHook",
        "WasmContext",
        "WasmOrchestrator",
        "WasmApproval",
    ):
        await trace.call(name, getattr(engine, name))
    for path in ("/no/such/path", 5):
        await trace.call("load", engine.load_wasm_from_path, path)
        await trace.call("mount", engine.load_and_mount_wasm, engine.RustCoordinator(), path)
    await trace.call("no coordinator", engine.load_and_mount_wasm, 5, "/no/such/path")
    await trace.call("no bytes", engine.proto_chat_request_to_json, 5)
    await trace.call("no text", engine.json_to_proto_chat_response, 5)
