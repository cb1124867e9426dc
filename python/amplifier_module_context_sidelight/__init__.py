"""Context module: keeps everything, sends what fits, leaves out whole turns from the oldest on."""

from __future__ import annotations

import copy
import json
from typing import Any, Protocol

from sidelight.kernel import CONTEXT_COMPACTION
from sidelight.tokens import LARGE, MESSAGE_OVERHEAD_TOKENS

__amplifier_module_type__ = "context"

#: metadata key on a user message: how many messages before it are no longer sent
LEFT_OUT = "left_out_messages"
#: after leaving out, fill at most this share, so that the prefix stays the same for some turns
_REFILL = 0.75


class _Emitter(Protocol):
    async def emit(self, event: str, data: dict[str, Any]) -> Any: ...


class SidelightContext:
    """Messages of a conversation as dicts. Stored history never changes; requests see a view.

    Where the view starts only moves forward and is recorded in the newest user message's metadata,
    so that a restored conversation sends the same bytes.
    """

    def __init__(self, hooks: _Emitter | None = None) -> None:
        self._messages: list[dict[str, Any]] = []
        self._start = 0
        self._hooks = hooks

    async def add_message(self, message: dict[str, Any]) -> None:
        """Append a message. Raises ValueError without a role."""
        if not isinstance(message.get("role"), str):
            raise ValueError("A message needs a role")
        self._messages.append(copy.deepcopy(message))

    async def get_messages(self) -> list[dict[str, Any]]:
        """All messages, for the transcript."""
        return copy.deepcopy(self._messages)

    async def set_messages(self, messages: list[dict[str, Any]]) -> None:
        """Replace all messages (resume)."""
        self._messages = copy.deepcopy(messages)
        self._start = 0
        for message in reversed(self._messages):
            left_out = _metadata(message).get(LEFT_OUT)
            if isinstance(left_out, int):
                self._start = min(max(0, left_out), self._last_turn())
                break

    async def clear(self) -> None:
        """Forget all messages."""
        self._messages = []
        self._start = 0

    async def get_messages_for_request(
        self, token_budget: int | None = None, provider: Any | None = None
    ) -> list[dict[str, Any]]:
        """The newest turns that fit the budget; at least the last turn, whatever its size."""
        budget = token_budget if token_budget is not None else _budget(provider)
        before = self._start
        self._start = self.first_sent(budget, provider)
        if self._start > before:
            await self._tell(before)
        return copy.deepcopy(self._messages[self._start :])

    def first_sent(
        self, budget: int | None, provider: Any | None = None, extra_tokens: int = 0
    ) -> int:
        """Index of the first message that would be sent if ``extra_tokens`` came on top."""
        start = self._start
        sizes = [_size(message, provider) for message in self._messages]
        total = sum(sizes[start:]) + extra_tokens
        if budget is None or total <= budget:
            return start
        last = self._last_turn() if not extra_tokens else len(self._messages)
        while start < last and total > budget * _REFILL:
            following = self._next_turn(start)
            total -= sum(sizes[start:following])
            start = following
        return start

    def _next_turn(self, start: int) -> int:
        for index in range(start + 1, len(self._messages)):
            if self._messages[index]["role"] == "user":
                return index
        return len(self._messages)

    def _last_turn(self) -> int:
        for index in range(len(self._messages) - 1, -1, -1):
            if self._messages[index]["role"] == "user":
                return index
        return 0

    async def _tell(self, before: int) -> None:
        message = self._messages[self._last_turn()]
        message["metadata"] = {**_metadata(message), LEFT_OUT: self._start}
        if self._hooks:
            await self._hooks.emit(
                CONTEXT_COMPACTION,
                {
                    "before_messages": len(self._messages) - before,
                    "after_messages": len(self._messages) - self._start,
                    "strategy": "leave_out_oldest_turns",
                },
            )


def _metadata(message: dict[str, Any]) -> dict[str, Any]:
    metadata = message.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _budget(provider: Any | None) -> int | None:
    if provider is None:
        return None
    if (own := getattr(provider, "prompt_budget_tokens", None)) is not None:
        return int(own())
    defaults = provider.get_info().defaults
    window = defaults.get("context_window")
    if not isinstance(window, int):
        return None
    answer = defaults.get("max_output_tokens")
    return max(0, window - (answer if isinstance(answer, int) else window // 4) - window // 50)


def _size(message: dict[str, Any], provider: Any | None) -> int:
    if (own := getattr(provider, "message_tokens", None)) is not None:
        return int(own(message))
    content = message.get("content")
    text = content if isinstance(content, str) else json.dumps(content, default=str)
    return LARGE.estimate(text) + MESSAGE_OVERHEAD_TOKENS


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the context."""
    await coordinator.mount("context", SidelightContext(coordinator.hooks))
