"""The generator's source of chance: the standard one with quicker draws, the same on any Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws(Random):
    """`choice` and `randint` from one `random()` each.

    The standard ones reject and redraw, three times slower, and have changed between versions.
    """

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]
        """One of the items."""
        return seq[int(self.random() * len(seq))]

    def randint(self, a: int, b: int) -> int:
        """A whole number from `a` to `b`, both included."""
        return a + int(self.random() * (b - a + 1))
