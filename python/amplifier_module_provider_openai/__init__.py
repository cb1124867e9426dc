"""Provider module: servers with OpenAI's chat completions (Ollama, LM Studio, llama.cpp, vLLM)."""

from __future__ import annotations

from typing import Any

from amplifier_module_provider_openai.provider import OpenAIProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; its streams are closed when the session is cancelled."""
    provider = OpenAIProvider(coordinator, config or {})
    await coordinator.mount("providers", provider, name=provider.name)
    coordinator.cancellation.on_cancel(provider.on_cancel)
    coordinator.register_contributor(
        "observability.events", "provider-openai", lambda: list(provider.events)
    )


__all__ = ["OpenAIProvider", "mount"]
