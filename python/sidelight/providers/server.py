"""Base of the providers that speak to a server: one streamed request, its retries and its end."""

from __future__ import annotations

import asyncio
import json
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

from sidelight import ffi
from sidelight.contract import EngineUsage
from sidelight.jsontext import loads
from sidelight.kernel import (
    PROVIDER_RETRY,
    ChatResponse,
    KernelModelInfo,
    LLMError,
    ProviderInfo,
    RetryConfig,
    Usage,
    retry_with_backoff,
)
from sidelight.prompts.general import SERVER_SYSTEM
from sidelight.providers.base import ModelCall, Outcome, ProviderBase
from sidelight.providers.failures import Failures
from sidelight.providers.learned import Learned
from sidelight.providers.sse import BadStreamError, EventReader
from sidelight.tokens import LARGE, MESSAGE_OVERHEAD_TOKENS, TokenScale
from sidelight.transport import TRANSPORT, HttpRequest, HttpResponse, Transport, TransportError

#: longer than this nobody is left waiting for a retry; the error says when to come back
MAX_WAIT_S = 60.0
_ERROR_BODY_BYTES = 64_000
_WHOLE_BODY_BYTES = 4_000_000
#: fewer tokens than this say nothing about a speed
_MIN_RATED_TOKENS = 16
#: for a connection to close after the server said that the answer is over
_END_WAIT_S = 2.0


class Collector(Protocol):
    """Takes the values of a stream. ``done``: the answer is whole; ``usage`` may come late."""

    done: bool
    reason: str | None
    usage: Usage | None

    async def take(self, value: dict[str, Any]) -> None:
        """One event of the stream."""
        ...

    async def take_whole(self, value: dict[str, Any]) -> None:
        """The whole answer as one value, of a server that does not stream."""
        ...

    async def finish(self) -> None:
        """Nothing more will come."""
        ...


@dataclass
class ServerCall(ModelCall):
    """A request's body and what its answer is collected in."""

    body: dict[str, Any] = field(default_factory=dict)
    #: monotonic seconds of the request, the first and the last event
    sent_s: float = 0.0
    first_s: float | None = None
    last_s: float = 0.0


S = TypeVar("S", bound=ServerCall)


