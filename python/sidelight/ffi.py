"""The only importer of ``js`` and ``pyodide``; on CPython plain stand-ins take their place."""

from __future__ import annotations

import asyncio
import importlib
import logging
import random
import sys
import time
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

IN_PYODIDE = sys.platform == "emscripten"

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


def keep_for_js(function: Callable[..., T]) -> Callable[..., T]:
    """``function`` in a form that JavaScript may keep after the call that hands it over."""
    if not IN_PYODIDE:
        return function
    proxy: Callable[..., T] = importlib.import_module("pyodide.ffi").create_proxy(function)
    return proxy


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
