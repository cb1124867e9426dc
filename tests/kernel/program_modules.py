"""Modules, contexts and application services for generated programs, all made from data."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.trace import Trace


class Services:
    """Makes contexts, approval and display systems that note every call."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def store(self, spec: dict[str, Any] | None) -> Any:
        """Return a context: {"async": bool, "fails": bool}, or None."""
        if spec is None:
            return None
        trace = self.trace

        def keep(message: Any) -> None:
            trace.add("stored", message)
            if spec.get("fails"):
                raise ValueError("context's error")

        async def keep_later(message: Any) -> None:
            await asyncio.sleep(0)
            keep(message)

        if spec.get("empty"):
            return SimpleNamespace()
        return SimpleNamespace(add_message=keep_later if spec.get("async") else keep)

    def display(self, spec: dict[str, Any] | None) -> Any:
        """Return a display system: {"fails": bool}, or None."""
        if spec is None:
            return None

        def show_message(*arguments: Any) -> None:
            self.trace.add("shown", arguments)
            if spec.get("fails"):
                raise ValueError("display's error")

        return SimpleNamespace(show_message=show_message)

    def approval(self, spec: dict[str, Any] | None) -> Any:
        """Return an approval system: {"says": text, "raises": kind, "async": bool}, or None."""
        if spec is None:
            return None
        from amplifier_core.approval import ApprovalTimeoutError

        errors = {
            "approval_timeout": ApprovalTimeoutError("late"),
            "timeout": TimeoutError("late"),
            "cancelled": asyncio.CancelledError("gone"),
            "error": ValueError("approval's error"),
        }
        raised = errors.get(spec.get("raises") or "")

        def decide(*arguments: Any) -> Any:
            self.trace.add("asked", arguments)
            if raised:
                raise raised
            return spec.get("says")

        async def decide_later(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            return decide(*arguments)

        return SimpleNamespace(request_approval=decide_later if spec.get("async") else decide)


def context_of(trace: Trace) -> Services:
    """Return the services for a trace."""
    return Services(trace)


class SpecLoader:
    """A module loader: the module's configuration says how it behaves."""

    def __init__(self, trace: Trace, coordinator: Any) -> None:
        self.trace = trace
        self.coordinator = coordinator
        self.ready: list[tuple[str, Any]] = []

    async def load(
        self, module_id: str, config: Any = None, source_hint: Any = None, coordinator: Any = None
    ) -> Callable[..., Any]:
        """Return the module's mount function, or fail as configured."""
        spec = config or {}
        self.trace.add("load", module_id, source_hint)
        if spec.get("fails") == "load":
            raise ImportError(f"cannot load {module_id}")

        async def mount(target: Any) -> Any:
            return await self._mount(target, module_id, spec)

        if spec.get("ready"):

            async def on_ready(target: Any) -> None:
                self.trace.add("ready", module_id)
                if spec["ready"] == "fails":
                    raise ValueError("not ready")

            mount.__on_session_ready__ = (module_id, on_ready)  # type: ignore[attr-defined]
        return mount

    async def _mount(self, target: Any, module_id: str, spec: dict[str, Any]) -> Any:
        point = spec.get("point")
        if point == "hooks":
            target.hooks.register("custom", self._hook, 0, module_id)
        elif point == "orchestrator":
            await target.mount(point, Orchestrator(self.trace, spec))
        elif point == "context":
            await target.mount(point, SimpleNamespace(label=module_id))
        elif point and spec.get("fails") != "nothing":
            name = spec.get("name", module_id.removeprefix("provider-"))
            await target.mount(point, SimpleNamespace(name=name, label=module_id), name=name)
        if spec.get("fails") == "mount":
            raise ValueError(f"cannot mount {module_id}")

        def cleanup() -> None:
            self.trace.add("module cleanup", module_id)
            if spec.get("fails") == "cleanup":
                raise ValueError("cleanup's error")

        return cleanup if spec.get("cleanup", True) else None

    async def _hook(self, event: str, data: Any) -> None:
        self.trace.add("module hook", event)

    def get_on_session_ready_queue(self) -> list[tuple[str, Any]]:
        """Return what waits to be told that the session is ready."""
        return list(self.ready)

    def enqueue_on_session_ready(self, module_id: str, function: Any) -> None:
        """Add one."""
        self.ready.append((module_id, function))

    def clear_on_session_ready_queue(self) -> None:
        """Forget all."""
        self.ready.clear()


class _Failure(Exception):
    """An orchestrator's own error."""


class _Silent(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


class Orchestrator:
    """Emits, cancels, returns or fails as its configuration says."""

    def __init__(self, trace: Trace, spec: dict[str, Any]) -> None:
        self.trace = trace
        self.spec = spec

    async def execute(self, prompt: str, **given: Any) -> Any:
        """Do as configured."""
        self.trace.add(
            "orchestrator",
            prompt,
            sorted(given),
            sorted(given["providers"]),
            sorted(given["tools"]),
        )
        coordinator, spec = given["coordinator"], self.spec
        for event in spec.get("emits", []):
            await given["hooks"].emit(event, {"n": 1})
        if spec.get("cancels"):
            await coordinator.request_cancel(spec["cancels"] == "immediate")
        errors: dict[str, BaseException] = {
            "error": _Failure("orchestrator's error"),
            "silent": _Silent(),
            "cancelled": asyncio.CancelledError("its own"),
            "key": KeyError("k"),
            "os": FileNotFoundError(2, "no file"),
        }
        if spec.get("raises"):
            raise errors[spec["raises"]]
        return spec.get("answer", "done")
