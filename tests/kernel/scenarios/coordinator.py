"""2.4: construction, mount points, capabilities, contributions, clean-up."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


def _identity(**changes: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"session_id": "s", "parent_id": None, "config": {}, **changes})


def _coordinator(*arguments: Any) -> Any:
    from amplifier_core import ModuleCoordinator

    return ModuleCoordinator(*(arguments or (_identity(),)))


@scenario
async def construction(trace: Trace) -> None:
    bare = _coordinator(None)
    trace.add(
        bare.session, bare.session_id, bare.parent_id, bare.config, bare.to_dict(), vars(bare)
    )
    trace.add(bare.channels, bare.session_state, bare._cleanup_fns, bare._current_turn_injections)
    trace.add(list(bare.mount_points), bare.loader, bare.approval_system, bare.display_system)
    given = _identity(
        config={"session": {"injection_budget_per_turn": "any", "injection_size_limit": 2.5}}
    )
    full = _coordinator(given, "approval", "display")
    trace.add(
        full.session is given,
        full.config is given.config,
        full.approval_system,
        full.display_system,
    )
    trace.add(full.injection_budget_per_turn, full.injection_size_limit)
    bad = [
        5,
        _identity(session_id=5),
        _identity(parent_id=5),
        SimpleNamespace(),
        SimpleNamespace(session_id="s"),
    ]
    for identity in (*bad, SimpleNamespace(session_id="s", parent_id=None), _identity(config=5)):
        await trace.call("identity", _coordinator, identity)
    await trace.call("not JSON", _coordinator, _identity(config={"a": float("nan")}))
    await trace.call("too many", _coordinator, 1, 2, 3, 4)
    configs: list[Any] = [{"session": 5}, {"session": None}, {"session": {}}, {}]
    for config in configs:
        coordinator = _coordinator(_identity(config=config))
        await trace.call("limit", lambda c=coordinator: c.injection_size_limit)


@scenario
async def subclasses(trace: Trace) -> None:
    from amplifier_core import ModuleCoordinator

    class Sub(ModuleCoordinator):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__()
            self.note = "own"

        def extra(self) -> str:
            return str(self.session_id)

    made = Sub(_identity(session_id="sub"), "a", display_system="d")
    trace.add(made.extra(), made.approval_system, made.display_system, vars(made))
    made.later = 1
    trace.add(sorted(vars(made)), isinstance(made, ModuleCoordinator))


@scenario
async def attributes(trace: Trace) -> None:
    made = _coordinator()
    fixed = ("hooks", "cancellation", "session", "config", "channels", "session_id", "parent_id")
    for name in (*fixed, "injection_size_limit", "injection_budget_per_turn", "_cleanup_fns"):
        await trace.call(f"set {name}", lambda name=name: setattr(made, name, 1))
    for name in ("loader", "approval_system", "display_system", "mount_points", "session_state"):
        await trace.call(f"set {name}", lambda name=name: setattr(made, name, 1))
        await trace.call(f"delete {name}", lambda name=name: delattr(made, name))
    for value in (3, -1, 1.5, None, True):
        await trace.call(
            "count", lambda value=value: setattr(made, "_current_turn_injections", value)
        )
        trace.add(made._current_turn_injections)
    made.session_state = {"mine": 1}
    made.session_state["more"] = 2
    trace.add(made.session_state, made.reset_turn(), made._current_turn_injections)
    trace.add(
        made.hooks is made.hooks,
        made.cancellation is made.cancellation,
        made.get("hooks") is made.hooks,
    )
    made._todo = "attributes of modules are allowed"
    trace.add(vars(made))


@scenario
async def mounting(trace: Trace) -> None:
    made = _coordinator()

    class Named:
        name = "own"

    class Misnamed:
        name = 5

    for arguments in (
        ("tools", Named()),
        ("tools", Misnamed()),
        ("tools", object()),
        ("tools", Named(), "given"),
        ("tools", Named(), 5),
        ("tools", Named(), ""),
        ("tools", None, "none"),
        ("providers", object()),
        ("orchestrator", object()),
        ("orchestrator", Named(), "ignored"),
        ("context", 1),
        ("module-source-resolver", 2),
        ("hooks", 1),
        ("hooks", 1, "name"),
        ("unknown", 1),
        (5, 1),
        (None, 1),
    ):
        await trace.call(str(arguments[0]), made.mount, *arguments)
        trace.add(made.to_dict())
    for point in ("tools", "providers", "orchestrator", "hooks", "unknown", 5):
        for name in ((), ("own",), ("missing",), (5,)):
            await trace.call(f"get {point} {name}", made.get, point, *name)
    trace.add(made.get("tools") is made.mount_points["tools"])
    unmounts: list[tuple[Any, ...]] = [
        ("tools",),
        ("tools", "own"),
        ("tools", "missing"),
        ("tools", 5),
        ("hooks",),
        ("hooks", "x"),
        ("orchestrator",),
        ("orchestrator", "x"),
        ("context",),
        ("unknown",),
        ("unknown", "x"),
    ]
    for given in unmounts:
        await trace.call(f"unmount {given}", made.unmount, *given)
        trace.add(made.to_dict())


@scenario
async def mounting_acts_at_the_call(trace: Trace) -> None:
    made = _coordinator()
    waiting = [made.mount("tools", 1, "a"), made.mount("context", 2), made.unmount("tools", "a")]
    trace.add(made.to_dict(), [inspect.iscoroutine(one) for one in waiting])
    trace.add([await one for one in waiting])


@scenario
async def mount_points_belong_to_everybody(trace: Trace) -> None:
    made = _coordinator()
    made.mount_points["tools"]["direct"] = "written"
    made.mount_points["own"] = "thing"
    trace.add(made.get("tools", "direct"), made.to_dict())
    await trace.call("get own", made.get, "own")
    await trace.call("mount own", made.mount, "own", 1, "x")
    await trace.call("unmount own", made.unmount, "own")
    trace.add(made.mount_points["own"])
    made.mount_points = {"tools": {}}
    await trace.call("to_dict", made.to_dict)
    await trace.call("get", made.get, "providers")
    await trace.call("mount", made.mount, "tools", 1, "x")
    trace.add(made.mount_points)


@scenario
async def services_and_summary(trace: Trace) -> None:
    made = _coordinator(_identity(), 1, 2)
    trace.add(made.to_dict())
    for value in (1, None, 2):
        made.approval_system = value
        made.display_system = value
        trace.add(value, made.to_dict())
    made.display_system = None
    trace.add(made.to_dict())


@scenario
async def capabilities_and_contributions(trace: Trace) -> None:
    made = _coordinator()
    await trace.call("number", made.register_capability, 5, 1)
    for name, value in (("b", 1), ("a", None), ("b", 2)):
        made.register_capability(name, value)
    trace.add([made.get_capability(name) for name in ("b", "a", "missing")], made.to_dict())
    await trace.call("number", made.get_capability, 5)

    async def later() -> str:
        await asyncio.sleep(0)
        return "later"

    def fail() -> None:
        raise ValueError("v")

    async def cancel() -> None:
        raise asyncio.CancelledError

    for name, callback in {
        "value": lambda: {"a": 1},
        "none": lambda: None,
        "later": later,
        "lambda": lambda: later(),
        "fail": fail,
        "number": 5,
        "cancel": cancel,
        "never reached": lambda: "x",
    }.items():
        made.register_contributor("channel", name, callback)
    made.register_contributor("channel", "value", lambda: "again")
    trace.add({key: [item["name"] for item in value] for key, value in made.channels.items()})
    await trace.call("collected", made.collect_contributions, "channel")
    await trace.call("empty", made.collect_contributions, "other")
    for bad in ((5, "n", fail), ("c", 5, fail)):
        await trace.call("bad", made.register_contributor, *bad)
    trace.add(made.channels is made.channels, sorted(made.channels))


@scenario
async def cleaning_up(trace: Trace) -> None:
    made = _coordinator()
    for ignored in (None, 5, "text"):
        trace.add(made.register_cleanup(ignored), len(made._cleanup_fns))

    def make(label: str, error: BaseException | None = None, later: bool = False) -> Any:
        def now() -> None:
            trace.add(label)
            if error:
                raise error

        async def soon() -> None:
            await asyncio.sleep(0)
            now()

        return soon if later else now

    for function in (
        make("first"),
        make("error", ValueError("v")),
        make("error later", ValueError("v"), True),
        make("interrupt", KeyboardInterrupt("k")),
        make("cancelled later", asyncio.CancelledError("c"), True),
        lambda: make("from a lambda", None, True)(),
        make("last", None, True),
    ):
        made.register_cleanup(function)
    for _ in range(2):
        await trace.call("cleanup", made.cleanup)
    trace.add(len(made._cleanup_fns))
    for fatal in (KeyboardInterrupt("k"), SystemExit(3)):
        ended = _coordinator()
        ended.register_cleanup(make("before"))
        ended.register_cleanup(make("fatal", fatal))
        await trace.call("only a fatal error", ended.cleanup)
    strange = _coordinator()
    strange._cleanup_fns.extend([None, {"a": 1}, 42, make("callable")])
    await trace.call("what cannot be called is passed over", strange.cleanup)
    plain = _coordinator()
    plain.register_cleanup(make("error", ValueError("v")))
    await trace.call("only ordinary errors", plain.cleanup)
    waiting = plain.cleanup()
    await trace.saw("error", 4)
    trace.add("before the await")
    await trace.call("eager", lambda: waiting)


@scenario
async def cancelling_cleanup(trace: Trace) -> None:
    made = _coordinator()
    made.register_cleanup(lambda: trace.add("must not run"))

    async def slow() -> None:
        trace.add("begins")
        await asyncio.sleep(0.1)
        trace.add("a clean-up that has begun ends")

    made.register_cleanup(slow)
    task = asyncio.create_task(made.cleanup())
    await trace.saw("begins")
    task.cancel()
    await trace.call("cancelled", lambda: task)
    await trace.saw("a clean-up that has begun ends")
    await asyncio.sleep(0.05)


@scenario
async def request_cancel(trace: Trace) -> None:
    made = _coordinator()
    made.hooks.register("cancel:requested", lambda event, data: trace.add("must not run"))
    made.cancellation.on_cancel(lambda: trace.add("must not run"))
    for immediate in (False, False, True, False):
        await trace.call("cancel", made.request_cancel, immediate)
        trace.add(made.cancellation.state)
    await trace.call("text", made.request_cancel, "yes")
    await trace.call("number", made.request_cancel, 1)
