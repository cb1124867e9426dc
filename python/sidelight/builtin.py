"""The browser's own model as seen from Python: one call is a stream of texts with one end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from sidelight import ffi
from sidelight.contract import (
    Ack,
    BuiltinCancel,
    BuiltinChunk,
    BuiltinEnd,
    BuiltinGenerate,
    BuiltinUsage,
    ChatMessage,
)
from sidelight.errors import HostTimeoutError, RemoteError, SidelightError
from sidelight.host import Host

#: capability name on the coordinator: a Builtin
BUILTIN = "sidelight.builtin"
START_TIMEOUT_S = 30.0
#: the first text may need the whole model to be loaded by the browser
SILENCE_TIMEOUT_S = 180.0
CANCEL_TIMEOUT_S = 10.0


class Builtin:
    """Starts calls and routes what the offscreen document sends to them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._open: dict[str, asyncio.Queue[BuiltinChunk | BuiltinEnd]] = {}
        #: of the call that ended last
        self.usage: BuiltinUsage | None = None

    def on_message(self, message: BuiltinChunk | BuiltinEnd) -> None:
        """A piece or the end of an answer; dropped when nobody waits for it (any more)."""
        if queue := self._open.get(message.request_id):
            queue.put_nowait(message)

    async def generate(
        self,
        conversation_id: str,
        messages: list[ChatMessage],
        temperature: float | None = None,
        schema: dict[str, Any] | None = None,
    ) -> AsyncGenerator[str, None]:
        """The answer as it comes. Raises SidelightError. Leaving early stops the model."""
        request = BuiltinGenerate(
            type="offscreen.builtin_generate",
            request_id=ffi.new_id("own"),
            conversation_id=conversation_id,
            messages=messages,
            temperature=temperature,
            answer_schema=schema,
        )
        self.usage = None
        # Before the request goes out: pieces may be here before its reply is looked at.
        queue = self._open[request.request_id] = asyncio.Queue()
        over = False
        try:
            await self._host.request(request, Ack, timeout_s=START_TIMEOUT_S)
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), SILENCE_TIMEOUT_S)
                except TimeoutError:
                    raise HostTimeoutError(
                        "The browser's own model was silent for too long."
                    ) from None
                if isinstance(message, BuiltinChunk):
                    yield message.text
                    continue
                over = True
                if message.error:
                    raise RemoteError(message.error)
                self.usage = message.usage
                return
        finally:
            del self._open[request.request_id]
            if not over:
                ffi.create_task(self._cancel(request.request_id), "stop the browser's own model")

    async def _cancel(self, request_id: str) -> None:
        message = BuiltinCancel(type="offscreen.builtin_cancel", request_id=request_id)
        try:
            await self._host.request(message, Ack, timeout_s=CANCEL_TIMEOUT_S)
        except SidelightError:
            # It was over there already, or nobody is there: nothing is left to stop.
            return
