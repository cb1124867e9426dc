"""How far an engine's reported log-probabilities are from expected ones, token by token."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Scores = npt.NDArray[np.float64]


class Alternatives:
    """Finds tokens by their text; several tokens may share one (parts of characters)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokens: dict[str, list[int]] = {}
        for token in range(tokenizer.get_vocab_size()):
            self._tokens.setdefault(tokenizer.decode([token], False), []).append(token)

    def nearest(self, entry: dict[str, Any], expected: Scores) -> tuple[int, float]:
        """The token an entry means, and the distance of its log-probability from the expected."""
        tokens = self._tokens[entry["token"]]
        reported = float(entry["logprob"])
        distances = [abs(float(expected[token]) - reported) for token in tokens]
        best = int(np.argmin(distances))
        return tokens[best], distances[best]

    def worst(self, step: dict[str, Any], expected: Scores) -> float:
        """The largest distance of a step's alternatives; the first must be the most probable.

        WebLLM's list may miss some below the first, but each value it gives must be right.
        """
        top = [self.nearest(entry, expected) for entry in step["top"]]
        first: float = abs(float(expected.max()) - step["top"][0]["logprob"])
        return max(first, *(distance for _, distance in top))
