"""Blocks of a recipe in order, made ahead by worker processes."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from models.training import packing
from models.training.recipe import Recipe

_AHEAD_PER_WORKER = 8
_worker: dict[str, Any] = {}


def _start_worker(recipe: Recipe, path: str) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.nice(5)
    _worker.update(recipe=recipe, tokenizer=Tokenizer.from_file(path))


def _made(number: int) -> packing.Block:
    return packing.block(_worker["recipe"], _worker["tokenizer"], number)


def blocks(
    recipe: Recipe, folder: Path, tokenizer: Tokenizer, first: int, workers: int
) -> Generator[packing.Block, None, None]:
    """The recipe's blocks from place `first` on without end.

    With `again_after_blocks` each comes a second time so many later, in turn with the new ones:
    making text is slower than learning from it.
    """
    lag = recipe.again_after_blocks
    if not lag:
        yield from fresh(recipe, folder, tokenizer, first, workers)
    # New ones alone for the first `lag` places, then a new and an old one in turn.
    turns, old_next = divmod(max(0, first - lag), 2)
    made = min(first, lag) + turns + old_next
    oldest = max(0, made - lag - old_next)
    new = fresh(recipe, folder, tokenizer, oldest, workers)
    kept = deque(next(new) for _ in range(oldest, made))
    place = first
    while True:
        if place < lag or (place - lag) % 2 == 0:
            kept.append(next(new))
            yield kept[-1]
        else:
            yield kept.popleft()
        place += 1


def fresh(
    recipe: Recipe, folder: Path, tokenizer: Tokenizer, first: int, workers: int
) -> Generator[packing.Block, None, None]:
    """Blocks from number `first` on; made by `workers` processes, or here with none."""
    number = first
    while not workers:
        yield packing.block(recipe, tokenizer, number)
        number += 1
    context = multiprocessing.get_context("spawn")
    path = str(folder / "tokenizer.json")
    with context.Pool(workers, _start_worker, (recipe, path)) as pool:
        ahead: deque[Any] = deque()
        while True:
            while len(ahead) < _AHEAD_PER_WORKER * workers:
                ahead.append(pool.apply_async(_made, (number,)))
                number += 1
            yield ahead.popleft().get()
