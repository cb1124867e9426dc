"""The door of the Python worker: parse, do, dump. JSON strings in and out, never proxies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sidelight import ffi
from sidelight.builtin import Builtin
from sidelight.contract import (
    Ack,
    BuiltinChunk,
    BuiltinEnd,
    EngineToPython,
    Frame,
    HttpChunk,
    HttpEnd,
    Model,
    PythonCancelTurn,
    PythonCloseConversation,
    PythonRunTurn,
    Reply,
    ToPython,
)
from sidelight.engine import Engine
from sidelight.errors import BadMessageError, SidelightError, to_error_data
from sidelight.host import Host
from sidelight.host_transport import HostTransport
from sidelight.jsontext import loads
from sidelight.sessions import Sessions

logger = logging.getLogger("sidelight")

_REQUESTS: TypeAdapter[Any] = TypeAdapter(ToPython)
_ENGINE: TypeAdapter[Any] = TypeAdapter(EngineToPython)
_MAX_SHOWN = 3


class Bridge:
    """One worker's connection to the offscreen document and to the engine."""

    def __init__(
        self, post_to_host: Callable[[str], None], post_to_engine: Callable[[str], None]
    ) -> None:
        self.host = Host(post_to_host)
        self.engine = Engine(post_to_engine)
        self.transport = HostTransport(self.host)
        self.builtin = Builtin(self.host)
        self.sessions = Sessions(
            self.host, self.engine, transport=self.transport.bound_to, builtin=self.builtin
        )

    def on_host(self, text: str) -> None:
        """Take one frame. A request always gets its reply; nothing is raised to the caller."""
        request_id: str | None = None
        try:
            value = _load(text)
            request_id = _id_of(value)
            if "reply_to" in value:
                self.host.on_reply(Reply.model_validate(value))
                return
            frame = Frame.model_validate(value)
            body = _REQUESTS.validate_python(frame.body)
            if isinstance(body, HttpChunk | HttpEnd | BuiltinChunk | BuiltinEnd):
                if frame.id is not None:
                    raise BadMessageError(f"{body.type} has no id, as it gets no reply.")
                if isinstance(body, HttpChunk | HttpEnd):
                    self.transport.on_message(body)
                else:
                    self.builtin.on_message(body)
                return
            if frame.id is None:
                raise BadMessageError(f"{body.type} needs an id, as it is a request.")
            self._take(frame.id, body)
        except (SidelightError, ValidationError) as error:
            self._refuse(request_id, error)
        except Exception as error:
            logger.exception("A frame could not be handled")
            self._refuse(request_id, error)

    def on_engine(self, text: str) -> None:
        """Take one message of the engine worker."""
        try:
            self.engine.on_message(_ENGINE.validate_python(loads(text)))
        except ValidationError as error:
            logger.error("The engine sent a message outside the contract: %s", _brief(error))
        except (ValueError, TypeError) as error:
            logger.error("The engine sent something that is not JSON: %s", error)
        except Exception:
            logger.exception("A message of the engine could not be handled")

    def _take(self, request_id: str, body: Model) -> None:
        if isinstance(body, PythonRunTurn):
            self.sessions.start_turn(body)
            self.host.reply(request_id, Ack(done=True))
        else:
            ffi.create_task(self._later(request_id, body), f"request {request_id}")

    async def _later(self, request_id: str, body: Model) -> None:
        try:
            done = False
            if isinstance(body, PythonCancelTurn):
                done = await self.sessions.cancel_turn(body.turn_id, immediate=body.immediate)
            elif isinstance(body, PythonCloseConversation):
                done = await self.sessions.close_conversation(body.conversation_id)
            self.host.reply(request_id, Ack(done=done))
        except Exception as error:
            logger.exception("A request failed")
            self._refuse(request_id, error)

    def _refuse(self, request_id: str | None, error: Exception) -> None:
        if isinstance(error, ValidationError):
            error = BadMessageError(f"The message does not match the contract: {_brief(error)}")
        if request_id is None:
            logger.error("A frame was refused: %s", error)
        else:
            self.host.reply_error(request_id, to_error_data(error))


def _load(text: str) -> dict[str, Any]:
    try:
        value = loads(text)
    except (ValueError, TypeError) as error:
        raise BadMessageError(f"A frame is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadMessageError("A frame is not an object.")
    return value


def _id_of(value: dict[str, Any]) -> str | None:
    request_id = value.get("id")
    return request_id if isinstance(request_id, str) and 0 < len(request_id) <= 80 else None


def _brief(error: ValidationError) -> str:
    parts = [
        f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:_MAX_SHOWN]
    ]
    return "; ".join(parts)


_bridge: Bridge | None = None


def start(post_to_host: Callable[[str], None], post_to_engine: Callable[[str], None]) -> None:
    """Connect; each argument takes one JSON string."""
    global _bridge
    ffi.reseed()
    _bridge = Bridge(post_to_host, post_to_engine)


def on_host(text: str) -> None:
    """A frame from the offscreen document."""
    if _bridge is not None:
        _bridge.on_host(text)


def on_engine(text: str) -> None:
    """A message from the engine worker."""
    if _bridge is not None:
        _bridge.on_engine(text)
