"""Runs a script in each realm of the extension: pages, workers, the sandbox and its worker."""

from __future__ import annotations

from typing import Any

from tests.support.watching import Target, TargetWatcher


class Realms(TargetWatcher):
    """Started before the extension's parts are: each is attached to when it begins."""

    domains = ("Runtime",)

    def heard(self, method: str, params: dict[str, Any], target: Target) -> None:
        """Nothing is kept."""

    def evaluate(self, part: str, expression: str) -> Any:
        """The value of an expression, awaited, in the newest target whose address has ``part``."""
        session = self._session(part)
        arguments = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        told = self._client.send("Runtime.evaluate", arguments, session, timeout_s=60)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"]))
        return told["result"].get("value")

    def _session(self, part: str) -> str:
        with self._lock:
            sessions = list(self._targets.items())
        for session, target in reversed(sessions):
            early = target.type == "page" or not target.url
            if part in target.url or (early and part in self._address(session)):
                return session
        raise LookupError(f"no target with {part} in {sorted(self.target_urls)}")

    def _address(self, session: str) -> str:
        """A page is attached to before it knows where it goes."""
        arguments = {"expression": "location.href", "returnByValue": True}
        try:
            told = self._client.send("Runtime.evaluate", arguments, session, timeout_s=3)
        except (RuntimeError, TimeoutError):
            return ""
        return str(told["result"].get("value"))
