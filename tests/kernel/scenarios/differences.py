"""Where the engines differ on purpose. Not compared: `test_decisions.py` says what each must do."""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.scenarios.session_setup import config_of, session_with
from tests.kernel.values import build

if TYPE_CHECKING:
    from tests.kernel.trace import Trace

MARK: ContextVar[str] = ContextVar("difference_mark", default="unset")


@scenario
async def results_that_json_lacks(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    for kind in ("cycle", "unprintable", "tuplekey"):
        hooks = HookRegistry()
        result = {"action": "deny", "reason": "secret", "data": {"a": build({"$": kind})}}
        hooks.register("e", lambda event, data, result=result: result)
        trace.add((await hooks.emit("e", {})).action)


@scenario
async def sync_handlers(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    hooks = HookRegistry()

    def handle(event: str, data: Any) -> None:
        try:
            trace.add("loop", asyncio.get_running_loop() is not None)
        except RuntimeError as error:
            trace.add("loop", error)

    hooks.register("e", handle)
    await hooks.emit("e", {})


@scenario
async def sync_callbacks(trace: Trace) -> None:
    from amplifier_core import CancellationToken, HookResult, ModuleCoordinator

    def note(name: str, answer: Any = None) -> Any:
        def call(*given: Any) -> Any:
            try:
                where = "loop" if asyncio.get_running_loop() else ""
            except RuntimeError:
                where = "no loop"
            trace.add(name, where, MARK.get())
            return answer

        return call

    MARK.set("caller")
    made, token = ModuleCoordinator(), CancellationToken()
    made.register_cleanup(note("cleanup"))
    await made.cleanup()
    token.on_cancel(note("callback"))
    await token.trigger_callbacks()
    made.approval_system = SimpleNamespace(request_approval=note("approval", "Allow"))
    await made.process_hook_result(HookResult(action="ask_user"), "e")
    made.mount_points["context"] = SimpleNamespace(add_message=note("message"))
    injecting = HookResult(action="inject_context", context_injection="x")
    await made.process_hook_result(injecting, "e")


@scenario
async def coroutines_that_block(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    async def block(event: str, data: Any) -> dict[str, Any]:
        time.sleep(0.1)  # noqa: ASYNC251 - blocking the loop is what this is about
        return {"data": {"slow": 1}}

    hooks = HookRegistry()
    hooks.register("e", block)
    trace.add(await hooks.emit_and_collect("e", {}, 0.02))


@scenario
async def cancelled_execution(trace: Trace) -> None:
    session = session_with(trace, config_of())
    await session.initialize()

    class Slow:
        async def execute(self, **given: Any) -> str:
            trace.add("begins", 1)
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                trace.add("orchestrator cancelled")
                raise
            trace.add("orchestrator went on")
            return "done"

    session.coordinator.mount_points["orchestrator"] = Slow()
    task = asyncio.create_task(session.execute("hi"))
    await trace.saw("begins")
    task.cancel()
    await trace.call("caller", lambda: task)
    await asyncio.sleep(0.15)


@scenario
async def cancelled_approval(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    class Slow:
        async def request_approval(self, *arguments: Any) -> str:
            trace.add("begins", 1)
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                trace.add("request withdrawn")
                raise
            trace.add("request stays")
            return "Allow"

    coordinator = ModuleCoordinator()
    coordinator.approval_system = Slow()
    work = coordinator.process_hook_result(HookResult(action="ask_user"), "e")
    task = asyncio.create_task(work)
    await trace.saw("begins")
    task.cancel()
    await trace.call("caller", lambda: task)
    await asyncio.sleep(0.15)


@scenario
async def floats(trace: Trace) -> None:
    import random

    from amplifier_core import HookRegistry

    drawn = random.Random(1)
    numbers = [drawn.random() for _ in range(2000)]
    crossed = (await HookRegistry().emit("e", {"numbers": numbers})).data["numbers"]
    wrong = sum(one != other for one, other in zip(numbers, crossed, strict=True))
    close = all(abs(one - other) < 1e-15 for one, other in zip(numbers, crossed, strict=True))
    trace.add("all exact" if wrong == 0 else "some differ", "close" if close else "far off")


@scenario
async def timestamps(trace: Trace) -> None:
    from datetime import datetime

    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    hooks.register("e", lambda event, data: None)
    text = (await hooks.emit("e", {})).data["timestamp"]
    digits = len(text.split(".")[1].split("+")[0]) if "." in text else 0
    trace.add("digits", digits > 6, datetime.fromisoformat(text).utcoffset() is not None)


@scenario
async def modules_that_cannot_run(trace: Trace) -> None:
    import tempfile
    from pathlib import Path

    import amplifier_core._engine as engine

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "module.wasm").write_bytes(b"\0asm")
        for function in (engine.resolve_module, engine.load_wasm_from_path):
            try:
                function(folder)
            except RuntimeError as error:
                trace.add("amplifier_module_NAME" in str(error))
    for function, given in (
        (engine.proto_chat_request_to_json, b""),
        (engine.json_to_proto_chat_response, "{}"),
    ):
        try:
            function(given)
        except RuntimeError as error:
            trace.add("refused", "amplifier_core" in str(error))
        except ValueError:
            trace.add("decoded, not a response")
        else:
            trace.add("decoded")


@scenario
async def impossible_timeouts(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    for timeout in (-1.0, float("nan"), float("inf")):
        try:
            await HookRegistry().emit_and_collect("e", {}, timeout)
        except BaseException as error:
            trace.add(type(error).__name__ == "ValueError")
