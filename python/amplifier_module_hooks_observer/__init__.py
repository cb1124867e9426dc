"""Hook module: turns session events into the contract's turn events. It never decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amplifier_module_hooks_observer.observer import Observer

__amplifier_module_type__ = "hook"

NAME = "sidelight-observer"
#: before the approval hook, so that "runs a tool" is shown before "waits for you"
PRIORITY = -100


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> Callable[[], None]:
    """Register one handler per event; the streaming events are in no list of the kernel."""
    observer = Observer(coordinator)
    registered = [
        coordinator.hooks.register(event, handler, priority=PRIORITY, name=NAME)
        for event, handler in observer.handlers().items()
    ]

    def cleanup() -> None:
        for unregister in registered:
            unregister()

    return cleanup


__all__ = ["Observer", "mount"]
