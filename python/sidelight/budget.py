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


def prompt_tokens(model: ModelInfo, options: TurnOptions) -> int:
    """Tokens that system text and messages may fill, with a margin for wrong estimates."""
    window = model.context_window_tokens
    margin = 16 + window // 50
    return max(0, window - answer_tokens(model, options) - margin)
