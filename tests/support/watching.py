"""Hears DevTools events of every target there is and will be, workers of workers included."""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from tests.support.cdp import CdpClient

_AUTO_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


@dataclass(frozen=True)
class Target:
    """What spoke: page, service_worker, worker, background_page ...; its address as first seen."""

    type: str
    url: str


class TargetWatcher(ABC):
    """Attaches to all targets and enables some domains on each; ``heard`` gets their events.

    New targets wait until they are watched, so that their first event is not missed.
    """

    domains: tuple[str, ...] = ()

    def __init__(self, websocket_url: str) -> None:
        self._lock = threading.Lock()
        self._targets: dict[str, Target] = {}
        self._client = CdpClient(websocket_url, self._on_event)
        self._client.send("Target.setAutoAttach", _AUTO_ATTACH)

    @abstractmethod
    def heard(self, method: str, params: dict[str, Any], target: Target) -> None:
        """One event of a target, in the client's own thread, with the lock held."""

    @property
    def target_types(self) -> set[str]:
        """Kinds of targets that were watched."""
        with self._lock:
            return {target.type for target in self._targets.values()}

    @property
    def target_urls(self) -> set[str]:
        """Addresses of the targets that were watched, as first seen."""
        with self._lock:
            return {target.url for target in self._targets.values()}

    def stop(self) -> None:
        """Stop watching; what was heard stays, and what is on its way is waited for."""
        with contextlib.suppress(RuntimeError, TimeoutError, OSError):  # it may be gone already
            self._client.send("Target.getTargets", timeout_s=10)  # answers come in order
        self._client.close()

    def _on_event(self, method: str, params: dict[str, Any], session_id: str | None) -> None:
        if method == "Target.attachedToTarget":
            session, info = params["sessionId"], params["targetInfo"]
            with self._lock:
                self._targets[session] = Target(info["type"], info["url"])
            for domain in self.domains:
                self._client.post(f"{domain}.enable", {}, session)
            self._client.post("Target.setAutoAttach", _AUTO_ATTACH, session)
            self._client.post("Runtime.runIfWaitingForDebugger", {}, session)
            return
        with self._lock:
            target = self._targets.get(session_id or "", Target("browser", ""))
            self.heard(method, params, target)