class ServerProvider(ProviderBase[S]):
    """Configuration: ``base_url``, ``model``, and optionally ``name``, ``key_name``,
    ``context_window_tokens``, ``temperature``, ``top_p``, ``max_tokens``, ``seed``, ``stop``,
    ``max_retries``, ``timeout_s``, ``priority``, ``images``."""

    #: below ``base_url``
    path = ""
    models_path = "/models"
    default_window_tokens = 8192
    default_name = ""
    headers: Mapping[str, str] = MappingProxyType({})
    #: what the transport sends the key in
    key_header: Literal["authorization", "x-api-key"] = "authorization"

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        super().__init__(coordinator, config)
        self.name = str(config.get("name") or self.default_name)
        self.priority = int(config.get("priority", 100))
        self._base_url = str(config.get("base_url") or "").rstrip("/")
        self._model = str(config.get("model") or "")
        self._failures = Failures(
            self._base_url, self.name, self._model, has_key=bool(config.get("key_name"))
        )
        self._running: set[asyncio.Task[Any]] = set()
        self._images_told = False
        self._learned = Learned()

    def get_info(self) -> ProviderInfo:
        """Metadata; ``defaults`` hold the configured model and window."""
        return ProviderInfo(
            id=self.name,
            display_name=f"{self._model or 'a model'} at {self._base_url or 'no server'}",
            capabilities=["streaming", "tools"],
            defaults={
                "model": self._model,
                "context_window": self.window_tokens,
                "max_output_tokens": self.answer_tokens,
            },
        )

    async def list_models(self) -> list[KernelModelInfo]:
        """The server's models; empty without a server. Raises LLMError."""
        if not self._base_url:
            return []
        value = await self._read_json(self.models_path, "list models")
        try:
            return [self._info(entry) for entry in value["data"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._failures.not_a_stream(str(value)[:200]) from None

    @property
    def scale(self) -> TokenScale:
        """Token estimates, corrected by what the server counted for its last prompts."""
        return self._learned.scale(LARGE)

    def prompt_budget_tokens(self) -> int:
        """What the window leaves beside the answer, the system text and the tools."""
        tools = (self._coordinator.get("tools") or {}).values()
        described = [f"{tool.name} {tool.description} {tool.input_schema}" for tool in tools]
        used = self.estimate_tokens("\n".join([SERVER_SYSTEM, *described]))
        margin = 16 + self.window_tokens // 50
        rest = self.window_tokens - self.answer_tokens - used - margin
        return max(0, rest - MESSAGE_OVERHEAD_TOKENS)

    @property
    def window_tokens(self) -> int:
        """The model's context window."""
        return int(self.config.get("context_window_tokens") or self.default_window_tokens)

    @property
    def answer_tokens(self) -> int:
        """The limit of an answer: what was asked for, at most a quarter of the window."""
        wanted = self.config.get("max_tokens")
        if wanted is None and self._turn():
            wanted = self._options().max_tokens
        return min(int(wanted or self.window_tokens), self.window_tokens // 4)

    async def on_cancel(self) -> None:
        """Close the running streams: the server notices and stops."""
        for task in list(self._running):
            task.cancel()

    # ------------------------------------------------------------ what each protocol says itself

    @abstractmethod
    def _collector(self, call: S) -> Collector:
        """A fresh one for the call."""

    @abstractmethod
    async def _response(self, call: S, collector: Any, reason: str) -> ChatResponse:
        """The answer in the kernel's form. ``reason`` is "abort" when it was stopped."""

    @abstractmethod
    def _info(self, entry: dict[str, Any]) -> KernelModelInfo:
        """A model of the server's list; what it raises means that the list is none."""

    async def _adapt(self, call: S, error: LLMError) -> bool:
        """Whether ``call`` was changed so that the server may take it after this refusal."""
        return False

    # ------------------------------------------------------------ one answer

    async def _answer(self, call: S) -> Outcome:
        # Jitter would also shorten the time that a server names.
        config = RetryConfig(max_retries=int(self.config.get("max_retries", 3)), jitter=False)
        collector = self._collector(call)
        reason = await self._stoppable(
            retry_with_backoff(
                lambda: self._stream(call, collector), config, on_retry=self._retrying
            )
        )
        await collector.finish()
        response = await self._response(call, collector, reason)
        response.usage = collector.usage
        self._learned.add(_prompt_text(call.body), collector.usage)
        return Outcome(response, reason, self._measured(call, collector.usage))

    async def _stoppable(self, work: Awaitable[str]) -> str:
        """``work``'s reason, or "abort" when a stop cancelled it; the caller's own cancellation
        goes through."""
        task = asyncio.ensure_future(work)
        if self._coordinator.cancellation.is_cancelled:
            task.cancel()
        self._running.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._running.discard(task)
            task.cancel()
        return "abort" if task.cancelled() else task.result()

    async def _stream(self, call: S, collector: Collector) -> str:
        """One try, or several where the server has to be asked in another way."""
        while True:
            call.first_s = None
            try:
                return await self._once(call, collector)
            except LLMError as error:
                if call.first_s is None and await self._adapt(call, error):
                    continue
                # After the first token a retry would say everything twice.
                if call.first_s is not None or (error.retry_after or 0) > MAX_WAIT_S:
                    error.retryable = False
                raise

    async def _once(self, call: S, collector: Collector) -> str:
        reader = EventReader()
        call.sent_s = ffi.monotonic_s()
        try:
            async with self._send("POST", self.path, "chat", call.body) as response:
                if not 200 <= response.status < 300:
                    raise self._failures.from_status(
                        response.status, response.headers, await read_body(response)
                    )
                if response.headers.get("content-type", "").startswith("application/json"):
                    await self._take_whole(call, collector, response)
                else:
                    over = partial(_is_over, reader, collector)
                    async for value in _values(reader, response, over):
                        await self._take(call, collector, value)
        except TransportError as error:
            begun = call.first_s is not None
            raise self._failures.from_transport(error, begun=begun) from error
        except BadStreamError as error:
            if call.first_s is not None:
                raise self._failures.cut() from error
            raise self._failures.not_a_stream(str(error)) from error
        if not collector.done and collector.reason is None and not reader.done:
            raise self._failures.cut()
        return collector.reason or "stop"

    async def _take(self, call: S, collector: Collector, value: dict[str, Any]) -> None:
        if value.get("error"):
            raise self._failures.in_stream(value["error"])
        call.last_s = ffi.monotonic_s()
        if call.first_s is None:
            call.first_s = call.last_s
        await collector.take(value)

    async def _take_whole(self, call: S, collector: Collector, response: HttpResponse) -> None:
        """The answer of a server that does not stream."""
        text = (await read_body(response, _WHOLE_BODY_BYTES)).decode("utf-8", "replace")
        try:
            value = loads(text)
        except ValueError as error:
            raise BadStreamError(text[:200]) from error
        if not isinstance(value, dict):
            raise BadStreamError(text[:200])
        if value.get("error"):
            raise self._failures.in_stream(value["error"])
        await collector.take_whole(value)
        if collector.reason is None:
            raise BadStreamError(text[:200])
        call.first_s = call.last_s = ffi.monotonic_s()

    def _send(
        self, method: str, path: str, purpose: str, body: dict[str, Any] | None = None
    ) -> AbstractAsyncContextManager[HttpResponse]:
        transport: Transport | None = self._coordinator.get_capability(TRANSPORT)
        if transport is None or not self._base_url:
            reason = "no way to the network" if transport is None else "no server is configured"
            raise TransportError("refused", reason)
        return transport.send(
            HttpRequest(
                method=method,
                url=self._base_url + path,
                purpose=purpose,
                # A stored or imported text may hold half a character, which has no UTF-8.
                body=None
                if body is None
                else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
                headers={**({"content-type": "application/json"} if body else {}), **self.headers},
                key_name=self.config.get("key_name"),
                key_header=self.key_header,
                timeout_s=float(self.config.get("timeout_s", 120)),
            )
        )

    async def _read_json(self, path: str, purpose: str) -> Any:
        """The JSON value at ``path``. Raises LLMError."""
        try:
            async with self._send("GET", path, purpose) as response:
                body = await read_body(response, limit_bytes=_WHOLE_BODY_BYTES)
        except TransportError as error:
            raise self._failures.from_transport(error, begun=False) from error
        if response.status != 200:
            raise self._failures.from_status(response.status, response.headers, body)
        try:
            return loads(body.decode("utf-8", "replace"))
        except ValueError:
            raise self._failures.not_a_stream(body[:200].decode("utf-8", "replace")) from None

    async def _tell_images(self, model: str, images: int) -> None:
        """Images were left out: said once a session."""
        if self._images_told:
            return
        self._images_told = True
        were = "was" if images == 1 else "were"
        await self._notice(
            "images_left_out", f"{model} cannot see images: {images} in this chat {were} left out."
        )

    async def _retrying(self, attempt: int, delay_s: float, error: LLMError) -> None:
        await self._emit(
            PROVIDER_RETRY,
            {
                "provider": self.name,
                "attempt": attempt,
                "max_retries": int(self.config.get("max_retries", 3)),
                "delay": delay_s,
                "error_type": type(error).__name__,
                "error_message": str(error),
            },
        )
        await self._notice("retrying", f"{error} Trying again in {delay_s:.0f} s.")

    @staticmethod
    def _measured(call: ServerCall, usage: Usage | None) -> EngineUsage | None:
        """The server's counts with the speeds seen from here, the way to it included."""
        if usage is None or call.first_s is None:
            return None
        read = max(0, usage.input_tokens - (usage.cache_read_tokens or 0))
        waited_s = call.first_s - call.sent_s
        wrote_s = call.last_s - call.first_s
        return EngineUsage(
            prompt_tokens=usage.input_tokens,
            prefilled_tokens=read,
            completion_tokens=usage.output_tokens,
            time_to_first_token_s=waited_s,
            prefill_tokens_per_s=_rate(read, waited_s),
            decode_tokens_per_s=_rate(usage.output_tokens, wrote_s),
        )


def _prompt_text(value: Any) -> str:
    """All strings that a request's body holds, but for images."""
    if isinstance(value, str):
        return "" if value.startswith("data:") else value
    if isinstance(value, dict):
        return "\n".join(_prompt_text(item) for name, item in value.items() if name != "data")
    return "\n".join(map(_prompt_text, value)) if isinstance(value, list) else ""


def _is_over(reader: EventReader, collector: Collector) -> bool:
    """The server said that this was all."""
    return reader.done or collector.done


async def _values(
    reader: EventReader, response: HttpResponse, is_over: Callable[[], bool]
) -> AsyncIterator[dict[str, Any]]:
    chunks = response.chunks()
    async for chunk in chunks:
        for value in reader.feed(chunk):
            yield value
        if is_over():
            # How the connection ends does not matter any more, and some servers keep it open.
            with suppress(TimeoutError, TransportError):
                await asyncio.wait_for(_drained(chunks), _END_WAIT_S)
            return
    for value in reader.finish():
        yield value


async def _drained(chunks: AsyncIterator[bytes]) -> None:
    async for _ in chunks:
        pass


async def read_body(response: HttpResponse, limit_bytes: int = _ERROR_BODY_BYTES) -> bytes:
    """The body, or as much of it as the limit lets. Raises TransportError."""
    body = b""
    async for chunk in response.chunks():
        body += chunk
        if len(body) >= limit_bytes:
            break
    return body[:limit_bytes]


def _rate(tokens: int, seconds: float) -> float | None:
    return tokens / seconds if tokens >= _MIN_RATED_TOKENS and seconds > 0 else None
