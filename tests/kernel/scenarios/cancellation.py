"""2.3: tokens, children, callbacks."""

from __future__ import annotations

import asyncio
import inspect
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace

REQUESTS = ("request_graceful", "request_immediate", "request_cancellation", "reset")


def _token() -> Any:
    from amplifier_core import CancellationToken

    return CancellationToken()


def _show(trace: Trace, *tokens: Any) -> None:
    trace.add(
        [
            [token.state, token.is_cancelled, token.is_graceful, token.is_immediate]
            for token in tokens
        ]
    )


@scenario
async def every_order_of_requests(trace: Trace) -> None:
    for order in product(REQUESTS, repeat=3):
        token, child = _token(), _token()
        token.register_child(child)
        trace.add(order, [getattr(token, name)() for name in order])
        _show(trace, token, child)


@scenario
async def children_take_over_the_state(trace: Trace) -> None:
    for parents, childs in product(("none", *REQUESTS), ("none", *REQUESTS)):
        parent, child, grandchild = _token(), _token(), _token()
        child.register_child(grandchild)
        for token, name in ((parent, parents), (child, childs)):
            if name != "none":
                getattr(token, name)()
        trace.add(parents, childs, parent.register_child(child))
        _show(trace, parent, child, grandchild)
        parent.request_immediate()
        parent.reset()
        _show(trace, parent, child, grandchild)


@scenario
async def removing_children(trace: Trace) -> None:
    parent, child = _token(), _token()
    parent.register_child(child)
    parent.register_child(child)
    trace.add(parent.unregister_child(child), parent.unregister_child(_token()))
    parent.request_graceful()
    _show(trace, parent, child)
    for bad in (None, 5, "token"):
        await trace.call("child", parent.register_child, bad)
        await trace.call("no child", parent.unregister_child, bad)


@scenario
async def running_tools(trace: Trace) -> None:
    token = _token()
    token.register_tool_start("1", "read")
    token.register_tool_start("2", "read")
    token.register_tool_start("2", "write")
    trace.add(token.running_tools, sorted(token.running_tool_names))
    trace.add(token.running_tools is token.running_tools, type(token.running_tools).__name__)
    token.register_tool_complete("1")
    token.register_tool_complete("none")
    trace.add(token.running_tools, token.running_tool_names)
    token.reset()
    trace.add(token.running_tools, token.running_tool_names)
    for bad in (1, None):
        await trace.call("start", token.register_tool_start, bad, "name")
        await trace.call("name", token.register_tool_start, "id", bad)
        await trace.call("complete", token.register_tool_complete, bad)


@scenario
async def callbacks(trace: Trace) -> None:
    token = _token()

    def make(label: str, error: BaseException | None, later: bool) -> Any:
        def now() -> str:
            trace.add(label)
            if error:
                raise error
            return "ignored"

        async def soon() -> str:
            await asyncio.sleep(0)
            return now()

        return soon if later else now

    errors = (None, ValueError("v"), asyncio.CancelledError("c"), KeyError("k"))
    for number, (error, later) in enumerate(product(errors, (False, True))):
        token.on_cancel(make(f"callback {number}", error, later))
    token.on_cancel(lambda: make("coroutine from a lambda", None, True)())
    token.on_cancel(5)
    token.on_cancel(make("last", None, False))
    token.request_immediate()
    trace.add("requests run no callbacks")
    await trace.call("once", token.trigger_callbacks)
    token.reset()
    await trace.call("again", token.trigger_callbacks)
    await trace.call("none", _token().trigger_callbacks)


@scenario
async def triggering_starts_at_the_call(trace: Trace) -> None:
    token = _token()
    token.on_cancel(lambda: trace.add("ran"))
    waiting = token.trigger_callbacks()
    trace.add(inspect.iscoroutine(waiting))
    await trace.saw("ran")
    trace.add("before the await")
    await trace.call("awaited", lambda: waiting)


@scenario
async def cancelling_the_trigger(trace: Trace) -> None:
    token = _token()

    async def slow() -> None:
        trace.add("begins")
        await asyncio.sleep(0.1)
        trace.add("a callback that has begun ends")

    token.on_cancel(slow)
    token.on_cancel(lambda: trace.add("must not run"))
    task = asyncio.create_task(token.trigger_callbacks())
    await trace.saw("begins")
    task.cancel()
    await trace.call("cancelled", lambda: task)
    await trace.saw("a callback that has begun ends")
    await asyncio.sleep(0.05)


@scenario
async def closed_and_read_only(trace: Trace) -> None:
    token = _token()
    await trace.call("subclass", lambda: type("Sub", (type(token),), {}))
    await trace.call("argument", lambda: type(token)(1))
    for name in ("state", "is_cancelled", "is_graceful", "is_immediate", "running_tools", "other"):
        await trace.call(name, lambda name=name: setattr(token, name, 1))
