"""Orchestrator module: a streaming loop with bounded tool rounds."""

from __future__ import annotations

from typing import Any

from sidelight.kernel import NOTICE, TOOL_DENIED

from amplifier_module_loop_sidelight.loop import SidelightLoop

__amplifier_module_type__ = "orchestrator"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the orchestrator."""
    loop = SidelightLoop(config or {})
    await coordinator.mount("orchestrator", loop)
    coordinator.cancellation.on_cancel(loop.on_cancel)
    coordinator.register_contributor(
        "observability.events", "loop-sidelight", lambda: [NOTICE, TOOL_DENIED]
    )


__all__ = ["SidelightLoop", "mount"]
