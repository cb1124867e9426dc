"""A Transport over aiohttp. API keys come from environment variables of the key's name."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from sidelight.transport import HttpRequest, HttpResponse, TransportError


class _Response:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in response.headers.items()}

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except TimeoutError as error:
            raise TransportError("timeout", "the server sent nothing for too long") from error
        except aiohttp.ClientError as error:
            raise TransportError("broken", "the connection broke") from error


class AiohttpTransport:
    """One connection per request; closing the context closes it."""

    @asynccontextmanager
    async def send(self, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Open the response. Raises TransportError."""
        headers = dict(request.headers)
        if request.key_name:
            key = os.environ.get(request.key_name)
            if not key:
                reason = f"the environment variable {request.key_name} holds no API key"
                raise TransportError("refused", reason)
            bearer = request.key_header == "authorization"
            headers[request.key_header] = f"Bearer {key}" if bearer else key
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=request.timeout_s, sock_read=request.timeout_s
        )
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                response = await session.request(
                    request.method, request.url, data=request.body, headers=headers
                )
            except TimeoutError as error:
                raise TransportError("timeout", "the server did not answer in time") from error
            except aiohttp.InvalidURL as error:
                raise TransportError("refused", f"{error} is not an address") from error
            except aiohttp.ClientError as error:
                raise TransportError("unreachable", str(error)) from error
            try:
                yield _Response(response)
            finally:
                response.close()
