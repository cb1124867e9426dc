"""The provider for servers that speak OpenAI's chat completions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sidelight.kernel import (
    ChatRequest,
    ChatResponse,
    Degradation,
    KernelModelInfo,
    LLMError,
)
from sidelight.providers import ServerCall, ServerProvider
from sidelight.providers.messages import count_images, offered
from sidelight.streaming import StreamedAnswer

from amplifier_module_provider_openai.completion import Completion
from amplifier_module_provider_openai.refusals import learn, wants_short_ids
from amplifier_module_provider_openai.wire import Shape, request_body


@dataclass
class Call(ServerCall):
    """A chat completion."""

    request: ChatRequest | None = None


class OpenAIProvider(ServerProvider[Call]):
    """Implements the kernel's Provider over a Transport. ``base_url`` ends in ``/v1`` for most
    servers."""

    default_name = "openai"
    path = "/chat/completions"

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        super().__init__(coordinator, config)
        self._shape = Shape(
            images=config.get("images") is not False, short_ids=wants_short_ids(self._model)
        )
        if config.get("tools") is False:
            self._shape.tools_in_words = True

    # ------------------------------------------------------------ one answer

    def _prepare(self, request: ChatRequest) -> Call:
        call = Call(model=self._model or request.model or "", message_count=0, request=request)
        self._shape_body(call)
        call.message_count = len(call.body["messages"])
        return call

    def _shape_body(self, call: Call) -> None:
        options = self._options()
        own = {"seed": options.seed, "stop": options.stop}
        defaults = {**own, **self.config, "answer_tokens": self.answer_tokens}
        call.body = request_body(call.request, call.model, defaults, self._shape)

    def _collector(self, call: Call) -> Completion:
        return Completion(StreamedAnswer(call.request_id, self._emit, live=call.live))

    async def _adapt(self, call: Call, error: LLMError) -> bool:
        images = count_images(call.request.messages) if call.request else 0
        learned = learn(self._shape, call.body, images, error)
        if learned is None:
            return False
        self._shape_body(call)
        if learned == "tools":
            await self._notice(
                "tools_in_words",
                f"{call.model} takes no tool calls on this server, so the tools are described to "
                "it in words. It may use them less reliably.",
            )
        elif learned == "format":
            await self._notice(
                "format_in_words",
                "This server cannot hold an answer to a form, so the model is only asked for it.",
            )
        return True

    async def _response(self, call: Call, collector: Completion, reason: str) -> ChatResponse:
        request = call.request
        images = count_images(request.messages) if request else 0
        if images and not self._shape.images:
            await self._tell_images(call.model, images)
        if reason == "content_filter":
            await self._notice(
                "answer_filtered", "The server's content filter held back the rest of the answer."
            )
        if reason == "abort":
            return collector.response([], reason)
        in_words = offered(request) if request and self._shape.tools_in_words else None
        calls, problems = collector.calls(_used_ids(call), in_words)
        for problem in problems:
            await self._notice(
                "tool_call_invalid",
                f"The model tried to use a tool, but its call cannot be used ({problem}). "
                "Nothing was done.",
            )
        response = collector.response(calls, reason)
        wanted = request.response_format if request else None
        if wanted is not None and wanted.type != "text" and not self._shape.formats:
            response.degradation = Degradation(
                requested=wanted.type, actual="words", reason="the server cannot hold a form"
            )
        return response

    def _info(self, entry: dict[str, Any]) -> KernelModelInfo:
        window = self.config.get("context_window_tokens")
        for name in ("max_model_len", "context_length", "context_window", "n_ctx"):
            meta = entry.get("meta")
            found = entry.get(name) or (meta.get(name) if isinstance(meta, dict) else None)
            if isinstance(found, int) and found > 0:
                window = found
                break
        window = int(window or self.window_tokens)
        return KernelModelInfo(
            id=str(entry["id"]),
            display_name=str(entry.get("name") or entry["id"]),
            context_window=window,
            max_output_tokens=window // 4,
            capabilities=["tools", "streaming"],
        )


def _used_ids(call: Call) -> frozenset[str]:
    """The ids of the conversation's calls, as they are kept and as they were sent."""
    sent = [made for wire in call.body["messages"] for made in wire.get("tool_calls") or ()]
    kept = [
        block.id
        for message in (call.request.messages if call.request else ())
        if not isinstance(message.content, str)
        for block in message.content
        if block.type == "tool_call"
    ]
    return frozenset([*kept, *(made["id"] for made in sent)])
