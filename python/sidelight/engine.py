"""The WebLLM engine as seen from Python: one call is a stream of deltas with exactly one end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from sidelight import ffi
from sidelight.contract import (
    ChatMessage,
    EngineCount,
    EngineCounted,
    EngineDelta,
    EngineDone,
    EngineFailed,
    EngineGenerate,
    EngineInterrupt,
    GenerateOptions,
    Model,
)
from sidelight.errors import RemoteError

EngineMessage = EngineDelta | EngineDone | EngineCounted | EngineFailed
_CallMessage = EngineDelta | EngineDone | EngineFailed


class EngineCall:
    """One running model call. Iterate it for deltas; afterwards ``done`` holds the end.

    ``done`` stays None when the call was abandoned after an interrupt.
    """

    def __init__(self, call_id: str, post: Callable[[Model], None]) -> None:
        self.call_id = call_id
        self.done: EngineDone | None = None
        self.interrupted = False
        self._post = post
        self._queue: asyncio.Queue[_CallMessage | None] = asyncio.Queue()

    def push(self, message: _CallMessage) -> None:
        """Take a message of this call from the engine."""
        self._queue.put_nowait(message)

    def interrupt(self) -> None:
        """Ask the engine to stop; safe to repeat and after the end."""
        if self.interrupted or self.done is not None:
            return
        self.interrupted = True
        self._post(EngineInterrupt(type="engine.interrupt", call_id=self.call_id))

    def abandon(self) -> None:
        """End the iteration now, whatever the engine still does."""
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[EngineDelta]:
        while True:
            message = await self._queue.get()
            if message is None:
                return
            if isinstance(message, EngineFailed):
                raise RemoteError(message.error)
            if isinstance(message, EngineDone):
                self.done = message
                return
            yield message


class Engine:
    """Starts calls and routes what the engine sends to them; ``post`` takes one JSON message."""

    def __init__(self, post: Callable[[str], None]) -> None:
        self._post_text = post
        self._calls: dict[str, EngineCall] = {}
        self._counts: dict[str, asyncio.Future[int]] = {}

    def generate(
        self, model_id: str, messages: list[ChatMessage], options: GenerateOptions
    ) -> EngineCall:
        """Send one model call; it runs when the engine is free."""
        call = EngineCall(ffi.new_id("gen"), self._post)
        self._calls[call.call_id] = call
        self._post(
            EngineGenerate(
                type="engine.generate",
                call_id=call.call_id,
                model_id=model_id,
                messages=messages,
                options=options,
            )
        )
        return call

    async def count(self, model_id: str, messages: list[ChatMessage]) -> int:
        """Tokens of a prompt by the model's own tokenizer. Raises RemoteError."""
        call_id = ffi.new_id("count")
        counted: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._counts[call_id] = counted
        try:
            self._post(
                EngineCount(
                    type="engine.count", call_id=call_id, model_id=model_id, messages=messages
                )
            )
            return await counted
        finally:
            del self._counts[call_id]

    def on_message(self, message: EngineMessage) -> None:
        """Route one engine message; late messages of forgotten calls are dropped."""
        if (counted := self._counts.get(message.call_id)) and not counted.done():
            if isinstance(message, EngineCounted):
                counted.set_result(message.tokens)
            elif isinstance(message, EngineFailed):
                counted.set_exception(RemoteError(message.error))
        elif isinstance(message, EngineCounted):
            return
        elif call := self._calls.get(message.call_id):
            call.push(message)

    def forget(self, call: EngineCall) -> None:
        """The call is over; interrupt it when the engine still works on it."""
        call.interrupt()
        self._calls.pop(call.call_id, None)

    def _post(self, message: Model) -> None:
        self._post_text(message.model_dump_json())
