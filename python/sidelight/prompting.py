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
from sidelight.room import scale_for
from sidelight.tokens import MESSAGE_OVERHEAD_TOKENS, TokenScale
from sidelight.turn import Turn

#: metadata key on a user message: digests of the context blocks it holds
BLOCKS = "context_blocks"
#: the share of the window that attached context may take even if older turns must go
_CONTEXT_SHARE = 0.75
_MIN_BLOCK_TOKENS = 48
_MIN_REQUEST_CHARS = 80
#: how often the tokenizer is asked for the most of a request that fits, and what may stay unused
_TRIES = 5
_TIGHT = 0.01


def digest(block: ContextBlock) -> str:
    """Identifies a block's content, to see that it was sent already."""
    parts = [block.kind, block.url, block.title, block.text]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "replace")).hexdigest()[:32]


async def build_prompt(turn: Turn, context: Any, provider: Any) -> tuple[str, dict[str, Any]]:
    """(message text, its metadata with labels). Blocks the model still sees are not sent again.

    A pinned message stays in what the model reads when older turns are left out. What does not fit
    is left out, and the user is told: the middle of a long request, the page
    beside it. Raises WindowExceededError when the window holds no request at all.
    """
    request = neutralise(turn.request.text, numbers=False).strip()
    budget = provider.prompt_budget_tokens()
    scale = await scale_for(provider, request, budget)
    own = _tokens(request, scale)
    pin = {labels.PINNED: True} if turn.request.pinned else {}
    window = turn.request.model.context_window_tokens
    budget = provider.prompt_budget_tokens()
    if own > budget and not await _fits(request, provider):
        request = await _shortened(turn, request, provider, scale)
        own = _tokens(request, scale)
    blocks = await _new_blocks(turn, context, provider, own)
    if not blocks:
        return request, {**pin, **labels.to_metadata([labels.USER])}
    history = context.sent_tokens(provider)
    room = max(budget - own - history, int(budget * _CONTEXT_SHARE) - own)
    if room < _MIN_BLOCK_TOKENS:
        turn.notice(
            "page_left_out",
            "The attached text was not sent: your message leaves no room for it in this model's "
            f"context window of {window:,} tokens. Ask more briefly, or choose a model with a "
            "larger window.",
        )
        return request, {**pin, **labels.to_metadata([labels.USER])}
    text = "".join(block.text[: room * 8 // len(blocks)] for block in blocks)
    scale = await scale_for(provider, text, room)
    rendered = render_blocks(blocks, scale, budget_tokens=room)
    for block, result in zip(blocks, rendered, strict=True):
        if result.cut:
            tell_read(turn, block, result)
    text = "\n".join([*(result.text for result in rendered), request])
    carried = [labels.USER, *map(labels.of_block, blocks)]
    sent = {BLOCKS: [digest(block) for block in blocks], **pin}
    return text, {**sent, **labels.to_metadata(carried)}


async def _shortened(turn: Turn, request: str, provider: Any, scale: TokenScale) -> str:
    """A request cut in its middle to what fits; the user is told."""
    window = turn.request.model.context_window_tokens
    budget = room = provider.prompt_budget_tokens()
    kept = 0
    for _ in range(_TRIES):
        found = _longest(request, scale, room)
        over = await provider.overflow_tokens(_alone(middle_out(request, found)))
        if over is None or over <= 0:
            kept = max(kept, found)
        if over is None or -budget * _TIGHT <= over <= 0:
            break
        room -= over
    if kept < _MIN_REQUEST_CHARS:
        raise WindowExceededError(
            f"This model's context window of {window:,} tokens leaves no room for a message."
        )
    turn.notice(
        "message_cut",
        f"Your message is too long for this model's context window of {window:,} tokens: "
        f"{len(request) - kept:,} of its {len(request):,} characters, from the middle, were not "
        "sent. The conversation keeps all of it.",
    )
    return middle_out(request, kept)


def _longest(request: str, scale: TokenScale, room_tokens: int) -> int:
    """How many characters may be kept."""
    low, high = 0, len(request)
    while low < high:
        middle = (low + high + 1) // 2
        if _tokens(middle_out(request, middle), scale) <= room_tokens:
            low = middle
        else:
            high = middle - 1
    return low


def _alone(request: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": request}]


async def _fits(request: str, provider: Any) -> bool:
    """Whether the tokenizer finds room for what the estimates call too long."""
    over = await provider.overflow_tokens(_alone(request))
    return over is not None and over <= 0


def _tokens(text: str, scale: TokenScale) -> int:
    return scale.estimate(text) + MESSAGE_OVERHEAD_TOKENS


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
