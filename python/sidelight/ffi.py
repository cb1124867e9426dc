"""The only door to what the host platform provides: tasks, clocks, randomness, identifiers.

All of it works alike on CPython and in Pyodide, whose loop is always running, also while JavaScript
calls in. Should a need for ``js`` or ``pyodide`` arise, this is the only module that may import
them.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
logger = logging.getLogger("sidelight")

# asyncio holds tasks weakly: without this set a running turn could be collected.
_tasks: set[asyncio.Task[Any]] = set()


def create_task(work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Start ``work`` and hold it until it ends; an exception nobody awaits is logged."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _tasks.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("Task %s failed: %r", task.get_name(), error)


def reseed() -> None:
    """A restored memory snapshot repeats its random numbers; take new ones from the system."""
    random.seed()


def now_ms() -> float:
    """Milliseconds since 1970."""
    return time.time() * 1000


def monotonic_s() -> float:
    """Seconds of a clock that never goes back."""
    return time.monotonic()


def new_id(prefix: str) -> str:
    """An identifier such as ``call_3f2a...`` (96 random bits)."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"
