"""Chromium over the DevTools protocol, for machines without Playwright; needs aiohttp alone."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

START_S = 40


class PageError(Exception):
    """The page threw, or did not answer in time; the text says what it told."""


class Browser:
    """One Chromium with one page; `evaluate` runs an expression and awaits its promise."""

    def __init__(self, executable: str, flags: list[str], url: str) -> None:
        self._executable, self._flags, self._url = executable, flags, url
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._last = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            self._executable,
            *self._flags,
            "--remote-debugging-port=0",
            f"--user-data-dir={self._folder.name}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        told = Path(self._folder.name) / "DevToolsActivePort"
        end = time.monotonic() + START_S
        while not told.is_file() or len(told.read_text().split()) < 2:
            if time.monotonic() > end or self._process.returncode is not None:
                raise PageError(f"Chromium did not start within {START_S} s")
            await asyncio.sleep(0.1)
        port = told.read_text().split()[0]
        self._session = aiohttp.ClientSession()
        new = f"http://127.0.0.1:{port}/json/new?{self._url}"
        async with self._session.put(new) as response:
            target = json.loads(await response.text())
        self._socket = await self._session.ws_connect(
            target["webSocketDebuggerUrl"], max_msg_size=0
        )
        await self._call("Runtime.enable", {}, 20)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
        self._folder.cleanup()

    async def _call(self, method: str, params: dict[str, Any], timeout_s: float) -> Any:
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": params})
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self._socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise PageError(f"{method}: the page is gone")
                told = json.loads(message.data)
                if told.get("method") == "Runtime.consoleAPICalled":
                    if told["params"]["type"] in ("error", "warning"):
                        said = [
                            str(a.get("value", a.get("description")))
                            for a in told["params"]["args"]
                        ]
                        print("  page:", " ".join(said)[:1500], flush=True)
                if told.get("id") == self._last:
                    if "error" in told:
                        raise PageError(f"{method}: {told['error']}")
                    return told["result"]

    async def evaluate(self, expression: str, timeout_s: float) -> Any:
        """The value of an expression, its promise awaited; raises PageError, TimeoutError."""
        result = await self._call(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
            timeout_s,
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", str(details))[:3000])
        return result["result"].get("value")

    async def call(self, function: str, argument: Any, timeout_s: float) -> Any:
        """`device.FUNCTION(argument)`."""
        return await self.evaluate(f"device.{function}({json.dumps(argument)})", timeout_s)
