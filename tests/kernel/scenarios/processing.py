"""2.4: process_hook_result."""

from __future__ import annotations

import asyncio
from itertools import product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.program_modules import Services
from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


class _Bench:
    """A coordinator with services that note every call."""

    def __init__(
        self, trace: Trace, settings: dict[str, Any] | None = None, **services: Any
    ) -> None:
        from amplifier_core import ModuleCoordinator

        self.trace = trace
        made = Services(trace)
        identity = SimpleNamespace(
            session_id="s", parent_id=None, config={"session": settings or {}}
        )
        self.coordinator = ModuleCoordinator(
            identity,
            made.approval(services.get("approval")),
            made.display(services.get("display", {})),
        )
        self.coordinator.mount_points["context"] = made.store(services.get("context", {}))

    async def process(self, label: str, result: Any, *arguments: Any) -> Any:
        """Process; note what is left, whether it is the same object, and the counter."""
        left = await self.trace.call(
            label, self.coordinator.process_hook_result, result, *(arguments or ("event", "hook"))
        )
        fields = sorted(left.model_fields_set) if left is not None and left is not result else []
        self.trace.add("same", left is result, self.coordinator._current_turn_injections, fields)
        return left


def _result(action: str = "inject_context", **fields: Any) -> Any:
    from amplifier_core import HookResult

    return HookResult(action=action, **fields)


@scenario
async def arguments(trace: Trace) -> None:
    bench = _Bench(trace)
    for bad in (
        {"action": "continue"},
        None,
        5,
        SimpleNamespace(action="continue"),
        SimpleNamespace(action=5),
    ):
        await bench.process("no result", bad)
    await bench.process("number as event", _result("continue"), 5)
    await bench.process("number as name", _result("continue"), "event", 5)
    await bench.process("name by default", _result("continue", user_message="hello"), "event")
    full = _result(context_injection="text").model_dump()
    await bench.process("attributes without dump", SimpleNamespace(**full))
    await bench.process("unknown action", SimpleNamespace(**{**full, "action": "else"}))


@scenario
async def stored_injections(trace: Trace) -> None:
    for context in (
        {},
        {"async": True},
        {"fails": True},
        {"async": True, "fails": True},
        {"empty": True},
        None,
    ):
        bench = _Bench(trace, context=context)
        await bench.process(
            f"context {context}",
            _result(
                context_injection="nine char",
                context_injection_role="user",
                user_message="shown",
                reason="why",
                data={"a": 1},
                suppress_output=True,
            ),
        )


@scenario
async def scalar_injections(trace: Trace) -> None:
    texts = (None, "", "abcd", "\x00a\x1b\tb\n\x7f\x9f", "é" * 9, "\x00")
    for text, ephemeral, append in product(texts, (False, True), (False, True)):
        bench = _Bench(trace)
        await bench.process(
            f"{text!r} {ephemeral} {append}",
            _result(context_injection=text, ephemeral=ephemeral, append_to_last_tool_result=append),
        )
    await _Bench(trace).process("surrogate", _result(context_injection="a\ud800b"))


@scenario
async def listed_injections(trace: Trace) -> None:
    items = [
        {"content": "one", "role": "assistant", "hook_name": "mine", "event": "own"},
        {"content": "two\x00 of eight", "ephemeral": True},
        {"content": ""},
        {"content": "", "ephemeral": True},
        {"content": "three", "ephemeral": True, "append_to_last_tool_result": True, "role": "user"},
    ]
    for count in range(len(items) + 1):
        bench = _Bench(trace)
        await bench.process(
            f"{count} items",
            _result(context_injection="scalar", context_injections=items[:count], user_message="m"),
        )
    for count in range(1, len(items)):
        await _Bench(trace).process(
            f"from {count}", _result(context_injections=items[count:], reason="r")
        )


@scenario
async def size_limits(trace: Trace) -> None:
    for limit in (None, 0, 4, 5, 6, -1, 2.5, "5", True, 2**70):
        bench = _Bench(trace, {"injection_size_limit": limit})
        for text in ("", "12345", "éééééé"):
            await bench.process(f"limit {limit}: {text}", _result(context_injection=text))
        await bench.process("other action", _result("continue"))
    bench = _Bench(trace, {"injection_size_limit": 5})
    items = [{"content": "123"}, {"content": "1234567", "hook_name": "long"}]
    await bench.process(
        "nothing of a batch is written", _result(context_injections=items, user_message="m")
    )
    await bench.process(
        "control characters do not count", _result(context_injection="\x00\x01\x0212345")
    )
    await bench.process(
        "each item by itself", _result(context_injections=[{"content": "12345"}] * 2)
    )


