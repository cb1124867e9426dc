"""What every page and worker writes to its console."""

from __future__ import annotations

import json
from typing import Any

from tests.support.watching import Target, TargetWatcher


class ConsoleRecorder(TargetWatcher):
    """Console calls, uncaught exceptions and the browser's own log entries of every target."""

    domains = ("Runtime", "Log")

    def __init__(self, websocket_url: str) -> None:
        self._entries: list[str] = []
        super().__init__(websocket_url)

    @property
    def text(self) -> str:
        """All that was written so far: lines of the target's type and the entry as JSON."""
        with self._lock:
            return "\n".join(self._entries)

    def heard(self, method: str, params: dict[str, Any], target: Target) -> None:
        """Keep what is written."""
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self._entries.append(f"{target.type} {json.dumps(params, ensure_ascii=False)}")
