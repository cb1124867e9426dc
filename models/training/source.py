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
from models.training.draws import Draws
from models.training.recipe import Recipe

_AHEAD_PER_WORKER = 8
#: blocks that may come again, and how many come first with none between them
_KEPT, _ALONE = 256, 96
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

    Between two new ones come `replays` drawn from the last 256: making text is slower than learning
    from it. Which one depends on the place alone, so a run that goes on sees what it would have.
    """
    times, alone = recipe.replays + 1, _ALONE if recipe.replays else 0
    made = first if first < alone else alone - (alone - first) // times
    oldest = max(0, made - _KEPT)
    new = fresh(recipe, folder, tokenizer, oldest, workers)
    kept = deque((next(new) for _ in range(oldest, made)), maxlen=_KEPT)
    place = first
    while True:
        if place < alone or (place - alone) % times == 0:
            kept.append(next(new))
            yield kept[-1]
        else:
            yield kept[Draws(f"{recipe.seed}:again:{place}").randint(0, len(kept) - 1)]
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
