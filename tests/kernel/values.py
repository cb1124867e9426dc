"""Payloads as data: JSON plus marked objects that JSON cannot hold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

#: Kinds of marked values: {"$": kind} or {"$": kind, "of": value}.
KINDS = (
    *("nan", "infinity", "surrogate", "pair", "huge", "huger", "negative", "cycle", "deep"),
    *("decimal", "datetime", "bytes", "set", "tuple", "object", "unprintable", "model"),
    *("tool_result", "intkeys", "mixedkeys", "tuplekey", "baddump", "type"),
)


class Plain:
    """An object with a stable text."""

    def __str__(self) -> str:
        return "a plain object"

    __repr__ = __str__


class Unprintable:
    """An object whose text cannot be had."""

    def __str__(self) -> str:
        raise ValueError("no text")


class BadDump:
    """Looks like a model, but dumping fails in JSON mode."""

    def model_dump(self, mode: str = "python") -> dict[str, str]:
        """Dump, or fail in JSON mode."""
        if mode == "json":
            raise ValueError("not in this mode")
        return {"dumped": mode}


def build(value: Any) -> Any:
    """Return the Python value that `value` describes."""
    if isinstance(value, list):
        return [build(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" in value:
        return _special(value["$"], build(value.get("of")))
    return {key: build(item) for key, item in value.items()}


def _special(kind: str, of: Any) -> Any:
    from amplifier_core.models import HookResult, ToolResult

    if kind == "cycle":
        ring: dict[str, Any] = {"of": of}
        ring["ring"] = ring
        return ring
    if kind == "deep":
        for _ in range(130):
            of = [of]
        return of
    made: dict[str, Any] = {
        "nan": float("nan"),
        "infinity": float("-inf"),
        "surrogate": "a\ud800b",
        "pair": "\ud83d\ude00",
        # Becomes a float, and one that the native parser does not round: see decision 0010.
        "huge": 10**21,
        "huger": 10**400,
        "negative": -(2**63) - 1,
        "decimal": Decimal("1.50"),
        "datetime": datetime(2026, 1, 2, 3, 4, 5, 678, UTC),
        "bytes": b"bytes",
        "set": {1},
        "tuple": (of, 2),
        "object": Plain(),
        "unprintable": Unprintable(),
        "model": HookResult(action="deny", reason="inner"),
        "tool_result": ToolResult(success=True, output={"of": 1}),
        "intkeys": {1: of, 2.5: None, False: 3},
        "mixedkeys": {None: of, "b": 1, "a": {"d": 1, "c": 2}},
        "tuplekey": {(1, 2): of},
        "baddump": BadDump(),
        "type": HookResult,
    }
    return made[kind]
