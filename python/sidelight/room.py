"""How much of a conversation fits into a provider's window: what context and prompts ask it."""

from __future__ import annotations

from typing import Any

from sidelight.kernel import Message
from sidelight.prompts.render import render_text
from sidelight.tokens import LARGE, MESSAGE_OVERHEAD_TOKENS, TokenScale

#: the share of the window that a page may take when older turns have to make room
_PAGE_SHARE = 0.7
_MOST_CHARS_PER_TOKEN = 8


#: a text whose estimate fills no more than this share of its room is not measured
FAR_BELOW = 0.6


async def scale_for(provider: Any, text: str, room_tokens: int) -> TokenScale:
    """The scale to fit ``text`` into ``room_tokens``, measured where the estimate is near them."""
    scale: TokenScale = provider.scale
    measure = getattr(provider, "measured_scale", None)
    if measure is None or scale.estimate(text) <= room_tokens * FAR_BELOW:
        return scale
    # Most of a long page is far beyond what can be sent.
    measured: TokenScale = await measure(text[: max(1, room_tokens) * _MOST_CHARS_PER_TOKEN])
    return measured


class PromptRoom:
    """Base of our providers. They say their ``scale`` and ``prompt_budget_tokens``."""

    _coordinator: Any

    @property
    def scale(self) -> TokenScale:
        """Token estimates for the current model's vocabulary."""
        return LARGE

    def prompt_budget_tokens(self) -> int:
        """Tokens that the conversation may fill, besides the system text."""
        raise AttributeError(f"{type(self).__name__} has no prompt_budget_tokens")

    def estimate_tokens(self, text: str) -> int:
        """An upper guess of the tokens of ``text``."""
        return self.scale.estimate(text)

    def message_tokens(self, message: dict[str, Any]) -> int:
        """An upper guess of what a stored message takes in a prompt."""
        return self.estimate_tokens(render_text(Message(**message))) + MESSAGE_OVERHEAD_TOKENS

    async def overflow_tokens(self, messages: list[dict[str, Any]]) -> int | None:
        """Tokens by which a prompt of these stored messages and its answer exceed the window,
        exactly; None where only estimates can be had, or are enough."""
        return None

    async def measured_scale(self, text: str) -> TokenScale:
        """The scale that fits this text best."""
        return self.scale

    async def room_tokens(self) -> int:
        """Tokens for another message in this turn, if need be at the cost of older turns."""
        context = self._coordinator.get("context")
        messages = await context.get_messages_for_request(provider=self)
        sizes = [self.message_tokens(message) for message in messages]
        roles = [message["role"] for message in messages]
        turn_start = len(roles) - 1 - roles[::-1].index("user") if "user" in roles else 0
        budget_tokens = self.prompt_budget_tokens()
        over = await self.overflow_tokens(messages)
        beside_all = budget_tokens - sum(sizes) if over is None else -over
        beside_turn = int(budget_tokens * _PAGE_SHARE) - sum(sizes[turn_start:])
        return max(0, beside_all, beside_turn)
