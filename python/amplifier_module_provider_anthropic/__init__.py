"""Provider module: servers with Anthropic's messages API."""

from __future__ import annotations

from typing import Any

from sidelight.providers import mount_provider

from amplifier_module_provider_anthropic.provider import AnthropicProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; its streams are closed when the session is cancelled."""
    await mount_provider(coordinator, AnthropicProvider(coordinator, config or {}))


__all__ = ["AnthropicProvider", "mount"]
