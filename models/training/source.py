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
    """Blocks from `first` on without end; made by `workers` processes, or here with none."""
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
