"""The WebLLM provider: renders prompts per model family, streams, parses and repairs calls."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from sidelight import budget, ffi
from sidelight.contract import (
    ChatMessage,
    EngineUsage,
    ErrorData,
    GenerateOptions,
    ModelInfo,
    TurnOptions,
)
from sidelight.engine import Engine, EngineCall
from sidelight.errors import RemoteError
from sidelight.kernel import (
    LLM_REQUEST,
    LLM_RESPONSE,
    LLM_STREAM_ABORTED,
    LLM_STREAM_BLOCK_DELTA,
    LLM_STREAM_BLOCK_END,
    LLM_STREAM_BLOCK_START,
    NOTICE,
    ChatRequest,
    ChatResponse,
    KernelModelInfo,
    ProviderInfo,
    ToolCall,
)
from sidelight.prompts import Family, OfferedTool, family_for
from sidelight.prompts.render import render_messages
from sidelight.room import PromptRoom
from sidelight.streaming import StreamedAnswer
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS, TokenScale
from sidelight.toolcalls import BadCallError, ParsedCall, candidates
from sidelight.turn import ENGINE, TURN, Turn

from amplifier_module_provider_webllm.choices import tool_choice, unknown_tool
from amplifier_module_provider_webllm.errors import no_engine, to_llm_error
from amplifier_module_provider_webllm.responses import (
    add_usage,
    chat_response,
    parse_calls,
    visible_text,
)

#: how long a stopped call may take to report its end; a long prefill cannot be interrupted
STOP_GRACE_S = 0.3
_NO_MODEL = ModelInfo(
    model_id="none",
    label="No model",
    family="general",
    description="",
    size_bytes=0,
    context_window_tokens=4096,
    embedded=False,
)


@dataclass
class _Call:
    """What one ``complete`` works with."""

    request_id: str
    model: ModelInfo
    family: Family
    messages: list[ChatMessage]
    tools: list[OfferedTool]
    choice: str
    options: GenerateOptions
    live: bool


class WebLLMProvider(PromptRoom):
    """Implements the kernel's Provider for models that run in the browser."""

    name = "webllm"
    priority = 100
    events = (
        LLM_STREAM_BLOCK_START,
        LLM_STREAM_BLOCK_DELTA,
        LLM_STREAM_BLOCK_END,
        LLM_STREAM_ABORTED,
        NOTICE,
    )

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        self._coordinator = coordinator
        self._config = config
        self._running: set[EngineCall] = set()

    # ------------------------------------------------------------ the kernel's interface

    def get_info(self) -> ProviderInfo:
        """Metadata; ``defaults`` hold the window of the current turn's model."""
        model, options = self._model(), self._options()
        return ProviderInfo(
            id=self.name,
            display_name="WebLLM (on this device)",
            capabilities=["streaming", "tools"],
            defaults={
                "model": model.model_id,
                "context_window": model.context_window_tokens,
                "max_output_tokens": budget.answer_tokens(model, options),
            },
        )

    async def list_models(self) -> list[KernelModelInfo]:
        """The model of the current turn; the list of all belongs to the app."""
        model = self._model()
        if model is _NO_MODEL:
            return []
        info = KernelModelInfo(
            id=model.model_id,
            display_name=model.label,
            context_window=model.context_window_tokens,
            max_output_tokens=budget.answer_tokens(model, self._options()),
            capabilities=["tools", "streaming"],
        )
        return [info]

    def parse_tool_calls(self, response: ChatResponse) -> list[ToolCall]:
        """The calls that ``complete`` already parsed and validated."""
        return list(response.tool_calls or [])

    async def complete(self, request: ChatRequest, **kwargs: Any) -> ChatResponse:
        """Run one answer: stream it, parse its calls, repair them once.

        Raises LLMError types with ``error_data``. An interrupted answer is returned, with
        finish_reason "abort".
        """
        call = self._prepare(request)
        started_s = ffi.monotonic_s()
        await self._emit(
            LLM_REQUEST,
            {
                "request_id": call.request_id,
                "provider": self.name,
                "model": call.model.model_id,
                "message_count": len(call.messages),
                "constrained": call.options.grammar is not None,
            },
        )
        try:
            answer, reason, usage = await self._stream(call)
            calls, usage = await self._calls(call, answer, reason, usage)
        except RemoteError as error:
            await self._fail(call, error.data, started_s)
            raise to_llm_error(error.data, self.name, call.model.model_id) from error
        await self._emit(LLM_RESPONSE, self._report(call, started_s, usage))
        if reason == "length" and not calls:
            await self._notice(
                "answer_cut",
                f"The answer was cut at its limit of {call.options.max_tokens:,} tokens.",
            )
        return chat_response(answer, calls, reason, usage)

    # ------------------------------------------------------------ used by our context and tools

    @property
    def scale(self) -> TokenScale:
        """Token estimates for the current model's vocabulary."""
        return family_for(self._model().family).scale

    def prompt_budget_tokens(self) -> int:
        """Tokens that the conversation may fill, besides the system text."""
        model, options = self._model(), self._options()
        system = family_for(model.family).system(self._mounted_tools())
        used = self.estimate_tokens(system) + MESSAGE_OVERHEAD_TOKENS
        return max(0, budget.prompt_tokens(model, options) - used)

    async def on_cancel(self) -> None:
        """Interrupt what runs; after a short grace, stop waiting for the engine."""
        immediate = self._coordinator.cancellation.is_immediate
        for call in list(self._running):
            call.interrupt()
            if immediate:
                call.abandon()
            else:
                asyncio.get_running_loop().call_later(STOP_GRACE_S, call.abandon)

    # ------------------------------------------------------------ inside

    def _prepare(self, request: ChatRequest) -> _Call:
        model, options = self._model(), self._options()
        family = family_for(model.family)
        tools = [
            OfferedTool(spec.name, spec.description or "", spec.parameters)
            for spec in request.tools or []
        ]
        choice = tool_choice(request.tool_choice, tools)
        if choice is None:
            data = unknown_tool(request.tool_choice)
            raise to_llm_error(data, self.name, model.model_id)
        messages = render_messages(family, request.messages, tools)
        wanted = request.max_output_tokens or options.max_tokens
        generate = GenerateOptions(
            temperature=_first(request.temperature, options.temperature),
            top_p=_first(request.top_p, options.top_p),
            max_tokens=min(wanted, budget.answer_tokens(model, options)),
            seed=options.seed,
            stop=request.stop or [],
            grammar=family.grammar(messages, tools, choice),
        )
        return _Call(
            request_id=str(uuid.uuid4()),
            model=model,
            family=family,
            messages=messages,
            tools=tools,
            choice=choice,
            options=generate,
            live=(request.metadata or {}).get("stream") is not False,
        )

    async def _stream(
        self, call: _Call, grammar: str | None = None, live: bool = True
    ) -> tuple[StreamedAnswer, str, EngineUsage | None]:
        engine: Engine | None = self._coordinator.get_capability(ENGINE)
        if engine is None:
            raise RemoteError(no_engine())
        options = call.options.model_copy(update={"grammar": grammar}) if grammar else call.options
        answer = StreamedAnswer(call.request_id, self._emit, live=call.live and live)
        running = engine.generate(call.model.model_id, call.messages, options)
        self._running.add(running)
        try:
            async for delta in running:
                await answer.feed(delta.text)
        finally:
            self._running.discard(running)
            engine.forget(running)
        await answer.finish()
        if running.done is None:
            return answer, "abort", None
        return answer, running.done.finish_reason, running.done.usage

    async def _calls(
        self, call: _Call, answer: StreamedAnswer, reason: str, usage: EngineUsage | None
    ) -> tuple[list[ParsedCall], EngineUsage | None]:
        """The valid calls of the answer, with one repair round under a grammar."""
        if reason == "abort" or not answer.of("call"):
            return [], usage
        if call.choice == "none":
            answer.raw = visible_text(answer)
            await self._notice("tool_call_dropped", "The model asked for a tool; none is allowed.")
            return [], usage
        calls: list[ParsedCall] = []
        try:
            calls = parse_calls(answer, call.tools)
            if not any(call.family.doubts(call.messages, parsed.arguments) for parsed in calls):
                return calls, usage
            meant = [tool for tool in call.tools if tool.name == calls[0].name]
        except BadCallError as error:
            meant = candidates(error, call.tools)
            if not meant:
                await self._unusable(answer, error)
                return [], usage
        grammar = call.family.repair_grammar(call.messages, meant)
        repaired, ended, more = await self._stream(call, grammar, live=False)
        usage = add_usage(usage, more)
        if ended == "abort":
            return [], usage
        try:
            fixed = parse_calls(repaired, call.tools)
        except BadCallError as error:
            if not calls:
                await self._unusable(answer, error)
            return calls, usage
        answer.raw = repaired.raw
        return fixed, usage

    async def _unusable(self, answer: StreamedAnswer, error: BadCallError) -> None:
        answer.raw = visible_text(answer)
        await self._notice(
            "tool_call_invalid",
            f"The model tried to use a tool, but its call cannot be used: {error}. "
            "Nothing was done. Ask again in other words.",
        )

    async def _fail(self, call: _Call, error: ErrorData, started_s: float) -> None:
        info = {"type": error.code, "message": error.message}
        await self._emit(LLM_STREAM_ABORTED, {"request_id": call.request_id, "error": info})
        report = self._report(call, started_s, None)
        await self._emit(LLM_RESPONSE, {**report, "status": "error", "error": info})

    def _report(self, call: _Call, started_s: float, usage: EngineUsage | None) -> dict[str, Any]:
        report: dict[str, Any] = {
            "request_id": call.request_id,
            "provider": self.name,
            "model": call.model.model_id,
            "status": "ok",
            "duration_ms": round((ffi.monotonic_s() - started_s) * 1000),
        }
        if usage:
            report["usage"] = {
                "input_tokens": usage.prompt_tokens,
                "output_tokens": usage.completion_tokens,
                "cache_read_tokens": max(0, usage.prompt_tokens - usage.prefilled_tokens),
            }
            report["engine_usage"] = usage.model_dump()
        return report

    async def _notice(self, code: str, message: str) -> None:
        await self._emit(NOTICE, {"code": code, "message": message})

    async def _emit(self, event: str, data: dict[str, Any]) -> Any:
        return await self._coordinator.hooks.emit(event, data)

    def _turn(self) -> Turn | None:
        current = self._coordinator.get_capability(TURN)
        turn: Turn | None = current() if current else None
        return turn

    def _model(self) -> ModelInfo:
        turn = self._turn()
        if turn:
            return turn.request.model
        configured = self._config.get("model")
        return ModelInfo.model_validate(configured) if configured else _NO_MODEL

    def _options(self) -> TurnOptions:
        turn = self._turn()
        return turn.request.options if turn else TurnOptions()

    def _mounted_tools(self) -> list[OfferedTool]:
        tools = (self._coordinator.get("tools") or {}).values()
        return [
            OfferedTool(tool.name, tool.description, getattr(tool, "input_schema", {}) or {})
            for tool in tools
        ]


def _first(value: float | None, default: float) -> float:
    return default if value is None else value
