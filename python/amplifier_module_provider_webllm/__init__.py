"""Provider module: WebLLM on WebGPU, reached through the engine port."""

from __future__ import annotations

from typing import Any

from sidelight.providers import mount_provider

from amplifier_module_provider_webllm.provider import WebLLMProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; running calls are interrupted when the session is cancelled."""
    await mount_provider(coordinator, WebLLMProvider(coordinator, config or {}))


__all__ = ["WebLLMProvider", "mount"]
