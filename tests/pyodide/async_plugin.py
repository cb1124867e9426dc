"""Runs `async def` tests and fixtures inside Pyodide, on one loop for the whole run."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest

from tests.pyodide.blocking_loop import BlockingLoop

LOOP = BlockingLoop()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test to its end."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    LOOP.run_until_complete(pyfuncitem.obj(**wanted))
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> None:
    """Make an async fixture look like a plain one, so that its value reaches the tests."""
    function = fixturedef.func
    if inspect.isasyncgenfunction(function):
        object.__setattr__(fixturedef, "func", _plain_generator(function))
    elif inspect.iscoroutinefunction(function):
        object.__setattr__(fixturedef, "func", _plain(function))


def _plain(function: Any) -> Any:
    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        return LOOP.run_until_complete(function(*arguments, **named))

    return run


def _plain_generator(function: Any) -> Any:
    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        generator = function(*arguments, **named)
        yield LOOP.run_until_complete(anext(generator))
        LOOP.run_until_complete(_finish(generator))

    return run


async def _finish(generator: Any) -> None:
    async for _ in generator:
        raise RuntimeError("an async fixture yields once")
