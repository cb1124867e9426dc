"""2.5: configuration and construction of a session; initialisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kernel.program_modules import SpecLoader
from tests.kernel.scenarios.registry import scenario
from tests.kernel.trace import until

if TYPE_CHECKING:
    from tests.kernel.trace import Trace

PLAIN: dict[str, Any] = {"session": {"orchestrator": "o", "context": "c"}}


def module(module_id: str, point: str | None = None, **config: Any) -> dict[str, Any]:
    """Return a module entry for SpecLoader."""
    return {"module": module_id, "config": {"point": point, **config}}


def config_of(**more: Any) -> dict[str, Any]:
    """Return a configuration whose orchestrator and context come from SpecLoader."""
    orchestrator = module("o", "orchestrator", **more.pop("orchestrator", {}))
    settings = more.pop("settings", {})
    return {
        "session": {"orchestrator": orchestrator, "context": module("c", "context"), **settings},
        **more,
    }


def session_with(trace: Trace, config: dict[str, Any], **given: Any) -> Any:
    """Return a session that loads through SpecLoader and notes every event."""
    from amplifier_core import AmplifierSession
    from amplifier_core.events import ALL_EVENTS

    session = AmplifierSession(config, **{"session_id": "sid", **given})
    session.coordinator.loader = SpecLoader(trace, session.coordinator)

    async def record(event: str, data: Any) -> None:
        trace.add("event", event, data)

    for event in (*ALL_EVENTS, "session:config"):
        session.coordinator.hooks.register(event, record, -100)
    return session


@scenario
async def configurations(trace: Trace) -> None:
    from amplifier_core import AmplifierSession

    sections: list[Any] = [
        {},
        None,
        5,
        {"orchestrator": None, "context": "c"},
        {"orchestrator": "o"},
        {"orchestrator": "o", "context": None},
        {"orchestrator": "", "context": ""},
        {"orchestrator": 0, "context": False},
        {"context": "c"},
        {"orchestrator": "o", "context": float("nan")},
    ]
    for config in (
        {},
        5,
        None,
        [],
        [("session", 1)],
        {"a": 1},
        *({"session": one} for one in sections),
    ):
        await trace.call(str(config), AmplifierSession, config)
    for value in (object, {1}, b"x", 10**400, "\ud800"):
        await trace.call("odd value", AmplifierSession, {**PLAIN, "x": value})


@scenario
async def arguments(trace: Trace) -> None:
    from amplifier_core import AmplifierSession

    for given in (
        {"session_id": ""},
        {"session_id": 5},
        {"parent_id": 5},
        {"is_resumed": 1},
        {"is_resumed": "yes"},
        {"loader": 5},
        {"unknown": 5},
    ):
        await trace.call(str(given), lambda given=given: AmplifierSession(PLAIN, **given))
    made = AmplifierSession(PLAIN, None, "sid", "pid", "approval", "display", True)
    trace.add(
        made.session_id, made.parent_id, made.is_resumed, made.initialized, made.config is PLAIN
    )
    trace.add(
        made.coordinator.approval_system,
        made.coordinator.display_system,
        made.coordinator.to_dict(),
    )
    trace.add(type(made.coordinator.session).__name__, vars(made.coordinator.session))
    trace.add(made.coordinator.config is PLAIN, made.coordinator is made.coordinator)
    trace.add(AmplifierSession(PLAIN).session_id, AmplifierSession(PLAIN).parent_id)
    for name in ("status", "loader", "extra", "session_id", "initialized"):
        await trace.call(f"set {name}", lambda name=name: setattr(made, name, 1))
    await trace.call("status", lambda: made.status)
    await trace.call("subclass", lambda: type("Sub", (AmplifierSession,), {}))


@scenario
async def hook_defaults(trace: Trace) -> None:
    from amplifier_core import AmplifierSession

    for parent in (None, "pid"):
        hooks = AmplifierSession(PLAIN, session_id="sid", parent_id=parent).coordinator.hooks
        await trace.call("nobody listens", hooks.emit, "e", {})
        hooks.register("e", lambda event, data: trace.add("saw", data))
        await trace.call("defaults", hooks.emit, "e", {"session_id": "mine"})


@scenario
async def order_of_loading(trace: Trace) -> None:
    session = session_with(
        trace,
        config_of(
            providers=[module("provider-p", "providers", ready="yes")],
            tools=[module("tool-t", "tools", ready="fails", name="t"), {"config": {}}],
            hooks=[module("hooks-h", "hooks", ready="yes")],
        ),
        parent_id="pid",
    )
    await trace.call("initialize", session.initialize)
    trace.add(
        session.initialized, session.coordinator.session is session, session.coordinator.to_dict()
    )
    await trace.call("again", session.initialize)


@scenario
async def failing_modules(trace: Trace) -> None:
    for fails in ("load", "mount", "nothing"):
        session = session_with(
            trace,
            config_of(
                providers=[
                    module("provider-p", "providers", fails=fails),
                    module("provider-q", "providers"),
                ],
                tools=[module("tool-t", "tools", fails=fails, name="t")],
                hooks=[module("hooks-h", "hooks", fails=fails)],
            ),
        )
        await trace.call(f"{fails} fails", session.initialize)
        trace.add(session.initialized, session.coordinator.to_dict())


@scenario
async def failing_orchestrator_or_context(trace: Trace) -> None:
    for which in ("orchestrator", "context"):
        for fails in ("load", "mount"):
            config = config_of()
            config["session"][which]["config"]["fails"] = fails
            session = session_with(trace, config)
            await trace.call(f"{which} {fails}", session.initialize)
            trace.add(session.initialized, session.coordinator.session is session)
            await trace.call("execute", session.execute, "hi")
            await trace.call("cleanup", session.cleanup)
            del config["session"][which]["config"]["fails"]
            await trace.call("second try", session.initialize)
            trace.add(session.initialized)
    session = session_with(trace, PLAIN)
    session.coordinator.loader = None
    await trace.call("stock loader, no such module", session.initialize)


@scenario
async def providers_of_one_module(trace: Trace) -> None:
    entry = module("provider-p", "providers")
    for entries in (
        [entry, {**entry, "instance_id": "two"}],
        [{**entry, "instance_id": "one"}, entry],
        [{**entry, "instance_id": "one"}, {**entry, "instance_id": "two"}],
        [entry, entry],
        [
            entry,
            {**entry, "config": {"point": "providers", "fails": "mount"}, "instance_id": "two"},
        ],
    ):
        session = session_with(trace, config_of(providers=entries))
        await trace.call("initialize", session.initialize)
        trace.add(session.initialized, session.coordinator.to_dict())


@scenario
async def policies_of_the_application(trace: Trace) -> None:
    async def before(coordinator: Any, entry: Any) -> None:
        trace.add("before", entry)
        if entry["module"] == "provider-refused":
            raise ValueError("refused")

    async def after(coordinator: Any, entry: Any, error: BaseException) -> None:
        trace.add("after", entry["module"], error)
        if entry["module"] == "provider-fatal":
            raise error

    for entries in (
        [module("provider-refused", "providers"), module("provider-p", "providers")],
        [module("provider-fatal", "providers", fails="load")],
    ):
        session = session_with(trace, config_of(providers=entries))
        session.coordinator.register_capability("provider.before_load", before)
        session.coordinator.register_capability("provider.load_failure", after)
        await trace.call("initialize", session.initialize)
        trace.add(session.initialized, session.coordinator.to_dict())


@scenario
async def initialising_starts_at_the_call(trace: Trace) -> None:
    session = session_with(trace, config_of())
    waiting = session.initialize()
    await until(lambda: session.initialized)
    trace.add("before the await", session.initialized)
    await trace.call("awaited", lambda: waiting)


@scenario
async def a_child_session(trace: Trace) -> None:
    config = config_of(settings={"metadata": {"who": "me"}, "raw": True}, api_key="secret")
    session = session_with(trace, config, parent_id="pid")
    await trace.call("initialize", session.initialize)
    await trace.call("execute", session.execute, "hi")
