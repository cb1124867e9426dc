"""Builds what the user's message says to the model: new context blocks, then the request."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sidelight import labels
from sidelight.contract import ContextBlock
from sidelight.errors import WindowExceededError
from sidelight.prompts.escape import middle_out, neutralise
from sidelight.prompts.page import render_blocks
from sidelight.reading import tell_read
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS
from sidelight.turn import Turn

#: metadata key on a user message: digests of the context blocks it holds
BLOCKS = "context_blocks"
#: the share of the window that attached context may take even if older turns must go
_CONTEXT_SHARE = 0.75
_MIN_BLOCK_TOKENS = 48
_MIN_REQUEST_CHARS = 80


def digest(block: ContextBlock) -> str:
    """Identifies a block's content, to see that it was sent already."""
    parts = [block.kind, block.url, block.title, block.text]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "replace")).hexdigest()[:32]


async def build_prompt(turn: Turn, context: Any, provider: Any) -> tuple[str, dict[str, Any]]:
    """(message text, its metadata with labels). Blocks the model still sees are not sent again.

    What does not fit is left out, and the user is told: the middle of a long request, the page
    beside it. Raises WindowExceededError when the window holds no request at all.
    """
    request = neutralise(turn.request.text, numbers=False).strip()
    budget = provider.prompt_budget_tokens()
    own = _tokens(request, provider)
    window = turn.request.model.context_window_tokens
    if own > budget:
        request, own = _shortened(turn, request, provider, budget)
    blocks = await _new_blocks(turn, context, provider, own)
    if not blocks:
        return request, labels.to_metadata([labels.USER])
    history = context.sent_tokens(provider)
    room = max(budget - own - history, int(budget * _CONTEXT_SHARE) - own)
    if room < _MIN_BLOCK_TOKENS:
        turn.notice(
            "page_left_out",
            "The attached text was not sent: your message leaves no room for it in this model's "
            f"context window of {window:,} tokens. Ask more briefly, or choose a model with a "
            "larger window.",
        )
        return request, labels.to_metadata([labels.USER])
    rendered = render_blocks(blocks, provider.scale, budget_tokens=room)
    for block, result in zip(blocks, rendered, strict=True):
        if result.cut:
            tell_read(turn, block, result)
    text = "\n".join([*(result.text for result in rendered), request])
    carried = [labels.USER, *map(labels.of_block, blocks)]
    return text, {BLOCKS: [digest(block) for block in blocks], **labels.to_metadata(carried)}


def _shortened(turn: Turn, request: str, provider: Any, budget: int) -> tuple[str, int]:
    """A request cut in its middle to what fits, and its tokens; the user is told."""
    window = turn.request.model.context_window_tokens
    low, high = 0, len(request)
    while low < high:
        middle = (low + high + 1) // 2
        if _tokens(middle_out(request, middle), provider) <= budget:
            low = middle
        else:
            high = middle - 1
    if low < _MIN_REQUEST_CHARS:
        raise WindowExceededError(
            f"This model's context window of {window:,} tokens leaves no room for a message."
        )
    turn.notice(
        "message_cut",
        f"Your message is too long for this model's context window of {window:,} tokens: "
        f"{len(request) - low:,} of its {len(request):,} characters, from the middle, were not "
        "sent. The conversation keeps all of it.",
    )
    request = middle_out(request, low)
    return request, _tokens(request, provider)


def _tokens(text: str, provider: Any) -> int:
    return int(provider.estimate_tokens(text)) + MESSAGE_OVERHEAD_TOKENS


async def _new_blocks(
    turn: Turn, context: Any, provider: Any, own_tokens: int
) -> list[ContextBlock]:
    attached = turn.request.context_blocks
    if not attached:
        return []
    messages = await context.get_messages()
    sent: set[str] = set()
    for index in context.sent_whole(provider.prompt_budget_tokens(), provider, own_tokens):
        sent.update((messages[index].get("metadata") or {}).get(BLOCKS, []))
    return [block for block in attached if digest(block) not in sent]
