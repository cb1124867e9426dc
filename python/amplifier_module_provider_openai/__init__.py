"""Provider module: servers with OpenAI's chat completions (Ollama, LM Studio, llama.cpp, vLLM)."""

from __future__ import annotations

from typing import Any

from sidelight.providers import mount_provider

from amplifier_module_provider_openai.provider import OpenAIProvider

__amplifier_module_type__ = "provider"


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the provider; its streams are closed when the session is cancelled."""
    await mount_provider(coordinator, OpenAIProvider(coordinator, config or {}))


__all__ = ["OpenAIProvider", "mount"]
