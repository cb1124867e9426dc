"""The part of a provider that does not depend on where its model is."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sidelight import ffi
from sidelight.contract import EngineUsage, TurnOptions
from sidelight.kernel import (
    LLM_REQUEST,
    LLM_RESPONSE,
    LLM_STREAM_ABORTED,
    LLM_STREAM_BLOCK_DELTA,
    LLM_STREAM_BLOCK_END,
    LLM_STREAM_BLOCK_START,
    NOTICE,
    PROVIDER_RETRY,
    ChatRequest,
    ChatResponse,
    KernelModelInfo,
    LLMError,
    ProviderInfo,
    ToolCall,
)
from sidelight.room import PromptRoom
from sidelight.turn import TURN, Turn


@dataclass
class ModelCall:
    """One ``complete``, as the session's events tell of it. ``live``: its text is streamed."""

    model: str
    message_count: int
    live: bool = True
    about: dict[str, Any] = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Outcome:
    """What came of a call. ``reason`` is why the model ended: stop, length, abort, ..."""

    response: ChatResponse
    reason: str
    usage: EngineUsage | None


C = TypeVar("C", bound=ModelCall)


class ProviderBase(PromptRoom, ABC, Generic[C]):
    """The kernel's Provider around two methods: ``_prepare`` makes a call of a request, and
    ``_answer`` runs it. An interrupted answer is an Outcome with the reason "abort"."""

    name: str
    priority = 100
    events: tuple[str, ...] = (
        LLM_STREAM_BLOCK_START,
        LLM_STREAM_BLOCK_DELTA,
        LLM_STREAM_BLOCK_END,
        LLM_STREAM_ABORTED,
        PROVIDER_RETRY,
        NOTICE,
    )

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        self.config = config
        self._coordinator = coordinator

    async def complete(self, request: ChatRequest, **kwargs: Any) -> ChatResponse:
        """Run one answer. Raises LLMError types with ``error_data``."""
        call = self._prepare(request)
        call.live = (request.metadata or {}).get("stream") is not False
        started_s = ffi.monotonic_s()
        about = {"request_id": call.request_id, "provider": self.name, "model": call.model}
        counts = {"message_count": call.message_count, **call.about}
        await self._emit(LLM_REQUEST, {**about, **counts})
        try:
            outcome = await self._answer(call)
        except LLMError as error:
            failed = {"type": type(error).__name__, "message": str(error)}
            await self._emit(LLM_STREAM_ABORTED, {"request_id": call.request_id, "error": failed})
            report = {"status": "error", "duration_ms": _since_ms(started_s), "error": failed}
            await self._emit(LLM_RESPONSE, {**about, **report})
            raise
        report = {"status": "ok", "duration_ms": _since_ms(started_s)}
        if outcome.usage:
            report["engine_usage"] = outcome.usage.model_dump()
        if outcome.response.usage:
            report["usage"] = outcome.response.usage.model_dump(exclude_none=True)
        await self._emit(LLM_RESPONSE, {**about, **report})
        if outcome.reason == "length" and not outcome.response.tool_calls:
            await self._notice("answer_cut", f"The answer was cut at {self._limit_words(call)}.")
        return outcome.response

    def parse_tool_calls(self, response: ChatResponse) -> list[ToolCall]:
        """The calls that ``complete`` already parsed."""
        return list(response.tool_calls or [])

    # ------------------------------------------------------------ what each provider says itself

    @abstractmethod
    def get_info(self) -> ProviderInfo:
        """Metadata; ``defaults`` hold the model, its window and the limit of an answer."""

    @abstractmethod
    async def list_models(self) -> list[KernelModelInfo]:
        """The models that can be had here. Raises LLMError."""

    @abstractmethod
    async def on_cancel(self) -> None:
        """The session was stopped: end what runs."""

    @abstractmethod
    def _prepare(self, request: ChatRequest) -> C:
        """What ``_answer`` needs. Raises LLMError."""

    @abstractmethod
    async def _answer(self, call: C) -> Outcome:
        """Run the call. Raises LLMError."""

    def _limit_words(self, call: C) -> str:
        return "its limit of tokens"

    # ------------------------------------------------------------ the session around it

    def _turn(self) -> Turn | None:
        current = self._coordinator.get_capability(TURN)
        turn: Turn | None = current() if current else None
        return turn

    def _options(self) -> TurnOptions:
        turn = self._turn()
        return turn.request.options if turn else TurnOptions()

    async def _notice(self, code: str, message: str) -> None:
        await self._emit(NOTICE, {"code": code, "message": message})

    async def _emit(self, event: str, data: dict[str, Any]) -> Any:
        return await self._coordinator.hooks.emit(event, data)


async def mount_provider(coordinator: Any, provider: ProviderBase[Any]) -> None:
    """Mount a provider; what it runs ends when the session is cancelled."""
    await coordinator.mount("providers", provider, name=provider.name)
    coordinator.cancellation.on_cancel(provider.on_cancel)
    coordinator.register_contributor(
        "observability.events", f"provider-{provider.name}", lambda: list(provider.events)
    )


def _since_ms(started_s: float) -> int:
    return round((ffi.monotonic_s() - started_s) * 1000)
