"""Modules that cancel their own task, use the kernel's names, or change what they were given."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import os
import pickle
import tempfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.scenarios.session_setup import config_of, session_with
from tests.kernel.trace import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.kernel.trace import Trace


def _current() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


async def _cancels(**given: Any) -> str:
    _current().cancel()
    await asyncio.sleep(0)
    return "not reached"


async def _cancels_and_returns(**given: Any) -> str:
    _current().cancel()
    return "returned"


async def _cancels_and_swallows(**given: Any) -> str:
    _current().cancel()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        return "swallowed"
    return "not reached"


async def _cancels_and_fails(**given: Any) -> str:
    _current().cancel()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        raise ValueError("after") from None
    return "not reached"


CANCELLING: tuple[Callable[..., Awaitable[str]], ...] = (
    _cancels,
    _cancels_and_returns,
    _cancels_and_swallows,
    _cancels_and_fails,
)


@scenario
async def modules_that_cancel_their_task(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    for act in CANCELLING:
        session = session_with(trace, config_of())
        await session.initialize()
        session.coordinator.mount_points["orchestrator"] = SimpleNamespace(execute=act)
        await trace.call(f"execute {act.__name__}", session.execute, "hi")
        session.coordinator.register_cleanup(act)
        await trace.call("cleanup", session.cleanup)
        trace.add(session.initialized)

        class Loader:
            async def load(self, *given: Any, act: Any = act) -> Any:
                async def mount(coordinator: Any) -> Any:
                    await act()

                return mount

        session = session_with(trace, config_of())
        session.coordinator.loader = Loader()
        await trace.call("initialize", session.initialize)
        trace.add(session.initialized)
        made = ModuleCoordinator()
        made.approval_system = SimpleNamespace(request_approval=lambda *a, act=act: act())
        await trace.call("ask", made.process_hook_result, HookResult(action="ask_user"), "e")
        made.mount_points["context"] = SimpleNamespace(add_message=lambda m, act=act: act())
        injecting = HookResult(action="inject_context", context_injection="x")
        await trace.call("inject", made.process_hook_result, injecting, "e")
    trace.add("not cancelled", _current().cancelling())


@scenario
async def configurations_changed_later(trace: Trace) -> None:
    def change_metadata(config: dict[str, Any]) -> None:
        config["session"]["metadata"]["a"] = 2

    def lose_metadata(config: dict[str, Any]) -> None:
        del config["session"]["metadata"]

    def lose_session(config: dict[str, Any]) -> None:
        del config["session"]

    def spoil_metadata(config: dict[str, Any]) -> None:
        config["session"]["metadata"]["a"] = float("nan")

    for change in (change_metadata, lose_metadata, lose_session, spoil_metadata):
        config = config_of(settings={"metadata": {"a": 1}})
        session = session_with(trace, config)
        await session.initialize()
        change(config)
        await trace.call("execute", session.execute, "hi")


@scenario
async def raw_configuration_that_json_lacks(trace: Trace) -> None:
    for cancelled in (False, True):
        config = config_of(settings={"raw": True})
        session = session_with(trace, config)
        await session.initialize()
        if cancelled:
            session.coordinator.cancellation.request_graceful()
        config["extra"] = float("nan")
        try:
            await session.execute("hi")
        except RuntimeError as error:
            trace.add(str(error).partition("JSON")[0])


@scenario
async def work_that_outlives_its_caller(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    async def slow(*given: Any) -> None:
        trace.add("begins")
        try:
            await asyncio.sleep(0.03)
        except asyncio.CancelledError:
            trace.add("cancelled")
            raise
        trace.add("ends")

    async def cut(work: Awaitable[Any], times: int) -> None:
        task = asyncio.ensure_future(work)
        await trace.saw("begins", times)
        task.cancel()
        await trace.call("caller", lambda: task)
        await trace.saw("ends", times)

    made = ModuleCoordinator()
    made.mount_points["context"] = SimpleNamespace(add_message=slow)
    injecting = HookResult(action="inject_context", context_injection="x")
    await cut(made.process_hook_result(injecting, "e"), 1)
    session = session_with(trace, config_of(settings={"raw": True}))
    await session.initialize()
    session.coordinator.hooks.register("session:config", slow)
    await cut(session.execute("hi"), 2)


@scenario
async def names_of_the_kernel_in_modules(trace: Trace) -> None:
    from amplifier_core._engine import RustCancellationToken, RustCoordinator, RustHookRegistry

    made = RustCoordinator()
    names = ("session", "config", "hooks", "loader", "capabilities", "channels", "cancellation")
    more = ("mount_points", "session_id", "approval_system", "cleanups", "display_system")
    hidden = [f"_{name}" for name in (*names, *more, "session_state", "parent_id", "known")]
    trace.add([name for name in hidden if hasattr(made, name)])
    for name in hidden:
        setattr(made, name, 5)
    made.register_capability("a", 1)
    trace.add(made.config, made.hooks is not None, made.loader, made.get_capability("a"))
    trace.add(sorted(vars(made)))
    for other in (RustHookRegistry(), RustCancellationToken()):
        trace.add([name for name in ("_defaults", "_order", "_state") if hasattr(other, name)])
        await trace.call("set", setattr, other, "_state", 1)


@scenario
async def names_of_the_kernel_in_subclasses(trace: Trace) -> None:
    from amplifier_core import HookResult
    from amplifier_core._engine import RustCoordinator

    class Own(RustCoordinator):  # type: ignore[misc]
        injection_size_limit = 2
        injection_budget_per_turn = 1
        mount_points: Any = None
        approval_system = SimpleNamespace(request_approval=lambda *given: "Allow")
        display_system = SimpleNamespace(show_message=lambda *given: trace.add("shown"))

    made = Own()
    injecting = HookResult(action="inject_context", context_injection="x" * 9, user_message="m")
    await trace.call("inject", made.process_hook_result, injecting, "e")
    await trace.call("ask", made.process_hook_result, HookResult(action="ask_user"), "e")


def _itself(work: Awaitable[Any]) -> Awaitable[Any]:
    return work


@scenario
async def failures_nobody_waited_for(trace: Trace) -> None:
    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            levels.append(record.levelname)

    # What earlier scenarios left behind is not for this one.
    gc.collect()
    levels: list[str] = []
    handler, logger = Seen(), logging.getLogger("asyncio")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    try:
        for waits in (True, False):
            session = session_with(trace, config_of(orchestrator={"raises": "error"}))
            await session.initialize()
            waiting = session.execute("hi")
            await trace.saw("orchestrator", 2 - waits)
            if waits:
                await trace.call("awaited", _itself, waiting)
            else:
                # Nothing tells when the native thread has handed its failure over: closing
                # earlier than that gives it up silently.
                await asyncio.sleep(1)
                waiting.close()
            del waiting
            gc.collect()
            if not waits:
                await until(lambda: bool(levels))
            trace.add(levels)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


@scenario
async def objects_that_cannot_be_copied(trace: Trace) -> None:
    import amplifier_core._engine as engine

    hooks = engine.RustHookRegistry()
    for made in (
        hooks,
        hooks.register("e", print),
        engine.RustSession(config_of()),
        engine.RustCoordinator(),
        engine.RustCancellationToken(),
        engine.ProviderError("m"),
        engine.RetryConfig(),
    ):
        for take in (copy.copy, copy.deepcopy, pickle.dumps):
            await trace.call(take.__name__, take, made)
    await trace.call("make", lambda: engine.RustUnregisterFn())


@scenario
async def entering_begins_when_awaited(trace: Trace) -> None:
    session = session_with(trace, config_of())
    entering = session.__aenter__()
    await asyncio.sleep(0.03)
    trace.add(session.initialized)
    trace.add(await entering is session, session.initialized)


@scenario
async def modules_in_odd_folders(trace: Trace) -> None:
    from amplifier_core._engine import load_wasm_from_path, resolve_module

    def resolve(path: str, base: str) -> None:
        try:
            found = resolve_module(path=path)
        except RuntimeError as error:
            trace.add(str(error).replace(base, "BASE").partition("I/O error at ")[1] or str(error))
        else:
            trace.add({key: value.replace(base, "BASE") for key, value in found.items()})

    head = '[module]\ntype="tool"\n'
    names = ("a/b", "./z", "..", ".", "", "a\\\\b", "..x", "x..y", "z", "/abs", "a-b", "é")
    texts = [f'{head}transport="wasm"\nartifact="{name}"\n' for name in names]
    texts += [f'{head}transport="rust"\ncrate="{name}"\n' for name in names]
    with tempfile.TemporaryDirectory(prefix="odd") as base:
        for number, content in enumerate((b"\xff\xfe", b"\xef\xbb\xbf" + head.encode())):
            folder = Path(base) / f"bytes{number}"
            folder.mkdir()
            (folder / "amplifier.toml").write_bytes(content)
            resolve(str(folder), base)
        for number, text in enumerate(texts):
            folder = Path(base) / f"text{number}"
            folder.mkdir()
            (folder / "amplifier.toml").write_text(text, encoding="utf-8")
            try:
                found = resolve_module(str(folder))
            except RuntimeError as error:
                trace.add(text, str(error).replace(base, "BASE").split(": ", 1)[1])
            else:
                trace.add(text, {key: item.replace(base, "BASE") for key, item in found.items()})
        package = Path(base) / "my-mod"
        child = Path(base) / "holder" / "my-child"
        for folder in (package, child):
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_text("")
        for path in (package, child.parent):
            for end in ("", "/", "/.", "/./"):
                resolve(f"{path}{end}", base)
        resolve(os.path.join(base, "holder", "..", "my-mod", "."), base)
    await trace.call("load", lambda: load_wasm_from_path(path="/no/such/path"))
    for call in (resolve_module, load_wasm_from_path):
        await trace.call("no such name", lambda call=call: call(source_path="/no/such/path"))


@scenario
async def calls_without_a_loop(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    made, loop = ModuleCoordinator(), asyncio.get_running_loop()
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("cancel", lambda: made.request_cancel(True)),
        ("mount", lambda: made.mount("tools", 1, "a")),
        ("unmount", lambda: made.unmount("tools", "b")),
        ("cleanup", lambda: made.cleanup()),
    ]
    for action in ("continue", "deny", "ask_user", "inject_context"):
        result = HookResult(action=action, context_injection="x" * 40, user_message="m")
        calls.append((action, partial(made.process_hook_result, result, "e")))
    made.display_system = SimpleNamespace(show_message=lambda *given: trace.add("shown"))
    for name, call in calls:
        asyncio._set_running_loop(None)
        try:
            begun = call()
        except RuntimeError as error:
            trace.add(name, error)
        else:
            begun.close()
            trace.add(name, "no error")
        finally:
            asyncio._set_running_loop(loop)
    trace.add(made.cancellation.state, made.to_dict(), made._current_turn_injections)
