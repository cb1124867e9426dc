"""What every page and worker writes to its console."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.support.cdp import CdpClient

_AUTO_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


class ConsoleRecorder:
    """Console calls, uncaught exceptions and the browser's own log entries of every target."""

    def __init__(self, websocket_url: str) -> None:
        self._lock = threading.Lock()
        self._entries: list[str] = []
        self._targets: dict[str, dict[str, Any]] = {}
        self._client = CdpClient(websocket_url, self._on_event)
        self._client.send("Target.setAutoAttach", _AUTO_ATTACH)

    @property
    def text(self) -> str:
        """All that was written so far: lines of the target's type and the entry as JSON."""
        with self._lock:
            return "\n".join(self._entries)

    @property
    def target_urls(self) -> set[str]:
        """Addresses of the targets that were heard, as first seen."""
        with self._lock:
            return {target["url"] for target in self._targets.values()}

    def stop(self) -> None:
        """Stop listening; what was heard stays."""
        self._client.close()

    def _on_event(self, method: str, params: dict[str, Any], session_id: str | None) -> None:
        if method == "Target.attachedToTarget":
            session = params["sessionId"]
            with self._lock:
                self._targets[session] = params["targetInfo"]
            self._client.post("Runtime.enable", {}, session)
            self._client.post("Log.enable", {}, session)
            self._client.post("Target.setAutoAttach", _AUTO_ATTACH, session)
            self._client.post("Runtime.runIfWaitingForDebugger", {}, session)
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            with self._lock:
                kind = self._targets.get(session_id or "", {"type": "browser"})["type"]
                self._entries.append(f"{kind} {json.dumps(params, ensure_ascii=False)}")
