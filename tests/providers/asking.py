"""A provider before a scripted server, and what came of asking it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import amplifier_module_provider_openai as openai
from amplifier_core import ChatRequest, Message
from amplifier_core.testing import MockCoordinator
from sidelight.console.http import AiohttpTransport
from sidelight.providers import ServerProvider
from sidelight.transport import TRANSPORT

from tests.providers.server import Script, Server, serving


@dataclass
class Bench:
    provider: Any
    server: Server
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    something: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, *messages: Message, **more: Any) -> Any:
        asked = list(messages) or [Message(role="user", content="Hi")]
        return await self.provider.complete(ChatRequest(messages=asked, **more))

    def of(self, name: str) -> list[dict[str, Any]]:
        return [data for event_name, data in self.events if event_name == name]

    @property
    def streamed(self) -> str:
        return "".join(data["text"] for data in self.of("llm:stream_block_delta"))


class bench:
    """``async with bench(script, ...) as b``"""

    def __init__(self, *scripts: Script, module: ModuleType = openai, **config: Any) -> None:
        self._serving = serving(*scripts)
        self._module = module
        self._config = config

    async def __aenter__(self) -> Bench:
        server = await self._serving.__aenter__()
        coordinator = MockCoordinator()
        coordinator.register_capability(TRANSPORT, AiohttpTransport())
        config = {"base_url": server.base_url, "model": "m", "max_retries": 0, **self._config}
        await self._module.mount(coordinator, config)
        (provider,) = coordinator.get("providers").values()
        bench = Bench(provider, server)

        async def record(name: str, data: dict[str, Any]) -> None:
            bench.events.append((name, data))
            bench.something.set()

        for name in ("llm:request", "llm:response", *ServerProvider.events):
            coordinator.hooks.register(name, record)
        return bench

    async def __aexit__(self, *error: Any) -> None:
        await self._serving.__aexit__(*error)
