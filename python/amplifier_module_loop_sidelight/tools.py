"""Runs the tool calls of one answer: hooks first, then the tool, and a result for every call."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from sidelight import labels
from sidelight.effects import Effects
from sidelight.kernel import TOOL_DENIED, TOOL_ERROR, TOOL_POST, TOOL_PRE, ToolCall, ToolResult
from sidelight.prompts.render import ESCAPED
from sidelight.toolcalls import canonical, current_call, problem_of

from amplifier_module_loop_sidelight.events import Events

CANCELLED = "cancelled by the user"
REPEATED = "not run again, because the same call was already made in this answer; use its result"
REFUSED = "not asked again, because the same call was not allowed before in this answer"
MAX_SAME_CALLS = 2
#: an approval is waited for elsewhere; this is the tool's own work
TOOL_TIMEOUT_S = 180.0
_SHOWN_NAME_CHARS = 80


class ToolRunner:
    """Executes rounds of calls for one execution.

    Calls of a round run side by side. One that changes something is not independent: it waits for
    those before it, and those after it wait for it.
    """

    def __init__(
        self, tools: dict[str, Any], events: Events, timeout_s: float = TOOL_TIMEOUT_S
    ) -> None:
        self._timeout_s = timeout_s
        self._tools = tools
        self._events = events
        self._counts: dict[str, int] = {}
        self._previous: set[str] = set()
        self._denied: set[str] = set()
        self._running: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self._undecided: set[str] = set()
        # The kernel's approval request names no call: one question at a time keeps them apart.
        self._asking = asyncio.Lock()

    async def run(self, calls: list[ToolCall]) -> tuple[list[dict[str, Any]], bool]:
        """Run one round; (tool messages in the order of the calls, whether all were repeats)."""
        group = str(uuid.uuid4())
        problems = [self._problem(call) for call in calls]
        keys = [
            f"{call.name}:{canonical(call.arguments)}{problem or ''}"
            for call, problem in zip(calls, problems, strict=True)
        ]
        repeats = [self._repeats(key) for key in keys]
        tasks: list[asyncio.Task[dict[str, Any]]] = []
        for index, call in enumerate(calls):
            before = self._waits_for(calls, tasks)
            one = self._one(call, keys[index], group, repeats[index], problems[index], before)
            tasks.append(asyncio.ensure_future(one))
        self._running.update(zip((call.id for call in calls), tasks, strict=True))
        try:
            results = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
            self._running.clear()
        self._previous = set(keys)
        messages = []
        for call, result in zip(calls, results, strict=True):
            if isinstance(result, dict):
                messages.append(result)
            elif isinstance(result, asyncio.CancelledError):
                messages.append(await self._not_run(call, CANCELLED))
            else:
                raise result
        return messages, all(repeats)

    def _waits_for(
        self, calls: list[ToolCall], tasks: list[asyncio.Task[dict[str, Any]]]
    ) -> list[asyncio.Task[dict[str, Any]]]:
        """What must be over before the next call may run: everything for a call that changes
        something, the changes for one that only reads."""
        changing = self._changes(calls[len(tasks)])
        return [
            task
            for task, call in zip(tasks, calls, strict=False)
            if changing or self._changes(call)
        ]

    def _changes(self, call: ToolCall) -> bool:
        effects = getattr(self._tools.get(call.name), "effects", None)
        return isinstance(effects, Effects) and bool(
            effects.writes or effects.sends or effects.runs_code
        )

    def cancel_running(self) -> None:
        """Cancel what runs now; each call still gets its message."""
        for task in list(self._running.values()):
            task.cancel()

    def cancel_undecided(self) -> None:
        """Cancel the calls that hooks have not decided about yet."""
        for call_id in self._undecided & self._running.keys():
            self._running[call_id].cancel()

    async def refuse_all(self, calls: list[ToolCall], reason: str) -> list[dict[str, Any]]:
        """A message for each call without running any."""
        return [await self._not_run(call, reason) for call in calls]

    def _repeats(self, key: str) -> bool:
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        return key in self._previous or key in self._denied or count >= MAX_SAME_CALLS

    def _problem(self, call: ToolCall) -> str | None:
        """Why a call cannot run, whoever would allow it."""
        tool = self._tools.get(call.name)
        if tool is None:
            return f"there is no tool {call.name[:_SHOWN_NAME_CHARS]}"
        return problem_of(call, getattr(tool, "input_schema", None) or {})

    async def _one(
        self,
        call: ToolCall,
        key: str,
        group: str,
        repeat: bool,
        problem: str | None,
        before: list[asyncio.Task[dict[str, Any]]],
    ) -> dict[str, Any]:
        if repeat:
            return await self._not_run(call, REFUSED if key in self._denied else REPEATED)
        if problem:
            data = {"tool_name": call.name, "tool_call_id": call.id, "tool_input": call.arguments}
            return await self._error(call, data, "invalid_call", problem, ran=False)
        return await self._call(call, key, group, before)

    async def _not_run(self, call: ToolCall, reason: str) -> dict[str, Any]:
        """Every call gets a message and, for who watches, an event."""
        data = {"tool_name": call.name, "tool_call_id": call.id, "reason": reason}
        await self._events.hooks.emit(TOOL_DENIED, data)
        return self._message(call, f"error: {reason}", ran=False)

    async def _call(
        self,
        call: ToolCall,
        key: str,
        group: str,
        before: list[asyncio.Task[dict[str, Any]]],
    ) -> dict[str, Any]:
        current_call.set(call.id)
        noted = labels.collect()
        data = {
            "tool_name": call.name,
            "tool_call_id": call.id,
            "tool_input": call.arguments,
            "parallel_group_id": group,
        }
        self._undecided.add(call.id)
        try:
            async with self._asking:
                if self._cancelled():
                    return await self._not_run(call, CANCELLED)
                # One that stood before it in the round may be denied by now.
                if key in self._denied:
                    return await self._not_run(call, REFUSED)
                decision = await self._events.emit(TOOL_PRE, data, call.name)
                if decision.action == "deny":
                    self._denied.add(key)
        finally:
            self._undecided.discard(call.id)
        if decision.action == "deny":
            reason = decision.reason or "no reason given"
            await self._events.hooks.emit(TOOL_DENIED, {**data, "reason": reason})
            return self._message(call, f"Denied by hook: {reason}", ran=False)
        data["tool_input"] = self._events.changed(decision, "tool_input", call.arguments)
        if self._cancelled():
            return await self._not_run(call, CANCELLED)
        if before:
            # Decided in order, so what they wait for was decided before; this cannot be a circle.
            await asyncio.wait(before)
            if self._cancelled():
                return await self._not_run(call, CANCELLED)
        message = await self._execute(call, data)
        if noted:
            message["metadata"] |= labels.to_metadata(noted)
        return message

    async def _execute(self, call: ToolCall, data: dict[str, Any]) -> dict[str, Any]:
        tool = self._tools[call.name]
        token = self._events.coordinator.cancellation if self._events.coordinator else None
        if token:
            token.register_tool_start(call.id, call.name)
        try:
            work = tool.execute(data["tool_input"])
            result: ToolResult = await asyncio.wait_for(work, self._timeout_s)
            escaped = result.success and getattr(tool, "escapes_output", False) is True
            message = self._message(call, result.get_serialized_output(), escaped=escaped)
            # From here a stop comes too late: what was done is reported as done.
            self._running.pop(call.id, None)
            shown = result.safe_hook_presentation()
            after = await self._events.emit(TOOL_POST, {**data, "result": shown}, call.name)
        except TimeoutError as error:
            text = str(error) or f"it took longer than {self._timeout_s:g} s and was stopped"
            return await self._error(call, data, "TimeoutError", text)
        except Exception as error:
            return await self._error(call, data, type(error).__name__, str(error))
        finally:
            if token:
                token.register_tool_complete(call.id)
        changed = self._events.changed(after, "result", shown)
        if changed != shown:
            # It is no longer the text that the tool escaped.
            return self._message(call, ToolResult.model_validate(changed).get_serialized_output())
        return message

    async def _error(
        self, call: ToolCall, data: dict[str, Any], kind: str, text: str, *, ran: bool = True
    ) -> dict[str, Any]:
        error = {"type": kind, "msg": text}
        await self._events.emit(TOOL_ERROR, {**data, "error": error}, call.name)
        return self._message(call, f"error: {text}", ran=ran)

    def _cancelled(self) -> bool:
        coordinator = self._events.coordinator
        return coordinator is not None and bool(coordinator.cancellation.is_cancelled)

    def _message(
        self, call: ToolCall, text: str, *, escaped: bool = False, ran: bool = True
    ) -> dict[str, Any]:
        """What the model reads of a call. Its text is never ours alone: it is untrusted, and as
        private as the tool declares when it ran."""
        effects = getattr(self._tools.get(call.name), "effects", None)
        private = ran and not (isinstance(effects, Effects) and not effects.private_result)
        metadata = labels.to_metadata([labels.of_tool(call.name, private=private)])
        if escaped:
            metadata[ESCAPED] = True
        return {
            "role": "tool",
            "tool_call_id": call.id,
            "name": call.name,
            "content": text,
            "metadata": metadata,
        }
