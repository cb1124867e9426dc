"""Tells the user which text went into the prompt, and what did not fit."""

from __future__ import annotations

from sidelight.contract import ContextBlock, TurnContext
from sidelight.prompts.page import RenderedBlock
from sidelight.turn import Turn


def tell_read(turn: Turn, block: ContextBlock, rendered: RenderedBlock) -> None:
    """Emit the share that was read and, when something was left out, a notice."""
    turn.emit(
        TurnContext(
            type="turn.context",
            kind=block.kind,
            origin=block.origin,
            title=block.title,
            url=block.url,
            read_chars=rendered.read_chars,
            total_chars=rendered.total_chars,
        )
    )
    if rendered.cut:
        window = turn.request.model.context_window_tokens
        turn.notice(
            "page_cut",
            f"The model got the first {rendered.sentences} of {rendered.total_sentences} "
            f"sentences: its context window holds {window:,} tokens. Select the part you mean, or "
            "choose a model with a larger window.",
        )
