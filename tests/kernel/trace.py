"""What a scenario leaves behind, in a form in which two engines can be compared."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_ADDRESS = re.compile(r"0x[0-9a-f]+")

#: Texts that only say where in some JSON text the parser stopped; see decision 0010.
_PARSER_TEXT = re.compile(
    r"^(Invalid (?:config )?JSON: |failed to parse amplifier.toml at ).*", re.S
)
#: Python words wrong arguments and read-only attributes in its own way; see decision 0010.
_OWN_WORDING = (TypeError, AttributeError, OverflowError, UnicodeEncodeError)
_LOGGERS = ("_engine", "amplifier_core.hooks", "amplifier_core._session_init")


PATIENCE_S = 8.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`, since the native engine's threads may be slow to begin; then go on."""
    end_s = time.monotonic() + PATIENCE_S
    # Polling: conditions become true on threads that know of no asyncio.Event.
    while not condition() and time.monotonic() < end_s:  # noqa: ASYNC110
        await asyncio.sleep(0.002)


class Trace:
    """Collects steps. Ids are numbered in order of first appearance, times blanked."""

    def __init__(self) -> None:
        self.steps: list[Any] = []
        self._ids: dict[str, str] = {}

    def add(self, *items: Any) -> None:
        """Note one step."""
        self.steps.append([self.plain(item) for item in items])

    def count(self, label: str) -> int:
        """Return how many steps begin with `label`."""
        return sum(step[0] == label for step in self.steps)

    async def saw(self, label: str, times: int = 1) -> None:
        """Wait until that many steps begin with `label`; give up after a while."""
        await until(lambda: self.count(label) >= times)

    def plain(self, value: Any) -> Any:
        """Return `value` as comparable JSON."""
        if value is None or isinstance(value, (bool, int)):
            return value if abs(value or 0) < 2**64 else f"int {value}"
        if isinstance(value, float):
            return repr(value)
        if type(value) is str:
            return self._text(value)
        if isinstance(value, str):
            return [f"a {type(value).__name__}", self._text(str.__str__(value))]
        if isinstance(value, BaseException):
            return self._error(value)
        if isinstance(value, type):
            return f"<type {value.__name__}>"
        if hasattr(value, "model_dump"):
            return {"model": type(value).__name__, **self._mapping(value.model_dump())}
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            kind = [] if isinstance(value, list) else ["tuple"]
            return kind + [self.plain(item) for item in value]
        if isinstance(value, (set, frozenset)):
            return ["set", *sorted(str(self.plain(item)) for item in value)]
        return f"<{_bare_name(type(value))}>"

    def _mapping(self, value: dict[Any, Any]) -> dict[str, Any]:
        return {str(self.plain(key)): self.plain(item) for key, item in value.items()}

    def _text(self, text: str) -> str:
        text = _UUID.sub(lambda found: self._id(found[0]), text)
        text = _ADDRESS.sub("0x", _TIME.sub("<time>", text))
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    def _id(self, text: str) -> str:
        return self._ids.setdefault(text, f"<id {len(self._ids) + 1}>")

    def _error(self, error: BaseException) -> list[str]:
        kind = type(error).__name__
        if kind == "PanicException":
            return ["error", "ValueError"]
        if isinstance(error, _OWN_WORDING):
            return ["error", kind]
        try:
            text = self._text(str(error))
        except Exception:
            return ["error", kind, "no text"]
        if text.startswith("timeout must be a finite number"):
            return ["error", "ValueError"]
        return ["error", kind, _PARSER_TEXT.sub(r"\1...", text)]

    async def call(self, label: str, function: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Call, await if need be, note the outcome; say whether an error came at the call."""
        try:
            outcome = function(*args, **kw)
        except BaseException as error:
            self.add(label, "at call", error)
            return None
        if inspect.isawaitable(outcome):
            try:
                outcome = await outcome
            except BaseException as error:
                self.add(label, "awaited", error)
                return None
        self.add(label, outcome)
        return outcome


def _bare_name(kind: type) -> str:
    return kind.__qualname__.split(".")[-1]


class LogCapture(logging.Handler):
    """Notes logger and level of the engine's records from WARNING up; texts are not part of it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note one record."""
        if record.name.startswith(_LOGGERS):
            self.records.append(f"{record.name} {record.levelname}")

    def take(self) -> list[str]:
        """Return what came since the last call."""
        taken, self.records = self.records, []
        return taken
