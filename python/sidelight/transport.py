"""How providers and tools reach a server: through whoever owns the network, never by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

#: capability name on the coordinator: a Transport
TRANSPORT = "sidelight.transport"


@dataclass(frozen=True)
class HttpRequest:
    """One request. ``key_name`` names a stored API key; the transport adds it, so that no secret
    is ever in Python, as a bearer token or in ``x-api-key``. ``timeout_s`` limits the wait for the
    first byte and between bytes."""

    method: str
    url: str
    purpose: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key_name: str | None = None
    key_header: Literal["authorization", "x-api-key"] = "authorization"
    timeout_s: float = 120.0


class HttpResponse(Protocol):
    """A response whose body streams. ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises TransportError when it breaks off."""
        ...


class Transport(Protocol):
    """Sends requests. Leaving the context closes the connection, whatever is still to come."""

    def send(self, request: HttpRequest) -> AbstractAsyncContextManager[HttpResponse]:
        """Open the response. Raises TransportError without one."""
        ...


class TransportError(Exception):
    """No response, or half of one. ``reason`` is ``unreachable``, ``refused`` (by the user's
    settings), ``timeout`` or ``broken``; ``hint`` is what the user can do, when that is known."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint
