"""2.5: executing, cancelling, cleaning up."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.scenarios.session_setup import config_of, session_with
from tests.kernel.trace import until

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


async def _ready(trace: Trace, config: dict[str, Any] | None = None, **given: Any) -> Any:
    session = session_with(trace, config or config_of(), **given)
    await trace.call("initialize", session.initialize)
    return session


class _Acting:
    """An orchestrator that runs a function."""

    def __init__(self, act: Any) -> None:
        self.act = act

    async def execute(self, **given: Any) -> Any:
        outcome = self.act(**given)
        return await outcome if inspect.isawaitable(outcome) else outcome


@scenario
async def executing(trace: Trace) -> None:
    session = session_with(trace, config_of())
    for prompt in ("hi", 5, None):
        await trace.call("not initialised", session.execute, prompt)
    await trace.call("initialize", session.initialize)
    for prompt in ("hi", "", 5, None, "\ud800"):
        await trace.call("execute", session.execute, prompt)
    await trace.call("no prompt", lambda: session.execute())
    waiting = session.execute("eager")
    trace.add(inspect.iscoroutine(waiting))
    await trace.saw("orchestrator", 3)
    trace.add("before the await")
    await trace.call("awaited", lambda: waiting)


@scenario
async def answers_of_other_kinds(trace: Trace) -> None:
    answers: list[Any] = [5, None, b"x", [], "", "é\n", True]
    for answer in answers:
        session = await _ready(trace, config_of(orchestrator={"answer": answer}))
        await trace.call(repr(answer), session.execute, "hi")


@scenario
async def errors_lose_their_type(trace: Trace) -> None:
    class Outer:
        class Inner(Exception):
            pass

    class Silent(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    errors = [
        ValueError("v"),
        KeyError("k"),
        asyncio.CancelledError("c"),
        Outer.Inner("i"),
        Silent(),
    ]
    for error in (
        *errors,
        ValueError(),
        FileNotFoundError(2, "no file"),
        StopIteration("s"),
        GeneratorExit("g"),
    ):
        for cancelled in (False, True):
            session = await _ready(trace)

            def fail(
                error: BaseException = error, cancelled: bool = cancelled, **given: Any
            ) -> None:
                if cancelled:
                    given["coordinator"].cancellation.request_graceful()
                raise error

            session.coordinator.mount_points["orchestrator"] = _Acting(fail)
            try:
                await session.execute("hi")
            except BaseException as raised:
                trace.add(raised, raised.__cause__, raised.__context__)


@scenario
async def missing_mounts(trace: Trace) -> None:
    session = await _ready(trace)
    await session.coordinator.unmount("context")
    await trace.call("no context", session.execute, "hi")
    await session.coordinator.unmount("orchestrator")
    await trace.call("no orchestrator", session.execute, "hi")
    session.coordinator.mount_points["orchestrator"] = object()
    await trace.call("no method", session.execute, "hi")


@scenario
async def start_is_told_once(trace: Trace) -> None:
    for resumed, metadata, raw in product(
        (False, True), (None, {}, {"a": 1}, 5, "x", [1]), (False, True)
    ):
        config = config_of(settings={"metadata": metadata, "raw": raw}, api_key="secret")
        session = await _ready(trace, config, is_resumed=resumed)
        for _ in range(2):
            await trace.call("execute", session.execute, "hi")
    session = await _ready(trace)
    await trace.call("cleanup", session.cleanup)
    await trace.call("execute", session.execute, "hi")
    await trace.call("initialize", session.initialize)
    for _ in range(2):
        await trace.call("execute", session.execute, "hi")
    await trace.call("cleanup", session.cleanup)
    await trace.call("initialize", session.initialize)
    await trace.call("execute", session.execute, "hi")


@scenario
async def start_is_told_once_to_concurrent_calls(trace: Trace) -> None:
    session = await _ready(trace)
    starts: list[str] = []
    session.coordinator.hooks.register("session:start", lambda event, data: starts.append(event))

    async def wait(**given: Any) -> str:
        await asyncio.sleep(0.02)
        return "done"

    session.coordinator.mount_points["orchestrator"] = _Acting(wait)
    trace.add(await asyncio.gather(session.execute("a"), session.execute("b")), starts)


@scenario
async def denying_the_start_changes_nothing(trace: Trace) -> None:
    session = await _ready(trace)
    session.coordinator.hooks.register(
        "session:start", lambda event, data: {"action": "deny", "reason": "no"}, -200
    )
    await trace.call("execute", session.execute, "hi")


@scenario
async def a_cancelled_token(trace: Trace) -> None:
    for level, answer in product(("graceful", "immediate"), ("done", 5)):
        session = await _ready(trace, config_of(orchestrator={"cancels": level, "answer": answer}))
        await trace.call(level, session.execute, "hi")
        trace.add(session.coordinator.cancellation.state)
        await trace.call("still cancelled", session.execute, "hi")
        session.coordinator.cancellation.reset()
        session.coordinator.mount_points["orchestrator"].spec.pop("cancels")
        await trace.call("reset", session.execute, "hi")
    session = await _ready(trace)
    session.coordinator.cancellation.request_graceful()
    await trace.call("before", session.execute, "hi")


@scenario
async def cancelling_the_caller_of_execute(trace: Trace) -> None:
    session = await _ready(trace)
    started = asyncio.Event()

    async def wait(**given: Any) -> str:
        started.set()
        await asyncio.sleep(30)
        return "never"

    session.coordinator.mount_points["orchestrator"] = _Acting(wait)
    task = asyncio.create_task(session.execute("hi"))
    await started.wait()
    task.cancel()
    await trace.call("cancelled", lambda: task)
    trace.add(task.cancelled(), session.initialized)


@scenario
async def nested_execution(trace: Trace) -> None:
    outer, inner = await _ready(trace), await _ready(trace, session_id="inner", parent_id="sid")

    async def delegate(**given: Any) -> str:
        return f"outer({await inner.execute('sub')})"

    outer.coordinator.mount_points["orchestrator"] = _Acting(delegate)
    await trace.call("nested", outer.execute, "hi")


@scenario
async def children_share_cancellation(trace: Trace) -> None:
    outer, inner = await _ready(trace), await _ready(trace, session_id="inner", parent_id="sid")
    outer.coordinator.cancellation.register_child(inner.coordinator.cancellation)
    await outer.coordinator.request_cancel(True)
    await trace.call("inner", inner.execute, "hi")


@scenario
async def the_end_comes_before_cleanup(trace: Trace) -> None:
    session = session_with(
        trace, config_of(tools=[{"module": "t", "config": {"point": "tools", "name": "t"}}])
    )
    session.coordinator.register_cleanup(lambda: trace.add("early cleanup"))
    await trace.call("uninitialised", session.cleanup)
    await trace.call("initialize", session.initialize)

    async def late() -> None:
        await asyncio.sleep(0)
        trace.add("late cleanup", session.initialized)

    session.coordinator.register_cleanup(late)
    await trace.call("cleanup", session.cleanup)
    trace.add(session.initialized, session.coordinator.to_dict())
    await trace.call("again", session.cleanup)


@scenario
async def cleanups_wait_for_each_other(trace: Trace) -> None:
    session = await _ready(trace)

    async def end(event: str, data: Any) -> None:
        trace.add("end begins")
        await asyncio.sleep(0.02)
        trace.add("end is over")

    async def slow() -> None:
        trace.add("cleanup begins")
        await asyncio.sleep(0.02)
        trace.add("cleanup is over")

    session.coordinator.hooks.register("session:end", end)
    session.coordinator.register_cleanup(slow)
    trace.add(await asyncio.gather(session.cleanup(), session.cleanup()), session.initialized)
    await trace.call("again", session.initialize)
    await trace.call("cleanup", session.cleanup)


@scenario
async def a_cancelled_cleanup_is_not_repeated(trace: Trace) -> None:
    for stop_at in ("end begins", "cleanup begins"):
        session, release = await _ready(trace), asyncio.Event()

        async def hold(label: str, stop_at: str = stop_at, release: Any = release) -> None:
            trace.add(label)
            if label == stop_at:
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    trace.add("cancelled inside")
                    raise

        async def end(event: str, data: Any, hold: Any = hold) -> None:
            await hold("end begins")
            trace.add("end is over")

        async def slow(hold: Any = hold) -> None:
            await hold("cleanup begins")

        session.coordinator.hooks.register("session:end", end)
        session.coordinator.register_cleanup(slow)
        task = asyncio.create_task(session.cleanup())
        await trace.saw(stop_at, trace.count(stop_at) + 1)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if stop_at == "end begins":
            await trace.saw("cancelled inside")
        trace.add("caller cancelled" if task.cancelled() else "caller went on")
        # The native engine drops the cancelled work on another thread, a little later.
        await asyncio.sleep(0.2)
        release.set()
        trace.add(session.initialized)
        await trace.call("still initialised", session.execute, "hi")
        await trace.call("nothing to do", session.initialize)
        await trace.call("cleanup", session.cleanup)
        trace.add(session.initialized)
        await trace.call("initialize", session.initialize)
        await trace.call("told again", session.cleanup)


@scenario
async def concurrent_initialisation(trace: Trace) -> None:
    session = session_with(trace, config_of())
    before = len(trace.steps)
    both = await asyncio.gather(session.initialize(), session.initialize())
    # The native engine runs both on threads: what each does is its contract, who is first is not.
    trace.steps[before:] = sorted(trace.steps[before:], key=repr)
    trace.add(both)
    trace.add(session.initialized)


@scenario
async def cleanup_swallows_everything(trace: Trace) -> None:
    for error in (
        ValueError("v"),
        KeyboardInterrupt("k"),
        asyncio.CancelledError("c"),
        SystemExit(3),
    ):
        session = await _ready(trace)

        def fail(error: BaseException = error) -> None:
            trace.add("failing", type(error).__name__)
            raise error

        session.coordinator.register_cleanup(lambda: trace.add("runs all the same"))
        session.coordinator.register_cleanup(fail)
        await trace.call("cleanup", session.cleanup)
        trace.add(session.initialized)
    session = await _ready(trace)
    waiting = session.cleanup()
    await until(lambda: not session.initialized)
    trace.add("before the await")
    await trace.call("eager", lambda: waiting)


@scenario
async def as_a_context_manager(trace: Trace) -> None:
    session = session_with(trace, config_of())
    async with session as entered:
        trace.add(entered is session, session.initialized)
        await trace.call("execute", session.execute, "hi")
    trace.add(session.initialized)
    try:
        async with session:
            raise ValueError("inside")
    except ValueError as error:
        trace.add(error, session.initialized)
    await trace.call("exit", session.__aexit__, None, None, None)
    failing = session_with(trace, config_of(orchestrator={"fails": "load"}))
    await trace.call("enter", failing.__aenter__)
