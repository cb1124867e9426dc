"""The provider for the browser's own model: tools in words, forced calls by a JSON schema."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from sidelight import budget, ffi
from sidelight.builtin import BUILTIN, Builtin
from sidelight.contract import ChatMessage, EngineUsage, ErrorData, ModelInfo
from sidelight.errors import SidelightError
from sidelight.kernel import (
    ChatRequest,
    ChatResponse,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    KernelModelInfo,
    LLMError,
    ProviderInfo,
    ProviderUnavailableError,
    StreamError,
    TextBlock,
    ThinkingBlock,
    ToolCall,
    ToolCallBlock,
    Usage,
)
from sidelight.prompts import OfferedTool, family_for
from sidelight.prompts.base import chosen
from sidelight.prompts.render import render_messages
from sidelight.providers import ModelCall, Outcome, ProviderBase
from sidelight.providers.messages import count_images, named_choice, offered
from sidelight.schema import normalise
from sidelight.streaming import StreamedAnswer
from sidelight.switching import without_others_words
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS
from sidelight.toolcalls import BadCallError, ParsedCall, candidates, parse_call

_WINDOW_TOKENS = 4096
_FAMILY = family_for("general")
_TYPES: dict[str, type[LLMError]] = {
    "context_too_long": ContextLengthError,
    "content_filtered": ContentFilterError,
    "bad_request": InvalidRequestError,
    "builtin_failed": StreamError,
}


@dataclass(kw_only=True)
class _Call(ModelCall):
    """What one ``complete`` works with. ``schema``: the form of the answer, which is a call where
    one is ``forced``."""

    messages: list[ChatMessage]
    tools: list[OfferedTool]
    images: int
    schema: dict[str, Any] | None
    forced: bool
    temperature: float | None


class BuiltinProvider(ProviderBase[_Call]):
    """Implements the kernel's Provider. The browser decides what model it is; it takes neither
    tools nor a seed nor a limit of tokens."""

    name = "builtin"

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        super().__init__(coordinator, config)
        self._running: set[asyncio.Task[Any]] = set()
        self._images_told = False

    def get_info(self) -> ProviderInfo:
        """Metadata; ``defaults`` hold the window that the browser gives."""
        return ProviderInfo(
            id=self.name,
            display_name="The browser's own model (on this device)",
            capabilities=["streaming"],
            defaults={
                "model": self.name,
                "context_window": self._window_tokens,
                "max_output_tokens": self._window_tokens // 4,
            },
        )

    async def list_models(self) -> list[KernelModelInfo]:
        """The one there is, if this turn's browser has one."""
        model = self._model()
        if model is None:
            return []
        info = KernelModelInfo(
            id=model.model_id,
            display_name=model.label,
            context_window=self._window_tokens,
            max_output_tokens=self._window_tokens // 4,
            capabilities=["streaming"],
        )
        return [info]

    def prompt_budget_tokens(self) -> int:
        """Tokens that the conversation may fill, besides the system text."""
        tools = (self._coordinator.get("tools") or {}).values()
        described = _FAMILY.system(
            [OfferedTool(tool.name, tool.description, tool.input_schema) for tool in tools]
        )
        used = self.estimate_tokens(described) + MESSAGE_OVERHEAD_TOKENS
        model = self._model()
        window = self._window_tokens
        room = budget.prompt_tokens(model, self._options()) if model else window - window // 4
        return max(0, room - used)

    async def on_cancel(self) -> None:
        """Stop the model; what arrived is kept."""
        for task in list(self._running):
            task.cancel()

    # ------------------------------------------------------------ one answer

    @property
    def _window_tokens(self) -> int:
        model = self._model()
        return model.context_window_tokens if model else _WINDOW_TOKENS

    def _model(self) -> ModelInfo | None:
        turn = self._turn()
        return turn.request.model if turn else None

    def _prepare(self, request: ChatRequest) -> _Call:
        tools = offered(request)
        choice = named_choice(request.tool_choice)
        shown = without_others_words(request.messages, self.name)
        messages = render_messages(_FAMILY, shown, tools)
        wanted = request.response_format
        schema: dict[str, Any] | None = None
        forced = choice not in ("auto", "none") and bool(tools)
        if forced:
            schema = _call_schema(chosen(tools, choice))
        elif wanted is not None and wanted.type != "text":
            schema = wanted.json_schema if wanted.type == "json_schema" else {"type": "object"}
        return _Call(
            model=self.name,
            message_count=len(messages),
            messages=messages,
            tools=tools if choice != "none" else [],
            images=count_images(request.messages),
            schema=schema,
            forced=forced,
            temperature=request.temperature,
            about={"constrained": schema is not None},
        )

    async def _answer(self, call: _Call) -> Outcome:
        if call.images and not self._images_told:
            self._images_told = True
            await self._notice(
                "images_left_out", "The browser's own model is not shown the images of this chat."
            )
        started_s = ffi.monotonic_s()
        answer = StreamedAnswer(call.request_id, self._emit, live=call.live)
        reason, usage = await self._stream(call, answer, call.schema, hidden=call.forced)
        calls: list[ParsedCall] = []
        if reason != "abort":
            calls = await self._calls(call, answer)
        response = _response(answer, calls, reason, usage)
        return Outcome(response, reason, _measured(usage, started_s))

    async def _stream(
        self, call: _Call, answer: StreamedAnswer, schema: dict[str, Any] | None, hidden: bool
    ) -> tuple[str, Usage | None]:
        """``hidden``: the text is a call, which is not shown."""
        task = asyncio.ensure_future(self._run(call, answer, schema, hidden))
        self._running.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._running.discard(task)
            task.cancel()
        await answer.finish()
        return ("abort", None) if task.cancelled() else ("stop", task.result())

    async def _run(
        self, call: _Call, answer: StreamedAnswer, schema: dict[str, Any] | None, hidden: bool
    ) -> Usage | None:
        builtin: Builtin | None = self._coordinator.get_capability(BUILTIN)
        turn = self._turn()
        try:
            if builtin is None or turn is None:
                raise _unavailable()
            texts = builtin.generate(
                turn.request.conversation_id, call.messages, call.temperature, schema
            )
            async with aclosing(texts) as stream:
                async for text in stream:
                    if hidden:
                        answer.raw += text
                    else:
                        await answer.feed(text)
        except SidelightError as error:
            raise _llm_error(error.data) from error
        given = builtin.usage
        if given is None or given.prompt_tokens is None:
            return None
        written = given.completion_tokens or 0
        return Usage(
            input_tokens=given.prompt_tokens,
            output_tokens=written,
            total_tokens=given.prompt_tokens + written,
        )

    async def _calls(self, call: _Call, answer: StreamedAnswer) -> list[ParsedCall]:
        """The valid calls of the answer, with one repair round held to a schema."""
        said = [answer.raw] if call.forced else [block.text for block in answer.of("call")]
        if not said or not call.tools:
            return []
        try:
            return [parse_call(text, call.tools) for text in said]
        except BadCallError as error:
            meant = [] if call.forced else candidates(error, call.tools)
            problem = str(error)
        if meant:
            again = StreamedAnswer(call.request_id, self._emit, live=False)
            reason, _ = await self._stream(call, again, _call_schema(meant), hidden=True)
            try:
                return [parse_call(again.raw, call.tools)] if reason != "abort" else []
            except BadCallError as error:
                problem = str(error)
        await self._notice(
            "tool_call_invalid",
            f"The model tried to use a tool, but its call cannot be used: {problem}. "
            "Nothing was done. Ask again in other words.",
        )
        return []


