"""The WebLLM provider: renders prompts per model family, streams, parses and repairs calls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sidelight import budget
from sidelight.contract import (
    ChatMessage,
    EngineUsage,
    GenerateOptions,
    ModelInfo,
)
from sidelight.engine import Engine, EngineCall
from sidelight.errors import RemoteError
from sidelight.kernel import ChatRequest, KernelModelInfo, Message, ProviderInfo
from sidelight.prompts import Family, OfferedTool, family_for
from sidelight.prompts.base import chosen
from sidelight.prompts.render import render_messages
from sidelight.providers import ModelCall, Outcome, ProviderBase
from sidelight.providers.messages import first, named_choice
from sidelight.room import FAR_BELOW
from sidelight.streaming import StreamedAnswer
from sidelight.switching import without_others_words
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS, TokenScale
from sidelight.toolcalls import BadCallError, ParsedCall, candidates
from sidelight.toolset import spec_of
from sidelight.turn import ENGINE

from amplifier_module_provider_webllm.choices import (
    least_tokens,
    no_call,
    offered,
    too_long,
    tool_choice,
    within,
)
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


@dataclass(kw_only=True)
class _Call(ModelCall):
    """What one ``complete`` works with."""

    info: ModelInfo
    family: Family
    messages: list[ChatMessage]
    tools: list[OfferedTool]
    choice: str
    options: GenerateOptions
    #: names of the tools that this model cannot be given
    left_out: list[str] = field(default_factory=list)

    @property
    def forced(self) -> bool:
        """The whole answer is a call."""
        return self.choice not in ("auto", "none")


class WebLLMProvider(ProviderBase[_Call]):
    """Implements the kernel's Provider for models that run in the browser."""

    name = "webllm"

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        super().__init__(coordinator, config)
        self._running: set[EngineCall] = set()
        self._counting: set[asyncio.Task[int]] = set()
        #: model, system text and its exact tokens, once they were counted
        self._system: tuple[str, str, int] = ("", "", 0)
        #: (model, tool) of each tool whose absence was told
        self._told: set[tuple[str, str]] = set()

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

    # ------------------------------------------------------------ used by our context and tools

    @property
    def scale(self) -> TokenScale:
        """Token estimates for the current model's vocabulary."""
        return family_for(self._model().family).scale

    def prompt_budget_tokens(self) -> int:
        """Tokens that the conversation may fill, besides the system text."""
        model, options, tools = self._model(), self._options(), self._mounted_tools()
        system = family_for(model.family).system(tools)
        model_id, counted, used = self._system
        if (model_id, counted) != (model.model_id, system):
            used = self.estimate_tokens(system) + MESSAGE_OVERHEAD_TOKENS
        return max(0, budget.prompt_tokens(model, options, least_tokens(tools)) - used)

    async def overflow_tokens(self, messages: list[dict[str, Any]]) -> int | None:
        """Tokens by which a prompt of these messages and its answer exceed the window, counted by
        the model's own tokenizer; negative when there is room. None when it need not or cannot be
        asked."""
        model, options, tools = self._model(), self._options(), self._mounted_tools()
        room = model.context_window_tokens - budget.kept_tokens(model, options, least_tokens(tools))
        if sum(map(self.message_tokens, messages)) <= self.prompt_budget_tokens() * FAR_BELOW:
            return None
        shown = without_others_words([Message(**message) for message in messages], model.model_id)
        rendered = render_messages(family_for(model.family), shown, tools)
        count = await self._counted(rendered)
        return None if count is None else count - room

    async def measured_scale(self, text: str) -> TokenScale:
        """The scale at which estimates of ``text`` are what the model's own tokenizer says."""
        system = family_for(self._model().family).system(self._mounted_tools())
        prompt = [ChatMessage(role="system", content=system), ChatMessage(role="user", content="")]
        without = await self._counted(prompt)
        prompt[1].content = text
        whole = await self._counted(prompt)
        if whole is None or without is None or not text:
            return self.scale
        self._system = (self._model().model_id, system, without)
        return self.scale.fitted(text, whole - without)

    async def on_cancel(self) -> None:
        """Interrupt what runs; after a short grace, stop waiting for the engine."""
        for counting in list(self._counting):
            counting.cancel()
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
        tools, left_out = offered(request.tools or [], budget.call_tokens(model))
        choice = tool_choice(request.tool_choice, tools)
        if choice is None:
            asked = named_choice(request.tool_choice)
            meant = [name for name in left_out if asked in (name, "required")]
            data = no_call(asked, meant, model.context_window_tokens)
            raise to_llm_error(data, self.name, model.model_id)
        free = choice in ("auto", "none")
        shown = without_others_words(request.messages, model.model_id)
        messages = render_messages(family, shown, tools)
        wanted = request.max_output_tokens or options.max_tokens
        generate = GenerateOptions(
            temperature=first(request.temperature, options.temperature),
            top_p=first(request.top_p, options.top_p),
            max_tokens=min(wanted, budget.answer_tokens(model, options)),
            seed=options.seed,
            stop=request.stop or options.stop,
            grammar=family.grammar(messages, tools, choice) if free else None,
            structural_tag=family.tag(tools, choice) if free else None,
        )
        return _Call(
            model=model.model_id,
            message_count=len(messages),
            about={"constrained": not free or generate.grammar is not None},
            info=model,
            family=family,
            messages=messages,
            tools=tools,
            choice=choice,
            options=generate,
            left_out=left_out,
        )

    async def _answer(self, call: _Call) -> Outcome:
        """Stream the answer, parse its calls, repair them once."""
        await self._tell_left_out(call.info, call.left_out)
        options = call.options
        if call.forced:
            bounded = await self._bounded(call, chosen(call.tools, call.choice))
            if not bounded:
                data = no_call(call.choice, [tool.name for tool in call.tools], _window(call))
                raise to_llm_error(data, self.name, call.model)
            grammar = call.family.grammar(call.messages, bounded, call.choice)
            options = self._for_call(call, grammar)
        try:
            answer, reason, usage = await self._stream(call, options)
            calls, usage = await self._calls(call, answer, reason, usage)
        except RemoteError as error:
            raise to_llm_error(error.data, self.name, call.model) from error
        return Outcome(chat_response(answer, calls, reason, usage), reason, usage)

    def _limit_words(self, call: _Call) -> str:
        return f"its limit of {call.options.max_tokens:,} tokens"

    async def _counted(self, messages: list[ChatMessage]) -> int | None:
        """Tokens of a prompt; None when the engine cannot say, or a stop came first."""
        engine: Engine | None = self._coordinator.get_capability(ENGINE)
        if engine is None or self._coordinator.cancellation.is_cancelled:
            return None
        task = asyncio.ensure_future(engine.count(self._model().model_id, messages))
        self._counting.add(task)
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        except RemoteError:
            # The call that comes next meets the same error, and tells of it.
            return None
        finally:
            self._counting.discard(task)
            task.cancel()

    async def _bounded(self, call: _Call, tools: list[OfferedTool]) -> list[OfferedTool]:
        """The tools with bounds under which any call ends before the window does."""
        fit, left_out = within(tools, await self._left_tokens(call))
        if fit:
            await self._tell_left_out(call.info, left_out)
        return fit

    async def _left_tokens(self, call: _Call) -> int:
        """Tokens that the prompt leaves for a call, at most as many as one may take."""
        most = budget.call_tokens(call.info)
        texts = [self.estimate_tokens(message.content) for message in call.messages]
        used = sum(texts) + len(texts) * MESSAGE_OVERHEAD_TOKENS
        if used > (_window(call) - most) * FAR_BELOW:
            counted = await self._counted(call.messages)
            used = used if counted is None else counted
        return max(0, min(most, _window(call) - used))

    @staticmethod
    def _for_call(call: _Call, grammar: str | None) -> GenerateOptions:
        """Options of an answer that is a call and nothing else; its grammar ends it, no text."""
        most = budget.call_tokens(call.info)
        changes = {"grammar": grammar, "structural_tag": None, "max_tokens": most, "stop": []}
        return call.options.model_copy(update=changes)

    async def _tell_left_out(self, model: ModelInfo, names: list[str]) -> None:
        """Tools that the model was not given: said once for each."""
        new = [name for name in names if (model.model_id, name) not in self._told]
        self._told.update((model.model_id, name) for name in new)
        if new:
            await self._notice("tool_too_long", too_long(new, model.context_window_tokens))

    async def _stream(
        self, call: _Call, options: GenerateOptions, live: bool = True
    ) -> tuple[StreamedAnswer, str, EngineUsage | None]:
        engine: Engine | None = self._coordinator.get_capability(ENGINE)
        if engine is None:
            raise RemoteError(no_engine())
        answer = StreamedAnswer(call.request_id, self._emit, live=call.live and live)
        if self._coordinator.cancellation.is_cancelled:
            # A stop that came before the engine was asked has nothing to interrupt.
            return answer, "abort", None
        running = engine.generate(call.model, call.messages, options)
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
        problem = BadCallError("it was copied wrongly")
        try:
            calls = parse_calls(answer, call.tools)
            if not any(call.family.doubts(call.messages, parsed.arguments) for parsed in calls):
                return calls, usage
            meant = [tool for tool in call.tools if tool.name == calls[0].name]
        except BadCallError as error:
            problem, meant = error, candidates(error, call.tools)
            if not meant:
                await self._unusable(answer, error)
                return [], usage
        bounded = await self._bounded(call, meant)
        if not bounded:
            # A call that the window cuts off would be no better than this one.
            if not calls:
                await self._unusable(answer, problem)
            return calls, usage
        options = self._for_call(call, call.family.repair_grammar(call.messages, bounded))
        repaired, ended, more = await self._stream(call, options, live=False)
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

    def _model(self) -> ModelInfo:
        turn = self._turn()
        if turn:
            return turn.request.model
        configured = self.config.get("model")
        return ModelInfo.model_validate(configured) if configured else _NO_MODEL

    def _mounted_tools(self) -> list[OfferedTool]:
        mounted = (self._coordinator.get("tools") or {}).values()
        return offered(map(spec_of, mounted), budget.call_tokens(self._model()))[0]


def _window(call: _Call) -> int:
    return call.info.context_window_tokens
