"""Provider module: the model that a browser brings along (the Prompt API)."""

from __future__ import annotations

from typing import Any

from sidelight.providers import mount_provider

from amplifier_module_provider_builtin.provider import BuiltinProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; what it runs ends when the session is cancelled."""
    await mount_provider(coordinator, BuiltinProvider(coordinator, config or {}))


__all__ = ["BuiltinProvider", "mount"]
