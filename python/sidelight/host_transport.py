"""The Transport inside the extension: the offscreen document's network module sends.

It checks the user's level, adds the key, counts the bytes and writes the ledger; Python has no
other way out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import ValidationError

from sidelight import ffi
from sidelight.contract import (
    Ack,
    ErrorData,
    HttpCancel,
    HttpChunk,
    HttpEnd,
    HttpHead,
    HttpSend,
)
from sidelight.errors import HostTimeoutError, RemoteError, SidelightError
from sidelight.host import Host
from sidelight.transport import HttpRequest, HttpResponse, Transport, TransportError

#: how much longer than the request's own limit we wait for the network module, which keeps it
GRACE_S = 10.0
CANCEL_TIMEOUT_S = 10.0

_REASONS = {
    "network_refused": "refused",
    "network_unreachable": "unreachable",
    "network_timeout": "timeout",
    "network_broken": "broken",
    "network_cancelled": "broken",
}


class _Response:
    """A head, and a queue that the body's pieces come in by."""

    def __init__(self, timeout_s: float) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.over = False
        self._timeout_s = timeout_s
        self._pieces: asyncio.Queue[str | HttpEnd] = asyncio.Queue()

    def take(self, message: HttpChunk | HttpEnd) -> None:
        """A piece, or the end, after which nothing counts."""
        if self.over:
            return
        self.over = isinstance(message, HttpEnd)
        self._pieces.put_nowait(message if isinstance(message, HttpEnd) else message.text)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises TransportError when it breaks off."""
        while True:
            try:
                piece = await asyncio.wait_for(self._pieces.get(), self._timeout_s)
            except TimeoutError:
                raise TransportError("timeout", "the server sent nothing for too long") from None
            if isinstance(piece, str):
                yield piece.encode("utf-8", "replace")
                continue
            # Whoever reads on gets the same end.
            self._pieces.put_nowait(piece)
            if piece.error:
                raise _failure(piece.error, "broken")
            return


class HostTransport:
    """Requests of all conversations; ``bound_to`` gives one conversation its Transport."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._open: dict[str, _Response] = {}

    def bound_to(self, conversation_id: str) -> Transport:
        """The Transport of a conversation: the ledger names who asked."""
        return _BoundTransport(self, conversation_id)

    def on_message(self, message: HttpChunk | HttpEnd) -> None:
        """A piece or the end of a body; dropped when nobody waits for it (any more)."""
        if response := self._open.get(message.request_id):
            response.take(message)

    @asynccontextmanager
    async def send(self, conversation_id: str, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Open the response. Raises TransportError. Leaving early cancels the request."""
        message = _message(conversation_id, request)
        wait_s = request.timeout_s + GRACE_S
        # Before the request goes out: pieces may be here before the head is looked at.
        response = self._open[message.request_id] = _Response(wait_s)
        try:
            head = await self._head(message, wait_s, response)
            response.status, response.headers = head.status, head.headers
            yield response
        finally:
            del self._open[message.request_id]
            if not response.over:
                ffi.create_task(self._cancel(message.request_id), "cancel a network request")

    async def _head(self, message: HttpSend, wait_s: float, response: _Response) -> HttpHead:
        try:
            return await self._host.request(message, HttpHead, timeout_s=wait_s)
        except HostTimeoutError as error:
            raise TransportError("timeout", "no answer in time") from error
        except RemoteError as error:
            response.over = True
            otherwise = "unreachable" if error.data.retryable else "refused"
            raise _failure(error.data, otherwise) from error
        except SidelightError as error:
            raise TransportError("broken", str(error)) from error

    async def _cancel(self, request_id: str) -> None:
        message = HttpCancel(type="offscreen.http_cancel", request_id=request_id)
        try:
            await self._host.request(message, Ack, timeout_s=CANCEL_TIMEOUT_S)
        except SidelightError:
            # It was over there already, or nobody is there: nothing is left to cancel.
            return


class _BoundTransport:
    """Implements Transport for one conversation."""

    def __init__(self, transport: HostTransport, conversation_id: str) -> None:
        self._transport = transport
        self._conversation_id = conversation_id

    @asynccontextmanager
    async def send(self, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Open the response. Raises TransportError."""
        async with self._transport.send(self._conversation_id, request) as response:
            yield response


def _message(conversation_id: str, request: HttpRequest) -> HttpSend:
    """The request as data. Raises TransportError for one that cannot be sent."""
    try:
        return HttpSend.model_validate(
            {
                "type": "offscreen.http_send",
                "request_id": ffi.new_id("http"),
                "conversation_id": conversation_id,
                "method": request.method,
                "url": request.url,
                "purpose": request.purpose,
                "headers": dict(request.headers),
                "body": None if request.body is None else request.body.decode(),
                "key_name": request.key_name,
                "timeout_s": request.timeout_s,
            }
        )
    except ValidationError as error:
        what = ", ".join(str(item["loc"][0]) for item in error.errors() if item["loc"])
        raise TransportError("refused", f"the request cannot be sent ({what})") from error
    except UnicodeDecodeError as error:
        raise TransportError("refused", "the request's body is not UTF-8 text") from error


def _failure(data: ErrorData, otherwise: str) -> TransportError:
    return TransportError(_REASONS.get(data.code, otherwise), data.message, data.hint)
