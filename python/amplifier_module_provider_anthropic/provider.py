"""The provider for servers that speak Anthropic's messages API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sidelight.kernel import (
    ChatRequest,
    ChatResponse,
    KernelModelInfo,
    LLMError,
)
from sidelight.providers import ServerCall, ServerProvider
from sidelight.providers.messages import count_images
from sidelight.streaming import StreamedAnswer

from amplifier_module_provider_anthropic.answer import Answer
from amplifier_module_provider_anthropic.wire import form_of, request_body

VERSION = "2023-06-01"
DEFAULT_CONTEXT_WINDOW_TOKENS = 200_000
_REFUSED = re.compile(
    r"\b(temperature|top_p|thinking|tool_choice|stop_sequences)\b.{0,120}"
    r"(deprecated|not support|unsupported|not permitted|may only be|cannot|extra inputs)",
    re.IGNORECASE,
)


@dataclass
class Call(ServerCall):
    """A message to be answered."""

    request: ChatRequest | None = None


class AnthropicProvider(ServerProvider[Call]):
    """Implements the kernel's Provider over a Transport. ``base_url`` ends in ``/v1``;
    ``thinking_tokens`` in the configuration lets the model think first."""

    default_name = "anthropic"
    default_window_tokens = DEFAULT_CONTEXT_WINDOW_TOKENS
    path = "/messages"
    models_path = "/models?limit=1000"
    key_header = "x-api-key"
    headers = {
        "anthropic-version": VERSION,
        # Without it the server refuses what has an Origin, as all requests of a browser have.
        "anthropic-dangerous-direct-browser-access": "true",
    }

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        super().__init__(coordinator, config)
        self._images = config.get("images") is not False
        self._without: frozenset[str] = frozenset()

    # ------------------------------------------------------------ one answer

    @property
    def _signed_by(self) -> str:
        return f"{self._base_url} {self._model}"

    def _prepare(self, request: ChatRequest) -> Call:
        call = Call(model=self._model or request.model or "", message_count=0, request=request)
        self._shape_body(call)
        call.message_count = len(call.body["messages"])
        return call

    @property
    def _thinking_tokens(self) -> int:
        """Never more than half of what the window leaves beside the answer."""
        wanted = int(self.config.get("thinking_tokens") or self._options().thinking_tokens)
        return min(wanted, (self.window_tokens - self.answer_tokens) // 2)

    def prompt_budget_tokens(self) -> int:
        """What the window leaves beside the thinking, too."""
        return max(0, super().prompt_budget_tokens() - self._thinking_tokens)

    def _shape_body(self, call: Call) -> None:
        defaults = {
            "stop": self._options().stop,
            "max_tokens": self.answer_tokens,
            **self.config,
            "answer_tokens": self.answer_tokens,
            "thinking_tokens": self._thinking_tokens,
        }
        call.body = request_body(
            call.request,
            call.model,
            defaults,
            signed_by=self._signed_by,
            images=self._images,
            without=self._without,
        )

    def _collector(self, call: Call) -> Answer:
        answer = StreamedAnswer(call.request_id, self._emit, live=call.live)
        return Answer(
            answer,
            self._signed_by,
            has_form=call.request is not None and form_of(call.request) is not None,
        )

    async def _adapt(self, call: Call, error: LLMError) -> bool:
        if error.status_code != 400:
            return False
        named = _REFUSED.search(str(error))
        name = named.group(1).lower() if named else ""
        if name in call.body:
            self._without |= {name}
        elif self._images and self._images_in(call) and "image" in str(error).lower():
            self._images = False
        else:
            return False
        self._shape_body(call)
        return True

    async def _response(self, call: Call, collector: Answer, reason: str) -> ChatResponse:
        if not self._images and (images := self._images_in(call)):
            await self._tell_images(call.model, images)
        if reason == "refusal":
            await self._notice("refused", f"{call.model} refused to go on with this answer.")
        used = {
            block["id"]
            for message in call.body["messages"]
            for block in message["content"]
            if block["type"] == "tool_use"
        }
        return collector.response(reason, frozenset(used))

    @staticmethod
    def _images_in(call: Call) -> int:
        return count_images(call.request.messages) if call.request else 0

    def _info(self, entry: dict[str, Any]) -> KernelModelInfo:
        given = entry.get("max_input_tokens")
        window = given if isinstance(given, int) and given > 0 else self.window_tokens
        return KernelModelInfo(
            id=str(entry["id"]),
            display_name=str(entry.get("display_name") or entry["id"]),
            context_window=window,
            max_output_tokens=window // 4,
            capabilities=["tools", "streaming"],
        )
