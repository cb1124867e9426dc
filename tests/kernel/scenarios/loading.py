"""Modules after upstream's published conventions, loaded by id, by entry point, by resolver."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
IDS = {
    "orchestrator": "loop-fixture",
    "context": "context-fixture",
    "provider": "provider-fixture",
    "tool": "tool-fixture",
    "hook": "hooks-fixture",
}


def _config(prefix: str = "") -> dict[str, Any]:
    entry = {
        kind: {"module": prefix + name, "config": {"label": prefix or "plain"}}
        for kind, name in IDS.items()
    }
    return {
        "session": {"orchestrator": entry["orchestrator"], "context": entry["context"]},
        "providers": [entry["provider"]],
        "tools": [entry["tool"]],
        "hooks": [entry["hook"]],
    }


async def _use(trace: Trace, config: dict[str, Any], resolver: Any = None) -> None:
    """Run one prompt through a session with the stock loader."""
    from amplifier_core import AmplifierSession
    from amplifier_core.events import ALL_EVENTS

    session = AmplifierSession(config, session_id="sid")
    if resolver is not None:
        await session.coordinator.mount("module-source-resolver", resolver)
    names: list[str] = []
    for event in (*ALL_EVENTS, "llm:stream_block_delta"):
        session.coordinator.hooks.register(event, lambda event, data: names.append(event), -100)
    await trace.call("initialize", session.initialize)
    trace.add(session.coordinator.to_dict())
    await trace.call("execute", session.execute, "use the tool")
    context = session.coordinator.get("context")
    trace.add("messages", await context.get_messages() if context else None)
    trace.add("hook saw", session.coordinator.get_capability("fixture.seen"))
    trace.add(
        "contributions", await session.coordinator.collect_contributions("observability.events")
    )
    await trace.call("cleanup", session.cleanup)
    trace.add("events", names)


class _OnPath:
    """Puts folders on sys.path for a while and forgets what was imported from them."""

    def __init__(self, *folders: Path) -> None:
        self.folders = [str(folder) for folder in folders]

    def __enter__(self) -> None:
        sys.path[:0] = self.folders

    def __exit__(self, *exc_info: object) -> None:
        sys.path[:] = [entry for entry in sys.path if not entry.startswith(str(FIXTURES))]
        for name in [
            name for name in sys.modules if "fixture" in name and "amplifier_module" in name
        ]:
            del sys.modules[name]


@scenario
async def by_id(trace: Trace) -> None:
    with _OnPath(FIXTURES / "conventional"):
        await _use(trace, _config())


@scenario
async def by_entry_point(trace: Trace) -> None:
    with _OnPath(FIXTURES / "conventional", FIXTURES / "entry_points"):
        await _use(trace, _config("named-"))


@scenario
async def by_resolver(trace: Trace) -> None:
    class Source:
        def __init__(self, path: Path) -> None:
            self.path = path

        def resolve(self) -> Path:
            return self.path

        def __str__(self) -> str:
            return "fixture source"

    class Resolver:
        def resolve(
            self, module_id: str, source_hint: Any = None, profile_hint: Any = None
        ) -> Source:
            trace.add("resolve", module_id, source_hint, profile_hint)
            package = f"amplifier_module_{module_id.replace('-', '_')}"
            return Source(FIXTURES / "conventional" / package)

    with _OnPath(FIXTURES / "conventional"):
        await _use(trace, _config(), Resolver())


@scenario
async def unknown_ids(trace: Trace) -> None:
    with _OnPath(FIXTURES / "conventional"):
        config = _config()
        config["tools"] = [{"module": "tool-missing"}]
        config["providers"].append({"module": "provider-missing"})
        await _use(trace, config)
