"""Requests to the offscreen document and their replies, matched by id."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sidelight import ffi
from sidelight.contract import PROTOCOL_VERSION, Model, Reply
from sidelight.errors import BadMessageError, HostTimeoutError, RemoteError

T = TypeVar("T", bound=BaseModel)


class Host:
    """The offscreen document as seen from Python; ``post`` takes one JSON frame."""

    def __init__(self, post: Callable[[str], None]) -> None:
        self._post = post
        self._waiting: dict[str, asyncio.Future[Reply]] = {}

    def notify(self, body: Model) -> None:
        """Send a message that gets no reply."""
        self._send({"v": PROTOCOL_VERSION, "body": body.model_dump(mode="json")})

    async def request(self, body: Model, result: type[T], *, timeout_s: float) -> T:
        """Send ``body`` and return the validated result.

        Raises RemoteError (the other side's error), HostTimeoutError, BadMessageError.
        """
        request_id = ffi.new_id("py")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        try:
            frame = {
                "v": PROTOCOL_VERSION,
                "id": request_id,
                "body": body.model_dump(mode="json"),
            }
            self._send(frame)
            reply = await asyncio.wait_for(future, timeout_s)
        except TimeoutError:
            kind = getattr(body, "type", type(body).__name__)
            raise HostTimeoutError(
                f"The extension did not answer {kind} within {timeout_s:.0f} seconds."
            ) from None
        finally:
            self._waiting.pop(request_id, None)
        if not reply.ok:
            if reply.error is None:
                raise BadMessageError("An error reply came without an error.")
            raise RemoteError(reply.error)
        try:
            return result.model_validate(reply.result or {})
        except ValidationError as error:
            raise BadMessageError(f"A reply does not match {result.__name__}: {error}") from error

    def on_reply(self, reply: Reply) -> bool:
        """Hand a reply to its request. False when nobody waits for it (any more)."""
        future = self._waiting.get(reply.reply_to)
        if future is None or future.done():
            return False
        future.set_result(reply)
        return True

    def reply(self, request_id: str, result: Model) -> None:
        """Answer a request with its result."""
        reply = Reply(
            v=PROTOCOL_VERSION,
            reply_to=request_id,
            ok=True,
            result=result.model_dump(mode="json"),
        )
        self._send(reply.model_dump(mode="json", exclude={"error"}))

    def reply_error(self, request_id: str, error: RemoteError | BadMessageError | Model) -> None:
        """Answer a request with an error as data."""
        data = error if isinstance(error, Model) else error.data
        self._send(
            {
                "v": PROTOCOL_VERSION,
                "reply_to": request_id,
                "ok": False,
                "error": data.model_dump(mode="json"),
            }
        )

    def _send(self, frame: dict[str, object]) -> None:
        self._post(json.dumps(frame, ensure_ascii=False))
