"""An event loop that needs no sockets, for pytest inside Pyodide.

Pyodide's own loop cannot be run to completion from synchronous code without stack switching.
This one can: it only ever waits for timers. Awaiting a JavaScript promise in it never ends.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any


class _NoFiles:
    """Stands in for a selector: nothing is ever ready, waiting is sleeping."""

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("the test waits for something that can never happen")
        time.sleep(max(timeout, 0))
        return []

    def close(self) -> None:
        """Nothing to close."""


class BlockingLoop(asyncio.BaseEventLoop):
    """A loop for timers and tasks."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _NoFiles()

    def _process_events(self, event_list: list[Any]) -> None:
        """No files, no events."""

    def _write_to_self(self) -> None:
        """No other thread can wake this loop."""
