"""How a model's context window is divided between prompt and answer."""

from __future__ import annotations

from sidelight.contract import ModelInfo, TurnOptions

MIN_ANSWER_TOKENS = 64


def answer_tokens(model: ModelInfo, options: TurnOptions) -> int:
    """Tokens kept free for the answer: what was asked for, at most a quarter of the window."""
    most = max(MIN_ANSWER_TOKENS, model.context_window_tokens // 4)
    return min(options.max_tokens, most)


def call_tokens(model: ModelInfo) -> int:
    """Tokens that a constrained tool call may take, whatever was asked for answers."""
    return max(MIN_ANSWER_TOKENS, model.context_window_tokens // 4)


def kept_tokens(model: ModelInfo, options: TurnOptions, least_call_tokens: int = 0) -> int:
    """Tokens that a prompt leaves free, for the answer or for a call, whichever is longer.

    ``least_call_tokens``: what the longest call takes at its tightest bounds; 0 without tools. A
    repaired call gets at least this much. A call that the turn asks for gets the widest bounds.
    """
    asked = options.tool_choice not in ("auto", "none") and least_call_tokens > 0
    call = call_tokens(model) if asked else min(least_call_tokens, call_tokens(model))
    return max(answer_tokens(model, options), call)


def prompt_tokens(model: ModelInfo, options: TurnOptions, least_call_tokens: int = 0) -> int:
    """Tokens that system text and messages may fill, with a margin for wrong estimates."""
    window = model.context_window_tokens
    margin = 16 + window // 50
    return max(0, window - kept_tokens(model, options, least_call_tokens) - margin)
