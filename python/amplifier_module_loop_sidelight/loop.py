"""The loop: context -> provider -> tools, until the model answers without a tool call."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Any, Literal

from sidelight import ffi, labels
from sidelight.kernel import (
    CANCEL_REQUESTED,
    CONTENT_BLOCK_END,
    CONTENT_BLOCK_START,
    EXECUTION_END,
    EXECUTION_START,
    ORCHESTRATOR_COMPLETE,
    PROMPT_COMPLETE,
    PROMPT_SUBMIT,
    PROVIDER_ERROR,
    PROVIDER_REQUEST,
    PROVIDER_RESPONSE,
    ChatRequest,
    ChatResponse,
    Message,
    ToolCall,
)
from sidelight.toolset import spec_of
from sidelight.turn import TURN_OPTIONS

from amplifier_module_loop_sidelight.events import Events
from amplifier_module_loop_sidelight.tools import CANCELLED, TOOL_TIMEOUT_S, ToolRunner

NAME = "loop-sidelight"
DEFAULT_MODEL_CALLS = 8
#: after this long, no more tools: the model is asked to answer with what it has
DEFAULT_MAX_TURN_S = 900.0
_PREVIEW_CHARS = 200
NO_TOOLS_NOW = "no tool may be used now; answer with what is known"
#: how long hooks may still decide about a call after a stop; an approval is denied by then
HOOK_GRACE_S = 1.0

Status = Literal["success", "incomplete", "cancelled"]
_END_STATUS: dict[Status, str] = {
    "success": "completed",
    "incomplete": "completed",
    "cancelled": "cancelled",
}


@dataclass
class _Outcome:
    text: str
    status: Status
    model_calls: int


class SidelightLoop:
    """Implements the kernel's Orchestrator.

    The capability ``orchestrator.turn_options`` may give, per execution, a dict with ``request``
    (fields of ChatRequest), ``prompt_metadata`` (stored with the user's message),
    ``max_model_calls``, ``max_tool_rounds`` and ``max_turn_s``. Config has ``max_iterations``,
    ``max_turn_s`` and ``tool_timeout_s``.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._runner: ToolRunner | None = None
        self._coordinator: Any = None

    async def on_cancel(self) -> None:
        """Called by the kernel's token: an immediate stop does not wait for tools, and no stop
        waits for a hook that never decides."""
        runner = self._runner
        if runner is None or self._coordinator is None:
            return
        if self._coordinator.cancellation.is_immediate:
            runner.cancel_running()
        else:
            asyncio.get_running_loop().call_later(HOOK_GRACE_S, runner.cancel_undecided)

    async def execute(
        self,
        prompt: str,
        context: Any,
        providers: dict[str, Any],
        tools: dict[str, Any],
        hooks: Any,
        **kwargs: Any,
    ) -> str:
        """Run one turn and return the final text (the partial one when cancelled)."""
        coordinator = kwargs.get("coordinator")
        events = Events(hooks, coordinator)
        self._coordinator = coordinator
        response, status = "", "error"
        try:
            await events.emit(EXECUTION_START, {"prompt": prompt})
            run = _Run(self._config, events, context, tools)
            run.choose_provider(providers)
            self._runner = run.runner
            outcome = await run.turn(prompt)
            response, status = outcome.text, _END_STATUS[outcome.status]
            return response
        except asyncio.CancelledError:
            status = "cancelled"
            raise
        finally:
            self._runner = None
            await events.emit(EXECUTION_END, {"response": response, "status": status})


class _Run:
    """One execution."""

    def __init__(
        self, config: dict[str, Any], events: Events, context: Any, tools: dict[str, Any]
    ) -> None:
        coordinator = events.coordinator
        read = coordinator.get_capability(TURN_OPTIONS) if coordinator else None
        self.options: dict[str, Any] = read() if read else {}
        self.events = events
        self.context = context
        self.tools = tools
        self.runner = ToolRunner(tools, events, config.get("tool_timeout_s", TOOL_TIMEOUT_S))
        self.max_model_calls = int(
            self.options.get("max_model_calls")
            or config.get("max_iterations")
            or DEFAULT_MODEL_CALLS
        )
        self.max_tool_rounds = int(self.options.get("max_tool_rounds") or self.max_model_calls)
        limit_s = self.options.get("max_turn_s") or config.get("max_turn_s") or DEFAULT_MAX_TURN_S
        self.ends_at_s = ffi.monotonic_s() + float(limit_s)
        self.provider_name = ""
        self.provider: Any = None
        self._cancel_told = False

    def choose_provider(self, providers: dict[str, Any]) -> None:
        """The provider with the lowest priority number."""
        if not providers:
            raise RuntimeError("No provider is mounted")

        def rank(item: tuple[str, Any]) -> int:
            config = getattr(item[1], "config", None)
            configured = config.get("priority") if isinstance(config, dict) else None
            priority = configured if configured is not None else getattr(item[1], "priority", 100)
            return priority if isinstance(priority, int) else 100

        self.provider_name, self.provider = min(providers.items(), key=rank)

    async def turn(self, prompt: str) -> _Outcome:
        """The whole turn with its closing events."""
        submitted = await self.events.emit(PROMPT_SUBMIT, {"prompt": prompt})
        if submitted.action == "deny":
            outcome = _Outcome(f"Operation denied: {submitted.reason}", "incomplete", 0)
        else:
            prompt = self.events.changed(submitted, "prompt", prompt)
            message: dict[str, Any] = {"role": "user", "content": prompt}
            if metadata := self.options.get("prompt_metadata"):
                message["metadata"] = metadata
            await self.context.add_message(message)
            outcome = await self._answer()
            await self.events.emit(
                PROMPT_COMPLETE,
                {
                    "response_preview": outcome.text[:_PREVIEW_CHARS],
                    "length": len(outcome.text),
                },
            )
        await self.events.emit(
            ORCHESTRATOR_COMPLETE,
            {
                "orchestrator": NAME,
                "turn_count": outcome.model_calls,
                "status": outcome.status,
            },
        )
        return outcome

    async def _answer(self) -> _Outcome:
        choice = self.options.get("request", {}).get("tool_choice", "auto")
        text = ""
        for iteration in range(1, self.max_model_calls + 1):
            if await self._cancelled():
                return _Outcome(text, "cancelled", iteration - 1)
            last = iteration == self.max_model_calls
            if last and iteration > 1:
                choice = "none"
            data = {"provider": self.provider_name, "iteration": iteration}
            allowed = await self.events.emit(PROVIDER_REQUEST, data)
            if allowed.action == "deny":
                return _Outcome(f"Operation denied: {allowed.reason}", "incomplete", iteration - 1)
            response = await self._call_provider(choice)
            calls = self.provider.parse_tool_calls(response)
            text = _text(response)
            stopped = await self._cancelled()
            await self._store(response, [] if stopped else calls)
            if stopped:
                await self.runner.refuse_all(calls, CANCELLED)
                return _Outcome(text, "cancelled", iteration)
            if not calls:
                return _Outcome(text, "success", iteration)
            if last:
                await self._give_up(calls)
                return _Outcome(text, "incomplete", iteration)
            if choice == "none":
                # Not every server keeps to it.
                await self._add_all(await self.runner.refuse_all(calls, NO_TOOLS_NOW))
                continue
            # A forced choice is met by the first round; after that the model decides.
            choice = "auto" if not await self._run_tools(calls) else "none"
            if iteration >= self.max_tool_rounds:
                choice = "none"
            elif ffi.monotonic_s() > self.ends_at_s:
                choice, self.ends_at_s = "none", math.inf
                self.max_tool_rounds = 0
                await self.events.notice(
                    "turn_took_long",
                    "This took long, so the model answers with what it has found out so far.",
                )
        return _Outcome(text, "incomplete", self.max_model_calls)

    async def _call_provider(self, choice: Any) -> ChatResponse:
        await self.events.keep_injections(self.context)
        messages = await self.context.get_messages_for_request(provider=self.provider)
        fields = {**self.options.get("request", {}), "tool_choice": choice}
        request = ChatRequest(
            messages=[Message(**m) for m in self.events.take_injections(messages)],
            tools=[spec_of(tool) for tool in self.tools.values()] or None,
            **{name: value for name, value in fields.items() if value is not None},
        )
        try:
            response: ChatResponse = await self.provider.complete(request)
        except Exception as error:
            await self.events.emit(
                PROVIDER_ERROR,
                {
                    "provider": self.provider_name,
                    "error": {"type": type(error).__name__, "msg": str(error)},
                    "retryable": bool(getattr(error, "retryable", False)),
                    "status_code": getattr(error, "status_code", None),
                    "error_data": getattr(error, "error_data", None),
                },
            )
            raise
        usage = response.usage.model_dump() if response.usage else None
        await self.events.emit(
            PROVIDER_RESPONSE,
            {
                "provider": self.provider_name,
                "usage": usage,
                "tool_calls": bool(response.tool_calls),
            },
        )
        await self._content_blocks(response, usage)
        return response

    async def _content_blocks(self, response: ChatResponse, usage: Any) -> None:
        total = len(response.content)
        for index, block in enumerate(response.content):
            place = {"block_index": index, "total_blocks": total}
            await self.events.emit(CONTENT_BLOCK_START, {"block_type": block.type, **place})
            await self.events.emit(
                CONTENT_BLOCK_END,
                {**place, "block": block.model_dump(exclude_none=True), "usage": usage},
            )

    async def _store(self, response: ChatResponse, calls: list[ToolCall]) -> None:
        blocks = [
            block.model_dump(exclude_none=True)
            for block in response.content
            if calls or block.type != "tool_call"
        ]
        if not blocks:
            return
        message: dict[str, Any] = {"role": "assistant", "content": blocks}
        if calls:
            message["tool_calls"] = [
                {"id": call.id, "name": call.name, "arguments": call.arguments} for call in calls
            ]
        message["metadata"] = {**(response.metadata or {}), **await self._answer_label()}
        await self.context.add_message(message)

    async def _answer_label(self) -> dict[str, Any]:
        seen = await labels.of_context(self.context)
        if self.events.injected:
            seen = labels.ContextLabels((*seen.labels, labels.UNKNOWN))
        model = self.options.get("request", {}).get("model") or self.provider_name
        return labels.to_metadata([labels.of_answer(str(model), seen)])

    async def _run_tools(self, calls: list[ToolCall]) -> bool:
        """Run a round and store its results; True when nothing new was asked for."""
        try:
            messages, repeated = await self.runner.run(calls)
        except asyncio.CancelledError:
            await self._add_all(await self.runner.refuse_all(calls, CANCELLED))
            raise
        await self._add_all(messages)
        if repeated:
            await self.events.notice(
                "repeated_tool_call", "The model asked for the same tool again; it was not run."
            )
        return repeated

    async def _give_up(self, calls: list[ToolCall]) -> None:
        reason = "the limit of tool rounds is reached"
        await self._add_all(await self.runner.refuse_all(calls, reason))
        await self.events.notice(
            "tool_rounds_limit",
            f"The model still asked for tools after {self.max_model_calls} steps and was stopped.",
        )

    async def _add_all(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            await self.context.add_message(message)

    async def _cancelled(self) -> bool:
        coordinator = self.events.coordinator
        if coordinator is None or not coordinator.cancellation.is_cancelled:
            return False
        if not self._cancel_told:
            self._cancel_told = True
            token = coordinator.cancellation
            await self.events.emit(
                CANCEL_REQUESTED,
                {
                    "is_immediate": token.is_immediate,
                    "running_tools": list(token.running_tool_names),
                },
            )
            await token.trigger_callbacks()
        return True


def _text(response: ChatResponse) -> str:
    return "\n\n".join(block.text for block in response.content if block.type == "text")