@scenario
async def budgets(trace: Trace) -> None:
    for budget in (None, 0, 2, 10, -1, 2.5, "x"):
        bench = _Bench(trace, {"injection_budget_per_turn": budget})
        for text in ("a" * 8, "a" * 9, ""):
            await bench.process(f"budget {budget}", _result(context_injection=text))
        await bench.process("ephemeral counts", _result(context_injection="a" * 40, ephemeral=True))
        items = [{"content": "a" * 17}, {"content": ""}, {"content": "a"}]
        await bench.process("an empty item does not count", _result(context_injections=items))
        bench.coordinator.reset_turn()
        await bench.process("next turn", _result(context_injection="a" * 4))
        await bench.process("other action", _result("deny"))


@scenario
async def user_messages(trace: Trace) -> None:
    for action in ("continue", "deny", "modify", "inject_context", "ask_user"):
        for message, source in product((None, "", "text"), (None, "", "source")):
            bench = _Bench(trace)
            fields = {"user_message": message, "user_message_source": source}
            await bench.process(
                f"{action} {message} {source}",
                _result(action, user_message_level="warning", context_injection="i", **fields),
            )
    for display in (None, {"fails": True}):
        await _Bench(trace, display=display).process(
            "display", _result("continue", user_message="x")
        )
    bench = _Bench(trace)
    bench.coordinator.display_system = object()
    await bench.process("no method", _result("continue", user_message="x"))

    class Fatal:
        def __init__(self, error: BaseException) -> None:
            self.error = error

        def show_message(self, *arguments: Any) -> None:
            raise self.error

    for error in (KeyboardInterrupt("k"), SystemExit(3), asyncio.CancelledError("c")):
        bench.coordinator.display_system = Fatal(error)
        await bench.process("a fatal error too is only logged", _result(user_message="x"))

    class Later:
        async def show_message(self, *arguments: Any) -> None:
            trace.add("must not run")

    bench.coordinator.display_system = Later()
    await bench.process("async is not awaited", _result("continue", user_message="x"))


@scenario
async def approvals(trace: Trace) -> None:
    decisions = (
        "Allow",
        "allow",
        "ALLOW ONCE",
        "Allow always",
        "Deny",
        " allow",
        "yes",
        "",
        5,
        None,
    )
    for decision, later in product(decisions, (False, True)):
        bench = _Bench(trace, approval={"says": decision, "async": later})
        await bench.process(
            f"{decision!r} {later}",
            _result(
                "ask_user",
                user_message="not shown",
                data={"a": 1},
                reason="dropped",
                context_injection="not stored",
            ),
        )
    for prompt in ("", "P" * 200, "é" * 201, "Q" * 300):
        bench = _Bench(trace, approval={"says": "no"})
        await bench.process(
            "prompt",
            _result(
                "ask_user",
                approval_prompt=prompt,
                approval_options=[],
                approval_timeout=5,
                approval_default="allow",
            ),
        )
    await _Bench(trace).process("no approval system", _result("ask_user"))
    bench = _Bench(trace)
    bench.coordinator.approval_system = object()
    await bench.process("no method", _result("ask_user"))


@scenario
async def approvals_that_fail(trace: Trace) -> None:
    kinds = ("approval_timeout", "timeout", "cancelled", "error")
    for kind, default, later in product(kinds, ("allow", "deny"), (False, True)):
        bench = _Bench(trace, approval={"raises": kind, "async": later})
        await bench.process(
            f"{kind} {default} {later}",
            _result("ask_user", approval_default=default, approval_prompt="Q?" * 150),
        )

    from amplifier_core.approval import ApprovalTimeoutError

    class Own(ApprovalTimeoutError):  # type: ignore[misc]
        pass

    class System:
        def request_approval(self, *arguments: Any) -> str:
            raise Own("late")

    bench = _Bench(trace)
    bench.coordinator.approval_system = System()
    await bench.process("subclass", _result("ask_user", approval_default="allow"))


@scenario
async def work_begins_at_the_call(trace: Trace) -> None:
    bench = _Bench(trace)
    waiting = bench.coordinator.process_hook_result(_result(context_injection="a" * 8), "event")
    trace.add("counted", bench.coordinator._current_turn_injections)
    await trace.saw("stored")
    trace.add("before the await")
    await trace.call("awaited", lambda: waiting)


@scenario
async def emitted_then_processed(trace: Trace) -> None:
    bench = _Bench(trace)
    hooks = bench.coordinator.hooks
    hooks.register(
        "e", lambda event, data: {"action": "inject_context", "context_injection": "kept"}, 0, "a"
    )
    hooks.register(
        "e",
        lambda event, data: {
            "action": "inject_context",
            "context_injection": "passing",
            "ephemeral": True,
        },
        1,
        "b",
    )
    merged = await hooks.emit("e", {})
    await bench.process("merged", merged, "other event", "other name")
