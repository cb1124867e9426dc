"""2.2: running handlers: tasks, contexts, errors, cancellation, request ids, collecting."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.trace import until

if TYPE_CHECKING:
    from tests.kernel.trace import Trace

MARK: ContextVar[str] = ContextVar("scenario_mark", default="unset")


def _registry() -> Any:
    from amplifier_core import HookRegistry

    return HookRegistry()


@scenario
async def emit_starts_at_the_call(trace: Trace) -> None:
    hooks = _registry()
    ran: list[str] = []
    hooks.register("e", lambda event, data: ran.append("sync"))

    async def slow(event: str, data: Any) -> dict[str, Any]:
        ran.append("async")
        await asyncio.sleep(0)
        return {"action": "deny", "reason": "slow"}

    hooks.register("e", slow)
    waiting = hooks.emit("e", {})
    trace.add(inspect.iscoroutine(waiting))
    await until(lambda: len(ran) == 2)
    trace.add(ran)
    await trace.call("result", lambda: waiting)
    collecting = hooks.emit_and_collect("e", {})
    await until(lambda: len(ran) == 4)
    trace.add(ran, inspect.iscoroutine(collecting), await collecting)


@scenario
async def emit_can_be_a_task(trace: Trace) -> None:
    hooks = _registry()
    hooks.register("e", lambda event, data: {"action": "modify", "data": {"n": data["n"] + 1}})
    tasks = [asyncio.create_task(hooks.emit("e", {"n": n})) for n in range(4)]
    trace.add([result.data for result in await asyncio.gather(*tasks)])


@scenario
async def contexts_do_not_leak(trace: Trace) -> None:
    hooks = _registry()

    async def look(event: str, data: Any) -> None:
        trace.add("async", MARK.get())
        MARK.set("handler")

    def look_sync(event: str, data: Any) -> None:
        trace.add("sync", MARK.get())
        MARK.set("sync handler")

    for handler in (look, look_sync, look):
        hooks.register("e", handler)
    MARK.set("emitter")
    await hooks.emit("e", {})
    await hooks.emit_and_collect("e", {})
    trace.add(MARK.get())


@scenario
async def each_coroutine_has_its_own_task(trace: Trace) -> None:
    hooks = _registry()
    tasks: list[Any] = [asyncio.current_task()]

    async def note(event: str, data: Any) -> None:
        tasks.append(asyncio.current_task())

    hooks.register("e", note)
    hooks.register("e", note)
    await hooks.emit("e", {})
    trace.add(len(set(map(id, tasks))))


@scenario
async def failing_handlers_are_skipped(trace: Trace) -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    errors = [ValueError("v"), KeyError("k"), asyncio.CancelledError("c"), StopIteration("s")]
    for error in (*errors, TimeoutError("t"), Unprintable(), GeneratorExit("g")):

        def fail(event: str, data: Any, error: BaseException = error) -> None:
            raise error

        async def fail_async(event: str, data: Any, error: BaseException = error) -> None:
            raise error

        for handler in (fail, fail_async):
            hooks = _registry()
            hooks.register("e", handler, 0, "bad")
            hooks.register("e", lambda event, data: {"action": "modify", "data": {"after": 1}})
            await trace.call(type(error).__name__, hooks.emit, "e", {})
            await trace.call("collect", hooks.emit_and_collect, "e", {})


@scenario
async def handlers_that_cannot_be_called(trace: Trace) -> None:
    hooks = _registry()
    hooks.register("e", 5, 0, "number")
    hooks.register("e", lambda: None, 0, "no arguments")
    hooks.register("e", None, 0, "none")
    await trace.call("emit", hooks.emit, "e", {"a": 1})

    class Callable:
        async def __call__(self, event: str, data: Any) -> dict[str, Any]:
            return {"action": "deny", "reason": "object"}

    hooks.register("e", Callable(), 0, "object")
    await trace.call("emit", hooks.emit, "e", {"a": 1})


@scenario
async def only_coroutines_are_awaited(trace: Trace) -> None:
    class Awaitable:
        def __await__(self) -> Any:
            return asyncio.sleep(0).__await__()

        def __str__(self) -> str:
            return "awaitable"

    def generator(event: str, data: Any) -> Any:
        yield {"action": "continue"}

    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    done.set_result({"action": "continue"})
    for label, handler in {
        "awaitable": lambda event, data: Awaitable(),
        "future": lambda event, data: done,
        "generator": generator,
        "lambda around a coroutine": lambda event, data: _later({"action": "deny", "reason": "l"}),
    }.items():
        hooks = _registry()
        hooks.register("e", handler)
        await trace.call(label, hooks.emit, "e", {})


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@scenario
async def emitting_from_a_handler(trace: Trace) -> None:
    hooks = _registry()

    async def outer(event: str, data: Any) -> Any:
        inner = await hooks.emit("inner", {"from": data["n"]})
        return {"action": "modify", "data": inner.data}

    hooks.register("outer", outer)
    hooks.register(
        "inner", lambda event, data: {"action": "modify", "data": {"inner": data["from"]}}
    )
    await trace.call("nested", hooks.emit, "outer", {"n": 1})


@scenario
async def cancelling_the_emitter(trace: Trace) -> None:
    hooks = _registry()

    async def hang(event: str, data: Any) -> None:
        trace.add("begins")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            trace.add("handler cancelled")
            raise

    hooks.register("e", hang)
    hooks.register("e", lambda event, data: trace.add("must not run"))
    methods = (hooks.emit, lambda event, data: hooks.emit_and_collect(event, data, 30.0))
    for times, method in enumerate(methods, 1):
        task = asyncio.create_task(method("e", {}))
        await trace.saw("begins", times)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        trace.add("emitter cancelled" if task.cancelled() else "emitter went on")
        await trace.saw("handler cancelled", times)
    # Which of the two comes first is up to the native engine's threads.
    trace.steps.sort(key=str)


@scenario
async def a_stubborn_handler_does_not_hold_up_its_emitter(trace: Trace) -> None:
    hooks = _registry()

    async def stubborn(event: str, data: Any) -> None:
        trace.add("begins")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)
            trace.add("handler gives up at last")

    hooks.register("e", stubborn)
    hooks.register("e", lambda event, data: trace.add("must not run"))
    task = asyncio.create_task(hooks.emit("e", {}))
    await trace.saw("begins")
    task.cancel()
    await trace.call("cancelled", lambda: task)
    await trace.saw("handler gives up at last")
    await asyncio.sleep(0.05)


@scenario
async def outside_a_loop(trace: Trace) -> None:
    hooks = _registry()
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        calls: list[tuple[str, Any]] = [
            ("emit", lambda: hooks.emit("e", {})),
            ("collect", lambda: hooks.emit_and_collect("e", {})),
        ]
        outcomes = []
        for label, call in calls:
            try:
                call()
            except RuntimeError as error:
                outcomes.append([label, error])
    finally:
        asyncio._set_running_loop(loop)
    trace.add(outcomes)


@scenario
async def request_ids(trace: Trace) -> None:
    hooks = _registry()
    sequence = [
        ("llm:response", {}),
        ("llm:request", {}),
        ("provider:retry", {}),
        ("provider:throttle", {"a": 1}),
        ("llm:stream_block_delta", {}),
        ("provider:request", {}),
        ("llm:response", {"a": 1}),
        ("llm:response", {}),
        ("provider:retry", {}),
        ("llm:request", {"request_id": "mine"}),
        ("provider:error", {}),
        ("provider:error", {}),
        ("llm:request", {"request_id": None}),
        ("llm:response", {"request_id": ""}),
        ("llm:request", {"request_id": 5}),
        ("llm:response", {"request_id": "other"}),
        ("provider:retry", {"request_id": "opened"}),
        ("llm:response", {}),
        ("llm:request", ["no object"]),
        ("llm:response", {}),
        ("llm:Request", {}),
        ("provider:", {}),
    ]
    for listening in (False, True):
        if listening:
            for event in {event for event, _ in sequence}:
                hooks.register(event, lambda event, data: trace.add("saw", event, data))
        for event, data in sequence:
            result = await trace.call(event, hooks.emit, event, data)
            trace.add(sorted(result.data or {}))


@scenario
async def request_ids_of_concurrent_tasks(trace: Trace) -> None:
    from amplifier_core.correlation import current_request_id

    hooks = _registry()
    inside: list[Any] = []

    async def note(event: str, data: Any) -> None:
        inside.append(current_request_id() == data["request_id"])

    hooks.register("llm:request", note)

    async def call(pause_s: float) -> tuple[str, str]:
        opened = (await hooks.emit("llm:request", {})).data["request_id"]
        await asyncio.sleep(pause_s)
        closed = (await hooks.emit("llm:response", {})).data["request_id"]
        return opened, closed

    pairs = await asyncio.gather(call(0.02), call(0.01), call(0))
    trace.add(
        [opened == closed for opened, closed in pairs], len({pair[0] for pair in pairs}), inside
    )
    trace.add((await hooks.emit("llm:response", {})).data)
    await trace.call("collect has none", hooks.emit_and_collect, "llm:request", {})


@scenario
async def request_ids_survive_modification(trace: Trace) -> None:
    hooks = _registry()
    hooks.register("llm:request", lambda event, data: {"action": "modify", "data": {"x": 1}})
    trace.add((await hooks.emit("llm:request", {})).data)
    trace.add(sorted((await hooks.emit("llm:response", {})).data))


@scenario
async def collecting(trace: Trace) -> None:
    hooks = _registry()
    results: list[Any] = [
        {"data": {"b": 1, "a": 2}},
        None,
        {"action": "deny", "data": {"denied": 1}},
        {"data": {}},
        {"data": None},
        {"action": "nonsense"},
        5,
    ]
    for result in results:
        hooks.register("e", lambda event, data, result=result: result)

    async def later(event: str, data: Any) -> Any:
        await asyncio.sleep(0)
        return {"data": {"saw": data}}

    hooks.register("e", later)
    hooks.set_default_fields(default=1)
    await trace.call("all", hooks.emit_and_collect, "e", {"given": 1})
    await trace.call("by keyword", lambda: hooks.emit_and_collect("e", {}, timeout=0.5))
    await trace.call("list", hooks.emit_and_collect, "e", [1])
    await trace.call("nobody", hooks.emit_and_collect, "other", {})
    timeouts: list[Any] = ["x", None, [], -1.0, float("nan"), float("inf")]
    for bad in timeouts:
        await trace.call(f"timeout {bad}", hooks.emit_and_collect, "e", {}, bad)
    await trace.call("integer timeout", hooks.emit_and_collect, "e", {}, 1)


@scenario
async def collecting_with_a_timeout(trace: Trace) -> None:
    hooks = _registry()

    async def hang(event: str, data: Any) -> Any:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            trace.add("cancelled")
            raise
        return {"data": {"late": 1}}

    hooks.register("e", hang)
    hooks.register("e", lambda event, data: {"data": {"after": 1}})
    await trace.call("collected", hooks.emit_and_collect, "e", {}, 0.3)
    await trace.saw("cancelled")
    trace.steps.sort(key=str)
