"""Rotary frequencies of an architecture. Needs no TVM."""

from __future__ import annotations

import math
from typing import Any

TURN = 2**32


def inverse_frequencies(c: dict[str, Any]) -> list[float]:
    """Radians per position of each rotary pair of an architecture; length head_size / 2."""
    half = c["head_size"] // 2
    plain = [c["rope_theta"] ** (-i / half) for i in range(half)]
    scaling = c.get("rope_scaling")
    if not scaling:
        return plain
    if scaling["rope_type"] == "longrope":
        return [f / factor for f, factor in zip(plain, longrope_factors(c), strict=True)]
    # Llama 3: long waves are slowed by the factor, short ones kept, those between blended.
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    slowed = []
    for frequency in plain:
        turns = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
        smooth = min(1.0, max(0.0, (turns - low) / (high - low)))
        slowed.append(frequency * ((1 - smooth) / scaling["factor"] + smooth))
    return slowed


def longrope_factors(c: dict[str, Any]) -> list[float]:
    """What divides each frequency; raises KeyError where the architecture has no factors.

    One set holds for a whole library, so that cached keys and new queries turn alike: the short one
    when its window is no longer than the length the model was first trained for.
    """
    scaling = c["rope_scaling"]
    short = c["context_window_tokens"] <= scaling["original_max_position_embeddings"]
    found: list[float] = scaling["short_factor" if short else "long_factor"]
    return found


def attention_factor(c: dict[str, Any]) -> float:
    """What queries and keys are multiplied with beside their rotation; 1 without longrope."""
    scaling = c.get("rope_scaling") or {}
    if scaling.get("rope_type") != "longrope":
        return 1.0
    trained: int = scaling["original_max_position_embeddings"]
    grown = scaling["max_position_embeddings"] / trained
    return math.sqrt(1 + math.log(grown) / math.log(trained)) if grown > 1 else 1.0


def steps(c: dict[str, Any]) -> list[int]:
    """Turns per position of each rotary pair, in units of 2**-32."""
    return [round(f / (2 * math.pi) * TURN) % TURN for f in inverse_frequencies(c)]
