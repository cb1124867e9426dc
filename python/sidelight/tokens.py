"""Token estimates for budgets made before a call; the engine's usage gives the exact counts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

# A run of letters, a digit, a run of spaces or newlines, or one other character.
_PIECES = re.compile(r"([A-Z]?[a-z]+)|([A-Z]+)|(\d)|(\s+)|(.)", re.DOTALL)
MESSAGE_OVERHEAD_TOKENS = 6


@dataclass(frozen=True)
class TokenScale:
    """Letters that one token holds at least, on average over a text, for a family's vocabulary.

    ``factor``: what a tokenizer said of texts of this kind, over what the letters say.
    """

    letters: float
    capitals: float
    factor: float = 1.0

    def estimate(self, text: str) -> int:
        """An upper guess of the tokens of ``text``, meant to err on the high side."""
        total = 0.0
        for word, capitals, digit, space, other in _PIECES.findall(text):
            if word:
                total += max(1.0, len(word) / self.letters)
            elif capitals:
                total += max(1.0, len(capitals) / self.capitals)
            elif digit:
                total += 1
            elif space:
                total += len(space) - 1 if self.letters > 1 else len(space)
            elif other:
                # Byte-level vocabularies spell rare characters by their UTF-8 bytes.
                total += len(other.encode("utf-8", "replace")) if other > "\x7f" else 1
        return math.ceil(total * self.factor)

    def fitted(self, text: str, tokens: int, margin: float = 1.02) -> TokenScale:
        """The scale at which ``text`` is estimated at ``tokens``, and a margin more."""
        guess = replace(self, factor=1.0).estimate(text)
        return replace(self, factor=tokens / guess * margin) if guess and tokens > 0 else self


# Measured against the tokenizers: starter (4096 entries), tiny (1024, hardly any English words) and
# vocabularies of 32,000 and more, which need fewer tokens than `LARGE` says.
STARTER = TokenScale(letters=2.0, capitals=1.0)
TINY = TokenScale(letters=1.0, capitals=1.0)
LARGE = TokenScale(letters=3.0, capitals=2.0)
