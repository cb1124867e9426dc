"""Generated programs: lists of steps as data, carried out on whichever engine is there."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.program_modules import SpecLoader, context_of
from tests.kernel.values import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.trace import Trace

MARK: ContextVar[str] = ContextVar("mark", default="unset")
HANG_S, GRACE_S = 30.0, 0.25
INNER_AT_MOST = 4


async def run(steps: list[dict[str, Any]], trace: Trace) -> None:
    """Carry out `steps`; every outcome goes into `trace`."""
    await _Machine(trace).run(steps)


class _Machine:
    """One registry, one coordinator, tokens and sessions, changed step by step."""

    def __init__(self, trace: Trace) -> None:
        import amplifier_core._engine as engine

        self.engine = engine
        self.trace = trace
        self.hooks = engine.RustHookRegistry()
        self.removers: list[Any] = []
        self.tokens = [engine.RustCancellationToken()]
        self.context = context_of(trace)
        self.coordinator: Any = None
        self.session: Any = None
        self.inner = 0
        self.step_coordinator({})

    async def run(self, steps: list[dict[str, Any]]) -> None:
        """Carry out all steps."""
        for step in steps:
            MARK.set("emitter")
            self.inner = 0
            outcome = getattr(self, f"step_{step['do']}")(step)
            if asyncio.iscoroutine(outcome):
                await outcome
            self.trace.add("mark", MARK.get())

    def handler(self, spec: dict[str, Any], name: str = "h") -> Callable[..., Any]:
        """Return a hook handler that does what `spec` says."""
        if spec["kind"] == "sync":

            def handle(event: str, data: Any) -> Any:
                self.trace.add("handled", name, event, data)
                return self._act(spec, data)

            return handle

        async def handle_async(event: str, data: Any) -> Any:
            self.trace.add("handled", name, event, data, MARK.get())
            MARK.set("handler")
            if spec["kind"] == "slow":
                await asyncio.sleep(0.002)
            if spec["does"] == "hang":
                try:
                    await asyncio.sleep(HANG_S)
                except asyncio.CancelledError:
                    self.trace.add("hang cancelled", name)
                    raise
            # A handler that emits its own event would do so for ever.
            if spec["does"] == "reenter" and self.inner < INNER_AT_MOST:
                self.inner += 1
                await self.trace.call("inner", self.hooks.emit, spec["event"], {"inner": 1})
            if spec["does"] == "register":
                self.hooks.register(
                    event, self.handler({"kind": "async", "does": "return"}), 0, "late"
                )
            return self._act(spec, data)

        return handle_async

    def _act(self, spec: dict[str, Any], data: Any) -> Any:
        does = spec["does"]
        if does == "raise":
            raise ValueError("handler's error")
        if does == "cancel":
            raise asyncio.CancelledError("handler's own")
        if does == "mutate" and isinstance(data, dict):
            data["mutated"] = True
            for item in list(data.values()):
                if isinstance(item, dict):
                    item["mutated"] = True
                elif isinstance(item, list):
                    item.append("mutated")
        if does == "echo":
            return {"action": "modify", "data": data if isinstance(data, dict) else None}
        return build(spec.get("result"))

    # Hooks

    def step_register(self, step: dict[str, Any]) -> None:
        name = step.get("name")
        handler = self.handler(step["handler"], name or "unnamed")
        try:
            remover = self.hooks.register(step["event"], handler, step["priority"], name)
        except BaseException as error:
            self.trace.add("register", error)
            return
        self.removers.append(remover)
        self.trace.add("register", repr(remover))

    def step_remove(self, step: dict[str, Any]) -> None:
        if self.removers:
            removed = self.removers[step["index"] % len(self.removers)]()
            self.trace.add("remove", removed, self.hooks.list_handlers())

    def step_unregister(self, step: dict[str, Any]) -> None:
        removed = self.hooks.unregister(step["name"])
        self.trace.add("unregister", removed, self.hooks.list_handlers())

    def step_list(self, step: dict[str, Any]) -> None:
        self.trace.add("list", self.hooks.list_handlers(), self.hooks.list_handlers(step["event"]))

    async def step_defaults(self, step: dict[str, Any]) -> None:
        await self.trace.call(
            "defaults", lambda: self.hooks.set_default_fields(**build(step["fields"]))
        )

    async def step_emit(self, step: dict[str, Any]) -> None:
        data = build(step["data"])
        await self.trace.call("emit", self.hooks.emit, step["event"], data)
        self.trace.add("given unchanged", repr(data) == repr(build(step["data"])))

    async def step_collect(self, step: dict[str, Any]) -> None:
        await self.trace.call(
            "collect", self.hooks.emit_and_collect, step["event"], build(step["data"]), HANG_S
        )

    async def step_collect_hanging(self, step: dict[str, Any]) -> None:
        ended = self.trace.count("hang cancelled")
        collected = await self.hooks.emit_and_collect(step["event"], {"a": 1}, GRACE_S)
        await self.trace.saw("hang cancelled", ended + 1)
        self.trace.add("collected", collected)

    async def step_emit_cancelled(self, step: dict[str, Any]) -> None:
        handled, ended = self.trace.count("handled"), self.trace.count("hang cancelled")
        task = asyncio.ensure_future(self.hooks.emit(step["event"], {"a": 1}))
        await self.trace.saw("handled", handled + 1)
        task.cancel()
        outcome: Any = "went on"
        try:
            await task
        except asyncio.CancelledError as error:
            outcome = error
        await self.trace.saw("hang cancelled", ended + 1)
        self.trace.add("cancelled emit", outcome)

    # Tokens

    def step_token(self, step: dict[str, Any]) -> None:
        self.tokens.append(self.engine.RustCancellationToken())
        self._show_tokens()

    def step_token_do(self, step: dict[str, Any]) -> None:
        token = self.tokens[step["index"] % len(self.tokens)]
        self.trace.add(step["method"], getattr(token, step["method"])())
        self._show_tokens()

    def step_token_tree(self, step: dict[str, Any]) -> None:
        parent = self.tokens[step["index"] % len(self.tokens)]
        child = self.tokens[step["child"] % len(self.tokens)]
        # A token above itself is not part of the contract: the native engine may not return.
        if step["method"] == "register_child" and self.tokens.index(child) <= self.tokens.index(
            parent
        ):
            return
        self.trace.add(step["method"], getattr(parent, step["method"])(child))
        self._show_tokens()

    def step_token_tool(self, step: dict[str, Any]) -> None:
        token = self.tokens[step["index"] % len(self.tokens)]
        if step["started"]:
            token.register_tool_start(step["id"], step["name"])
        else:
            token.register_tool_complete(step["id"])
        self._show_tokens()

    def step_token_callback(self, step: dict[str, Any]) -> None:
        token = self.tokens[step["index"] % len(self.tokens)]
        token.on_cancel(self._callback(step["callback"], f"callback {step['label']}"))

    async def step_token_trigger(self, step: dict[str, Any]) -> None:
        token = self.tokens[step["index"] % len(self.tokens)]
        await self.trace.call("trigger", token.trigger_callbacks)

    def _show_tokens(self) -> None:
        self.trace.add(
            "tokens",
            [
                [
                    *(token.state, token.is_cancelled, token.is_graceful, token.is_immediate),
                    *(token.running_tools, sorted(token.running_tool_names)),
                ]
                for token in self.tokens
            ],
        )

    def _callback(self, spec: dict[str, Any], label: str) -> Callable[..., Any]:
        error = {"error": ValueError("callback's"), "cancel": asyncio.CancelledError("callback's")}
        raised = error.get(spec["does"])

        def plain() -> Any:
            self.trace.add(label)
            if raised:
                raise raised
            return build(spec.get("gives"))

        async def waiting() -> Any:
            await asyncio.sleep(0)
            return plain()

        return waiting if spec["async"] else plain

    # Coordinator

    def step_coordinator(self, step: dict[str, Any]) -> None:
        config = {"session": build(step.get("settings", {}))}
        identity = SimpleNamespace(session_id="sid", parent_id=None, config=config)
        self.coordinator = self.engine.RustCoordinator(
            identity,
            self.context.approval(step.get("approval")),
            self.context.display(step.get("display")),
        )
        self.coordinator.mount_points["context"] = self.context.store(step.get("context"))

    async def step_mount(self, step: dict[str, Any]) -> None:
        module = SimpleNamespace(label=step["label"])
        if step.get("own_name"):
            module.name = step["own_name"]
        await self.trace.call(
            "mount", self.coordinator.mount, step["point"], module, step.get("name")
        )
        self._show_coordinator()

    async def step_unmount(self, step: dict[str, Any]) -> None:
        await self.trace.call("unmount", self.coordinator.unmount, step["point"], step.get("name"))
        self._show_coordinator()

    async def step_get(self, step: dict[str, Any]) -> None:
        found = await self.trace.call("get", self.coordinator.get, step["point"], step.get("name"))
        self.trace.add("got", getattr(found, "label", None))

    def step_capability(self, step: dict[str, Any]) -> None:
        self.coordinator.register_capability(step["name"], build(step["value"]))
        self.trace.add("capability", self.coordinator.get_capability(step["name"]))
        self._show_coordinator()

    async def step_contribute(self, step: dict[str, Any]) -> None:
        callback = self._callback(step["callback"], f"contributor {step['label']}")
        self.coordinator.register_contributor(step["channel"], step["label"], callback)
        names = {
            key: [item["name"] for item in value]
            for key, value in self.coordinator.channels.items()
        }
        self.trace.add("channels", names)
        await self.trace.call(
            "contributions", self.coordinator.collect_contributions, step["channel"]
        )

    def step_register_cleanup(self, step: dict[str, Any]) -> None:
        self.coordinator.register_cleanup(
            self._callback(step["callback"], f"cleanup {step['label']}")
        )

    async def step_cleanup(self, step: dict[str, Any]) -> None:
        await self.trace.call("cleanup", self.coordinator.cleanup)

    async def step_request_cancel(self, step: dict[str, Any]) -> None:
        await self.trace.call("request_cancel", self.coordinator.request_cancel, step["immediate"])
        self.trace.add("state", self.coordinator.cancellation.state)

    def step_reset_turn(self, step: dict[str, Any]) -> None:
        self.coordinator.reset_turn()
        self.trace.add("injected", self.coordinator._current_turn_injections)

    async def step_process(self, step: dict[str, Any]) -> None:
        from amplifier_core.models import HookResult

        given = HookResult(**build(step["result"]))
        left = await self.trace.call(
            "process", self.coordinator.process_hook_result, given, step["event"], step["name"]
        )
        self.trace.add("same", left is given, "injected", self.coordinator._current_turn_injections)

    async def step_emit_and_process(self, step: dict[str, Any]) -> None:
        merged = await self.trace.call("emit", self.hooks.emit, step["event"], build(step["data"]))
        if merged is not None:
            await self.trace.call(
                "process", self.coordinator.process_hook_result, merged, step["event"]
            )
            self.trace.add("injected", self.coordinator._current_turn_injections)

    def _show_coordinator(self) -> None:
        self.trace.add("coordinator", self.coordinator.to_dict())

    # Sessions

    async def step_session(self, step: dict[str, Any]) -> None:
        session = await self.trace.call(
            "session",
            lambda: self.engine.RustSession(
                build(step["config"]),
                session_id=step.get("session_id"),
                parent_id=step.get("parent_id"),
                is_resumed=step.get("is_resumed", False),
            ),
        )
        if session is None:
            return
        self.session = session
        session.coordinator.loader = SpecLoader(self.trace, session.coordinator)
        for event in (*self.engine.ALL_EVENTS, "session:config", "custom"):
            session.coordinator.hooks.register(event, self._record, -50)

    async def _record(self, event: str, data: Any) -> None:
        self.trace.add("event", event, data)

    async def step_initialize(self, step: dict[str, Any]) -> None:
        if self.session is not None:
            await self.trace.call("initialize", self.session.initialize)
            self._show_session()

    async def step_execute(self, step: dict[str, Any]) -> None:
        if self.session is not None:
            await self.trace.call("execute", self.session.execute, build(step["prompt"]))
            self._show_session()

    async def step_execute_twice(self, step: dict[str, Any]) -> None:
        if self.session is not None and self.session.initialized:
            before = len(self.trace.steps)
            both = await asyncio.gather(
                self.session.execute("one"), self.session.execute("two"), return_exceptions=True
            )
            # Which of the two comes first is up to the native engine's threads.
            self.trace.steps[before:] = sorted(self.trace.steps[before:], key=str)
            self.trace.add("both", both)

    async def step_cleanup_session(self, step: dict[str, Any]) -> None:
        if self.session is not None:
            await self.trace.call("cleanup", self.session.cleanup)
            self._show_session()

    def step_cancel_session(self, step: dict[str, Any]) -> None:
        if self.session is not None:
            getattr(self.session.coordinator.cancellation, step["method"])()

    def _show_session(self) -> None:
        session = self.session
        self.trace.add(
            "session", session.initialized, session.is_resumed, session.coordinator.to_dict()
        )
