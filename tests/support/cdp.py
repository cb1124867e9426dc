"""A small DevTools-protocol client in a thread of its own, beside whatever drives the browser."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.support.limits import WAIT_S

Handler = Callable[[str, dict[str, Any], str | None], None]


class CdpClient:
    """Talks to one browser endpoint. Events arrive in the client's own thread.

    ``on_event(method, params, session_id)`` may call ``post`` (no waiting) but not ``send``.
    """

    def __init__(self, websocket_url: str, on_event: Handler | None = None) -> None:
        self._url = websocket_url
        self._on_event = on_event or (lambda *_: None)
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loop = asyncio.new_event_loop()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="cdp", daemon=True)
        self._thread.start()
        if not self._connected.wait(WAIT_S) or self._error:
            raise ConnectionError(f"no DevTools connection to {websocket_url}: {self._error}")

    def send(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        session_id: str | None = None,
        timeout_s: float = WAIT_S,
    ) -> dict[str, Any]:
        """Send and wait for the result. Raises RuntimeError with the protocol's error text."""
        call = self._call(method, params or {}, session_id)
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(timeout_s)

    def post(
        self, method: str, params: dict[str, Any] | None = None, session_id: str | None = None
    ) -> None:
        """Send without waiting; only from ``on_event``. Commands of a session keep their order."""
        assert self._socket is not None
        frame = self._frame(next(self._ids), method, params or {}, session_id)
        task = self._loop.create_task(self._socket.send_str(frame))
        self._tasks.add(task)
        task.add_done_callback(self._sent)

    def close(self) -> None:
        """Hang up and end the thread."""
        if self._loop.is_running() and self._socket is not None:
            asyncio.run_coroutine_threadsafe(self._socket.close(), self._loop)
        self._thread.join(5)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a browser that went away is seen by the reader

    @staticmethod
    def _frame(number: int, method: str, params: dict[str, Any], session_id: str | None) -> str:
        frame: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session_id:
            frame["sessionId"] = session_id
        return json.dumps(frame)

    async def _call(
        self, method: str, params: dict[str, Any], session_id: str | None
    ) -> dict[str, Any]:
        assert self._socket is not None
        number = next(self._ids)
        answer = self._waiting[number] = self._loop.create_future()
        await self._socket.send_str(self._frame(number, method, params, session_id))
        message = await answer
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error'].get('message')}")
        result: dict[str, Any] = message["result"]
        return result

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._read())
        except BaseException as error:
            self._error = error
        finally:
            self._connected.set()
            self._loop.close()

    async def _read(self) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(self._url, max_msg_size=0, autoping=True) as socket,
        ):
            self._socket = socket
            self._connected.set()
            async for message in socket:
                if message.type != aiohttp.WSMsgType.TEXT:
                    break
                self._take(json.loads(message.data))
        for future in self._waiting.values():
            if not future.done():
                future.set_result({"error": {"message": "the browser went away"}})

    def _take(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if number is None:
            self._on_event(message["method"], message.get("params", {}), message.get("sessionId"))
        elif number in self._waiting:
            self._waiting.pop(number).set_result(message)
