"""Eager start: work begins when a method is called, not when its result is awaited."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

T = TypeVar("T")

#: What the native engine's awaitables without a value resolve to.
NOTHING: tuple[()] = ()

_unfinished: set[asyncio.Future[Any]] = set()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop; RuntimeError "no running event loop" without one."""
    return asyncio.get_running_loop()


def start(work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """Schedule `work` now and return a true coroutine that waits for its result.

    Cancelling the waiter cancels the work and returns at once, also when the work is slow
    to give up; the caller's cancellation can therefore not be swallowed.
    """
    try:
        loop = running_loop()
    except RuntimeError:
        work.close()
        raise
    task = loop.create_task(_kept(work))
    _unfinished.add(task)
    task.add_done_callback(_forget)
    return _wait_for(task)


async def _kept(work: Coroutine[Any, Any, T]) -> tuple[BaseException | None, T | None]:
    # A task that ends with one of these two ends the loop as well; only the waiter may get it.
    try:
        return None, await work
    except (KeyboardInterrupt, SystemExit) as error:
        return error, None


def _forget(future: asyncio.Future[Any]) -> None:
    _unfinished.discard(future)


def _seen(future: asyncio.Future[Any]) -> None:
    # asyncio logs exceptions that nobody has read.
    if not future.cancelled():
        future.exception()


async def _wait_for(task: asyncio.Task[tuple[BaseException | None, T | None]]) -> T:
    try:
        await settled(task, cancel=True)
    except asyncio.CancelledError:
        # The caller has its outcome already; how the work ends is nobody's error.
        task.add_done_callback(_seen)
        raise
    fatal, value = task.result()
    if fatal is not None:
        raise fatal
    return cast("T", value)


async def settled(future: asyncio.Future[Any], *, cancel: bool) -> None:
    """Wait until `future` is done without taking over its outcome.

    A CancelledError raised here is always the caller's own. It cancels `future` if `cancel`
    is set, and leaves it running otherwise.
    """
    if future.done():
        # One step of the loop all the same, so that a tight loop of calls lets others run.
        await asyncio.sleep(0)
        return
    waiter: asyncio.Future[None] = running_loop().create_future()

    def wake(_: asyncio.Future[Any]) -> None:
        if not waiter.done():
            waiter.set_result(None)

    future.add_done_callback(wake)
    try:
        await waiter
    except asyncio.CancelledError:
        future.remove_done_callback(wake)
        if cancel:
            future.cancel()
        raise


async def outcome(
    work: Coroutine[Any, Any, T], *, cancel: bool
) -> tuple[BaseException | None, T | None]:
    """Run a module's coroutine in its own task; return what it raised and what it returned.

    In a task of its own because a module may cancel the running task: that is its error. A
    CancelledError raised here is the caller's; `cancel` says whether it reaches `work`.
    """
    task = spawn(_kept(work))
    await settled(task, cancel=cancel)
    try:
        return task.result()
    except BaseException as error:
        return error, None


async def ready(value: T) -> T:
    """Give `value` after one step of the loop."""
    await asyncio.sleep(0)
    return value


def spawn(awaitable: Awaitable[T]) -> asyncio.Future[T]:
    """Run a coroutine in its own task (with a copied context), or adopt a future."""
    future = asyncio.ensure_future(awaitable)
    _unfinished.add(future)
    future.add_done_callback(_forget)
    future.add_done_callback(_seen)
    return future
