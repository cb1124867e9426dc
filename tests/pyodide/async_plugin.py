"""Runs `async def` tests and fixtures inside Pyodide, on one loop for the whole run."""

from __future__ import annotations

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
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """Run async fixtures; their values, not coroutines, reach the tests."""
    function = fixturedef.func
    is_generator = inspect.isasyncgenfunction(function)
    if not (is_generator or inspect.iscoroutinefunction(function)):
        return None
    wanted = {name: request.getfixturevalue(name) for name in fixturedef.argnames}
    if "self" in inspect.signature(function).parameters:
        wanted["self"] = request.instance
    made = function(**wanted)
    if is_generator:
        value = LOOP.run_until_complete(anext(made))
        request.addfinalizer(lambda: LOOP.run_until_complete(_finish(made)))
    else:
        value = LOOP.run_until_complete(made)
    fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
    return value


async def _finish(generator: Any) -> None:
    async for _ in generator:
        raise RuntimeError("an async fixture yields once")
