"""The provider for servers that speak OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from sidelight import ffi
from sidelight.jsontext import loads
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
    RetryConfig,
    ToolCall,
    retry_with_backoff,
)
from sidelight.prompts.general import SERVER_SYSTEM
from sidelight.room import PromptRoom
from sidelight.streaming import StreamedAnswer
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS
from sidelight.transport import TRANSPORT, HttpRequest, HttpResponse, Transport, TransportError

from amplifier_module_provider_openai.completion import Completion
from amplifier_module_provider_openai.errors import Failures
from amplifier_module_provider_openai.sse import BadStreamError, EventReader
from amplifier_module_provider_openai.wire import request_body

DEFAULT_CONTEXT_WINDOW_TOKENS = 8192
_ERROR_BODY_BYTES = 64_000


class OpenAIProvider(PromptRoom):
    """Implements the kernel's Provider over a Transport.

    Configuration: ``base_url`` (ends in ``/v1`` for most servers), ``model``, and optionally
    ``name``, ``key_name``, ``context_window_tokens``, ``temperature``, ``top_p``, ``max_tokens``,
    ``seed``, ``max_retries``, ``timeout_s``, ``priority``.
    """

    events = (
        LLM_STREAM_BLOCK_START,
        LLM_STREAM_BLOCK_DELTA,
        LLM_STREAM_BLOCK_END,
        LLM_STREAM_ABORTED,
        PROVIDER_RETRY,
        NOTICE,
    )

    def __init__(self, coordinator: Any, config: dict[str, Any]) -> None:
        self.config = config
        self.name = str(config.get("name") or "openai")
        self.priority = int(config.get("priority", 100))
        self._coordinator = coordinator
        self._base_url = str(config.get("base_url") or "").rstrip("/")
        self._model = str(config.get("model") or "")
        self._failures = Failures(self._base_url, self.name, self._model)
        self._running: set[asyncio.Task[Any]] = set()

    def get_info(self) -> ProviderInfo:
        """Metadata; ``defaults`` hold the configured model and window."""
        return ProviderInfo(
            id=self.name,
            display_name=f"{self._model or 'a model'} at {self._base_url or 'no server'}",
            capabilities=["streaming", "tools"],
            defaults={
                "model": self._model,
                "context_window": self._window_tokens,
                "max_output_tokens": self._answer_tokens,
            },
        )

    @property
    def _window_tokens(self) -> int:
        return int(self.config.get("context_window_tokens") or DEFAULT_CONTEXT_WINDOW_TOKENS)

    @property
    def _answer_tokens(self) -> int:
        return min(
            int(self.config.get("max_tokens") or self._window_tokens), self._window_tokens // 4
        )

    def prompt_budget_tokens(self) -> int:
        """What the window leaves beside the answer, the system text and the tools."""
        tools = (self._coordinator.get("tools") or {}).values()
        described = [f"{tool.name} {tool.description} {tool.input_schema}" for tool in tools]
        used = self.estimate_tokens("\n".join([SERVER_SYSTEM, *described]))
        margin = 16 + self._window_tokens // 50
        rest = self._window_tokens - self._answer_tokens - used - margin
        return max(0, rest - MESSAGE_OVERHEAD_TOKENS)

    async def list_models(self) -> list[KernelModelInfo]:
        """The server's models; empty without a server. Raises LLMError."""
        if not self._base_url:
            return []
        response, body = await self._whole("GET", "/models", "list models")
        if response.status != 200:
            raise self._failures.from_status(response.status, response.headers, body)
        try:
            entries = loads(body.decode("utf-8", "replace"))["data"]
            return [self._info(entry) for entry in entries]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._failures.not_a_stream(body[:200].decode("utf-8", "replace")) from None

    def parse_tool_calls(self, response: ChatResponse) -> list[ToolCall]:
        """The calls of the response."""
        return list(response.tool_calls or [])

    async def complete(self, request: ChatRequest, **kwargs: Any) -> ChatResponse:
        """Run one answer. Retries what may pass, until the first token has come.

        Raises LLMError types with ``error_data``. An interrupted answer is returned, with
        finish_reason "abort".
        """
        request_id = str(uuid.uuid4())
        started_s = ffi.monotonic_s()
        live = (request.metadata or {}).get("stream") is not False
        body = request_body(request, self._model or request.model or "", self.config)
        if not request.messages or request.messages[0].role != "system":
            body["messages"].insert(0, {"role": "system", "content": SERVER_SYSTEM})
        await self._emit(
            LLM_REQUEST,
            {
                "request_id": request_id,
                "provider": self.name,
                "model": body["model"],
                "message_count": len(body["messages"]),
            },
        )
        # Jitter would also shorten the time that a server names.
        config = RetryConfig(max_retries=int(self.config.get("max_retries", 3)), jitter=False)
        completion = Completion(StreamedAnswer(request_id, self._emit, live=live))

        try:
            reason = await self._stoppable(
                retry_with_backoff(
                    lambda: self._stream(body, completion), config, on_retry=self._retrying
                )
            )
        except LLMError as error:
            failed = {"type": type(error).__name__, "message": str(error)}
            await self._emit(LLM_STREAM_ABORTED, {"request_id": request_id, "error": failed})
            await self._report(request_id, body, completion, started_s, failed)
            raise
        await completion.answer.finish()
        calls, problems = completion.calls(_used_ids(body)) if reason != "abort" else ([], [])
        for problem in problems:
            await self._notice(
                "tool_call_invalid",
                f"The model tried to use a tool, but its call cannot be used ({problem}). "
                "Nothing was done.",
            )
        await self._report(request_id, body, completion, started_s, None)
        if reason == "length" and not calls:
            await self._notice("answer_cut", "The answer was cut at its limit of tokens.")
        return completion.response(calls, reason)

    async def on_cancel(self) -> None:
        """Close the running streams: the server notices and stops."""
        for task in list(self._running):
            task.cancel()

    # ------------------------------------------------------------ inside

    async def _stoppable(self, work: Any) -> str:
        """``work``'s reason, or "abort" when a stop cancelled it; the caller's own cancellation
        goes through."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._running.discard(task)
            task.cancel()
        return "abort" if task.cancelled() else task.result()

    async def _stream(self, body: dict[str, Any], completion: Completion) -> str:
        reader = EventReader()
        begun = False
        try:
            async with self._send("POST", "/chat/completions", "chat", body) as response:
                if response.status != 200:
                    raise self._failures.from_status(
                        response.status, response.headers, await _read(response)
                    )
                async for chunk in response.chunks():
                    for value in reader.feed(chunk):
                        begun = True
                        await self._take(value, completion)
                for value in reader.finish():
                    await self._take(value, completion)
        except TransportError as error:
            raise self._final(self._failures.from_transport(error, begun=begun), begun) from error
        except BadStreamError as error:
            raise self._failures.not_a_stream(str(error)) from error
        except LLMError as error:
            raise self._final(error, begun) from error
        if completion.finish_reason is None and not reader.done:
            raise self._final(self._failures.cut(), begun)
        return completion.finish_reason or "stop"

    async def _take(self, value: dict[str, Any], completion: Completion) -> None:
        if value.get("error"):
            raise self._failures.in_stream(value["error"])
        await completion.take(value)

    @staticmethod
    def _final(error: LLMError, begun: bool) -> LLMError:
        """After the first token a retry would say everything twice."""
        if begun:
            error.retryable = False
        return error

    def _send(
        self, method: str, path: str, purpose: str, body: dict[str, Any] | None = None
    ) -> Any:
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
                headers={"content-type": "application/json"} if body else {},
                key_name=self.config.get("key_name"),
                timeout_s=float(self.config.get("timeout_s", 120)),
            )
        )

    async def _whole(self, method: str, path: str, purpose: str) -> tuple[HttpResponse, bytes]:
        try:
            async with self._send(method, path, purpose) as response:
                return response, await _read(response, limit_bytes=4_000_000)
        except TransportError as error:
            raise self._failures.from_transport(error, begun=False) from error

    def _info(self, entry: dict[str, Any]) -> KernelModelInfo:
        window = self.config.get("context_window_tokens")
        for name in ("max_model_len", "context_length", "context_window", "n_ctx"):
            meta = entry.get("meta")
            found = entry.get(name) or (meta.get(name) if isinstance(meta, dict) else None)
            if isinstance(found, int) and found > 0:
                window = found
                break
        window = int(window or DEFAULT_CONTEXT_WINDOW_TOKENS)
        return KernelModelInfo(
            id=str(entry["id"]),
            display_name=str(entry.get("name") or entry["id"]),
            context_window=window,
            max_output_tokens=window // 4,
            capabilities=["tools", "streaming"],
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

    async def _report(
        self,
        request_id: str,
        body: dict[str, Any],
        completion: Completion,
        started_s: float,
        error: dict[str, str] | None,
    ) -> None:
        report: dict[str, Any] = {
            "request_id": request_id,
            "provider": self.name,
            "model": body["model"],
            "status": "error" if error else "ok",
            "duration_ms": round((ffi.monotonic_s() - started_s) * 1000),
        }
        if error:
            report["error"] = error
        if completion.usage:
            report["usage"] = completion.usage.model_dump(exclude_none=True)
        await self._emit(LLM_RESPONSE, report)

    async def _notice(self, code: str, message: str) -> None:
        await self._emit(NOTICE, {"code": code, "message": message})

    async def _emit(self, event: str, data: dict[str, Any]) -> Any:
        return await self._coordinator.hooks.emit(event, data)


async def _read(response: HttpResponse, limit_bytes: int = _ERROR_BODY_BYTES) -> bytes:
    body = b""
    async for chunk in response.chunks():
        body += chunk
        if len(body) >= limit_bytes:
            break
    return body[:limit_bytes]


def _used_ids(body: dict[str, Any]) -> frozenset[str]:
    """The ids of the calls that a request's body tells of."""
    calls = [call for message in body["messages"] for call in message.get("tool_calls") or ()]
    return frozenset(call["id"] for call in calls)
