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
        with self._lock:
            found = [session for session, target in self._targets.items() if part in target.url]
        if not found:
            raise LookupError(f"no target with {part} in {sorted(self.target_urls)}")
        arguments = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        told = self._client.send("Runtime.evaluate", arguments, found[-1], timeout_s=60)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"]))
        return told["result"].get("value")
