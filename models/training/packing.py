"""Rows of tokens for the network: conversations side by side, each seen by itself alone.

Block n of a seed always holds the same rows, whoever makes it: a run that goes on from a checkpoint
sees what it would have seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.training import truth
from models.training.draws import Draws
from models.training.recipe import Recipe
from models.training.tokens import encode

#: a row is closed when less than this is free, or after this many conversations did not fit
_CRUMB_TOKENS, _MISSES = 48, 12


@dataclass(frozen=True)
class Block:
    """Arrays [rows, row_tokens + 1]: token ids, weights 0 or 1, conversation in the row from 1."""

    ids: npt.NDArray[np.int16]
    weights: npt.NDArray[np.uint8]
    owners: npt.NDArray[np.int16]


def block(recipe: Recipe, tokenizer: Tokenizer, number: int) -> Block:
    """Block `number` of the recipe."""
    rng = Draws(f"{recipe.seed}:{number}")
    size = recipe.row_tokens + 1
    shape = (recipe.block_rows, size)
    made = Block(np.zeros(shape, np.int16), np.zeros(shape, np.uint8), np.zeros(shape, np.int16))
    waiting: list[tuple[list[int], list[int]]] = []
    for row in range(recipe.block_rows):
        filled = owner = misses = 0
        while size - filled > _CRUMB_TOKENS and misses < _MISSES:
            fitting = next((w for w in waiting if len(w[0]) <= size - filled), None)
            if fitting:
                waiting.remove(fitting)
            else:
                talked = recipe.conversation(rng)
                # About one in ten thousand is not true. A sample is checked for ever, and none of
                # it learnt from; the tests check thousands.
                if rng.random() < 0.02 and truth.wrong(talked):
                    continue
                fitting = encode(tokenizer, talked, rng, recipe.unended_share)
            ids, weights = fitting
            if len(ids) > size - filled:
                misses += 1
                if len(ids) <= size:
                    waiting.append(fitting)
                continue
            owner += 1
            end = filled + len(ids)
            made.ids[row, filled:end] = ids
            made.weights[row, filled:end] = weights
            made.owners[row, filled:end] = owner
            filled = end
    return made
