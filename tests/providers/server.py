"""A real HTTP server with scripted answers, for providers that speak to servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

Script = Callable[[web.Request], Any]


def event(**delta: Any) -> bytes:
    """One chunk of a stream."""
    finish = delta.pop("finish_reason", None)
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


def usage(read: int, written: int, **more: Any) -> bytes:
    """The last chunk, without choices."""
    value = {"prompt_tokens": read, "completion_tokens": written, **more}
    return b"data: " + json.dumps({"choices": [], "usage": value}).encode() + b"\n\n"


END = b"data: [DONE]\n\n"


@dataclass
class Server:
    """Plays one script per request, the last one for ever; keeps what it was sent."""

    scripts: list[Script]
    base_url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        """As the user knows the server."""
        return urlsplit(self.base_url).netloc

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.bodies.append(json.loads(text) if text else {})
        self.headers.append(dict(request.headers))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            return await script(request)
        except (asyncio.CancelledError, ConnectionError):
            self.closed.set()
            raise


def stream(*chunks: bytes | float, cut: bool = False, status: int = 200) -> Script:
    """Send chunks; a number waits that many seconds. ``cut`` drops the connection at the end."""

    async def play(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"content-type": "text/event-stream"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for chunk in chunks:
            if isinstance(chunk, float):
                await asyncio.sleep(chunk)
            else:
                await response.write(chunk)
        if cut and request.transport:
            request.transport.abort()
        return response

    return play


def reply(status: int, body: Any, **headers: str) -> Script:
    """Send a whole body: JSON for an object, else the text as it is."""

    async def play(request: web.Request) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/html" if isinstance(body, str) else "application/json"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, content_type=kind, headers=named)

    return play


@asynccontextmanager
async def serving(*scripts: Script) -> AsyncIterator[Server]:
    """A server on a free port of this machine."""
    server = Server(list(scripts))
    app = web.Application()
    app.router.add_route("*", "/v1/{rest:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
