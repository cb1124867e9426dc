"""What a server's own counts say of its tokenizer: estimates become as good as its last answers."""

from __future__ import annotations

from dataclasses import replace

from sidelight.kernel import Usage
from sidelight.tokens import LARGE, TokenScale

#: a shorter prompt is mostly template, and says little about the vocabulary
MIN_LEARNED_TOKENS = 256
#: texts differ: the next may need this much more than those that were counted
MARGIN = 1.15
#: a server that counts wrongly may not empty or overfill the window by more than this
_LEAST, _MOST = 0.5, 2.5
_WEIGHT = 0.5


class Learned:
    """The ratio of counted to estimated tokens of a model at a server, newest answers first."""

    def __init__(self) -> None:
        self._ratio: float | None = None

    def add(self, prompt: str, usage: Usage | None) -> None:
        """Take what the server counted for ``prompt``, all of its texts."""
        estimated = LARGE.estimate(prompt)
        if usage is None or usage.input_tokens <= 0 or estimated < MIN_LEARNED_TOKENS:
            return
        ratio = usage.input_tokens / estimated
        known = ratio if self._ratio is None else self._ratio
        self._ratio = max(ratio, known * (1 - _WEIGHT) + ratio * _WEIGHT)

    def scale(self, scale: TokenScale) -> TokenScale:
        """``scale`` corrected, a margin included; unchanged before anything was learned."""
        if self._ratio is None:
            return scale
        return replace(scale, factor=min(_MOST, max(_LEAST, self._ratio * MARGIN)))
