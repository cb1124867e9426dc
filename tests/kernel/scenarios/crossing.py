"""2.1: what becomes of data on its way into the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.values import KINDS, build

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


async def _both_ways(trace: Trace, label: str, data: Any) -> None:
    """Emit with a handler and without; note what the handler saw and what came back."""
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    await trace.call(f"{label}, nobody listens", hooks.emit, "event", data)
    seen: list[Any] = []
    hooks.register("event", lambda event, given: seen.append(given))
    await trace.call(label, hooks.emit, "event", data)
    trace.add("seen", seen)
    await trace.call(f"{label}, collected", hooks.emit_and_collect, "event", data)


@scenario
async def every_kind_of_value(trace: Trace) -> None:
    for kind in KINDS:
        await _both_ways(trace, f"{kind} inside", {"a": build({"$": kind, "of": 1})})
        await _both_ways(trace, f"{kind} itself", build({"$": kind, "of": 1}))


@scenario
async def payloads_that_are_no_objects(trace: Trace) -> None:
    for payload in ([1, {"b": 1, "a": 2}], "text", None, 3, True, 1.5, []):
        await _both_ways(trace, str(payload), payload)


@scenario
async def numbers_keep_their_kind(trace: Trace) -> None:
    numbers = [1.0, -0.0, 0.5, 1e16, 1e300, 5e-324, 2**63, 2**64 - 1, -(2**63), 2**64, 10**30]
    await _both_ways(trace, "numbers", {"numbers": numbers})


@scenario
async def keys_are_sorted_at_every_level(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    orders: list[Any] = []

    def note(event: str, data: Any) -> None:
        orders.append([list(data), list(data["m"]), list(data["m"]["y"][0])])

    hooks.register("event", note)
    await hooks.emit("event", {"z": 1, "m": {"y": [{"é": 1, "b": 2, "a": 3}], "x": 1}, "A": 0})
    trace.add(orders)


@scenario
async def names_that_meet_after_crossing(trace: Trace) -> None:
    await _both_ways(trace, "same name twice", {"1": "text", 1: "number"})


@scenario
async def depth_has_a_limit(trace: Trace) -> None:
    for depth in (126, 127, 128):
        for kind in (dict, list):
            data: Any = kind()
            for _ in range(depth - 2):
                data = {"a": data} if kind is dict else [data]
            await _both_ways(trace, f"{depth} {kind.__name__}", {"top": data})
    brackets = {"text": "[" * 300, "more": '\\"{' * 90}
    await _both_ways(trace, "brackets in text are no depth", brackets)


@scenario
async def models_are_dumped(trace: Trace) -> None:
    from amplifier_core import ToolResult

    class Failing:
        def model_dump(self, mode: str = "python") -> Any:
            raise ValueError("never")

        def __str__(self) -> str:
            return "failing"

    class Scalar:
        def model_dump(self, mode: str = "python") -> Any:
            return 5

    await _both_ways(trace, "model", ToolResult(output={"b": 1, "a": (1, 2)}))
    await _both_ways(trace, "model that cannot", Failing())
    await _both_ways(trace, "model of a number", Scalar())


@scenario
async def nobody_shares_objects(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    given = {"list": [1], "inner": {"a": 1}}
    copies: list[Any] = []

    def spoil(event: str, data: Any) -> None:
        copies.append(data)
        data["list"].append("spoiled")
        data["inner"]["a"] = "spoiled"
        data["new"] = "spoiled"

    hooks.register("event", spoil)
    hooks.register("event", spoil)
    result = await hooks.emit("event", given)
    trace.add(given, len(copies[1]["list"]), copies[0] is copies[1], result)
    trace.add(result.data is given, result.data["inner"] is given["inner"])
    alone = await HookRegistry().emit("event", given)
    trace.add(alone.data is given, alone.data["inner"] is given["inner"])