def _call_schema(tools: list[OfferedTool]) -> dict[str, Any]:
    """The form of a call of one of the tools."""
    forms = [
        {
            "type": "object",
            "properties": {
                "name": {"const": tool.name},
                "arguments": normalise(tool.parameters),
            },
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _response(
    answer: StreamedAnswer, parsed: list[ParsedCall], reason: str, usage: Usage | None
) -> ChatResponse:
    calls = [
        ToolCall(id=ffi.new_id("call"), name=call.name, arguments=call.arguments) for call in parsed
    ]
    content: list[Any] = []
    for block in answer.blocks:
        if block.kind == "thinking":
            content.append(ThinkingBlock(thinking=block.text))
        elif block.kind == "text" and block.text.strip():
            content.append(TextBlock(text=block.text))
    content += [ToolCallBlock(id=c.id, name=c.name, input=c.arguments) for c in calls]
    return ChatResponse(
        content=content,
        tool_calls=calls or None,
        usage=usage,
        finish_reason="tool_calls" if calls else reason,
    )


def _measured(usage: Usage | None, started_s: float) -> EngineUsage | None:
    """The browser tells counts, no times of its own."""
    if usage is None:
        return None
    took_s = ffi.monotonic_s() - started_s
    return EngineUsage(
        prompt_tokens=usage.input_tokens,
        prefilled_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        decode_tokens_per_s=usage.output_tokens / took_s if took_s > 0 else None,
    )


def _unavailable() -> SidelightError:
    return SidelightError(
        "This browser has no model of its own.",
        code="builtin_unavailable",
        hint="Choose another model.",
        retryable=False,
    )


def _llm_error(data: ErrorData) -> LLMError:
    kind = _TYPES.get(data.code, ProviderUnavailableError)
    error = kind(data.message, provider="builtin", model="builtin", retryable=data.retryable)
    error.error_data = data.model_dump()
    return error
