"""Provider module: WebLLM on WebGPU, reached through the engine port."""

from __future__ import annotations

from typing import Any

from amplifier_module_provider_webllm.provider import WebLLMProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; running calls are interrupted when the session is cancelled."""
    provider = WebLLMProvider(coordinator, config or {})
    await coordinator.mount("providers", provider, name=provider.name)
    coordinator.cancellation.on_cancel(provider.on_cancel)
    coordinator.register_contributor(
        "observability.events", "provider-webllm", lambda: list(provider.events)
    )


__all__ = ["WebLLMProvider", "mount"]
