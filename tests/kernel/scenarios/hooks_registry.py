"""2.2: registering, listing, removing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


def _registry() -> Any:
    from amplifier_core import HookRegistry

    return HookRegistry()


def _nothing(event: str, data: Any) -> None:
    return None


@scenario
async def arguments(trace: Trace) -> None:
    hooks = _registry()
    await trace.call("no handler", lambda: hooks.register("e"))
    await trace.call("number as event", hooks.register, 1, _nothing)
    await trace.call("float priority", hooks.register, "e", _nothing, 1.5)
    for priority in (2**31 - 1, 2**31, -(2**31), -(2**31) - 1, True, None, "1"):
        await trace.call("priority", hooks.register, "e", _nothing, priority, "named")
    await trace.call("number as name", hooks.register, "e", _nothing, 0, 5)
    await trace.call("unknown keyword", lambda: hooks.register("e", _nothing, colour=1))
    await trace.call(
        "by keyword", lambda: hooks.register(event="e", handler=5, name="k", priority=3)
    )
    await trace.call("surrogate event", hooks.register, "\ud800", _nothing)
    await trace.call("on", hooks.on, "e", _nothing, -1, "on")
    for bad in (1, None, b"x"):
        await trace.call("unregister", hooks.unregister, bad)
        await trace.call("list", hooks.list_handlers, bad)
        await trace.call("emit", hooks.emit, bad, {})
    await trace.call("emit without data", lambda: hooks.emit("e"))
    await trace.call("constructor", lambda: type(hooks)(1))
    trace.add(hooks.list_handlers())


@scenario
async def order_by_priority_then_age(trace: Trace) -> None:
    hooks = _registry()
    order: list[str] = []
    for number, priority in enumerate([5, 0, -3, 0, 5, -3, 2**31 - 1, -(2**31)]):
        hooks.register("e", lambda event, data, n=number: order.append(n), priority, f"h{number}")
    await hooks.emit("e", {})
    trace.add(order, hooks.list_handlers())


@scenario
async def removing_through_the_handle(trace: Trace) -> None:
    hooks = _registry()
    handles = [hooks.register("e", _nothing, 0, name) for name in ("a", "a", "b")]
    trace.add(repr(handles[0]), callable(handles[0]))
    trace.add(handles[0](), hooks.list_handlers("e"))
    trace.add(handles[0](), hooks.list_handlers("e"))
    trace.add(handles[2](), handles[1](), hooks.list_handlers(), hooks.list_handlers("other"))
    again = hooks.register("e", _nothing, 0, "a")
    handles[0]()
    trace.add(hooks.list_handlers())
    again()
    trace.add(hooks.list_handlers())


@scenario
async def removing_by_name_pops_the_latest(trace: Trace) -> None:
    hooks = _registry()
    first = hooks.register("x", _nothing, 0, "n")
    hooks.register("y", _nothing, -5, "n")
    hooks.register("x", _nothing, 9, "n")
    hooks.register("x", _nothing, 0, "other")
    for _ in range(4):
        trace.add(hooks.unregister("n"), hooks.list_handlers())
    trace.add(first(), hooks.unregister("never"), hooks.list_handlers())
    hooks.register("z", _nothing, 0, "n")
    late = hooks.register("z", _nothing, 0, "n")
    late()
    hooks.unregister("n")
    trace.add(hooks.list_handlers())


@scenario
async def names_made_by_the_engine(trace: Trace) -> None:
    hooks = _registry()
    handle = hooks.register("some:event", _nothing)
    trace.add(repr(handle), hooks.list_handlers())
    hooks.register("some:event", _nothing, name="")
    trace.add(hooks.list_handlers())


@scenario
async def closed_classes(trace: Trace) -> None:
    hooks = _registry()
    await trace.call("subclass", lambda: type("Sub", (type(hooks),), {}))
    await trace.call("attribute", lambda: setattr(hooks, "extra", 1))
    handle = hooks.register("e", _nothing)
    await trace.call("subclass of handle", lambda: type("Sub", (type(handle),), {}))
    names = ("SESSION_START", "SESSION_END", "PROMPT_SUBMIT", "TOOL_PRE", "TOOL_POST")
    more = ("CONTEXT_PRE_COMPACT", "ORCHESTRATOR_COMPLETE", "USER_NOTIFICATION")
    trace.add([getattr(type(hooks), name) for name in (*names, *more)])


@scenario
async def handlers_are_a_snapshot(trace: Trace) -> None:
    hooks = _registry()
    order: list[str] = []

    async def first(event: str, data: Any) -> None:
        order.append("first")
        hooks.register("e", lambda event, data: order.append("late"), 5, "late")
        hooks.unregister("last")

    hooks.register("e", first, 0, "first")
    hooks.register("e", lambda event, data: order.append("last"), 9, "last")
    await hooks.emit("e", {})
    trace.add(order, hooks.list_handlers())
    await hooks.emit("e", {})
    trace.add(order)


@scenario
async def no_wildcard(trace: Trace) -> None:
    hooks = _registry()
    seen: list[str] = []
    for name in ("*", "tool:*", ""):
        hooks.register(name, lambda event, data: seen.append(event))
    for event in ("tool:pre", "*", ""):
        await hooks.emit(event, {})
    trace.add(seen)


@scenario
async def default_fields(trace: Trace) -> None:
    hooks = _registry()
    hooks.register("e", lambda event, data: trace.add("saw", data))
    hooks.set_default_fields(a=1, b={"deep": (1, 2)}, timestamp="mine")
    await trace.call("defaults", hooks.emit, "e", {"a": "given", "c": None})
    await trace.call("nobody listens", hooks.emit, "other", {"a": "given"})
    await trace.call("not JSON", lambda: hooks.set_default_fields(a=float("nan")))
    await trace.call("kept", hooks.emit, "e", {})
    hooks.set_default_fields(z=1)
    await trace.call("replaced", hooks.emit, "e", {"timestamp": "mine too"})
    hooks.set_default_fields()
    await trace.call("emptied", hooks.emit, "e", {})
    await trace.call("positional", lambda: hooks.set_default_fields({"a": 1}))
    await trace.call("collect has none", hooks.emit_and_collect, "e", {"q": 1})
