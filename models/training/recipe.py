"""A recipe: everything that decides what a training run does, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.library.places import BUILD, MODELS
from models.training import starter, tiny
from models.training.conversation import Conversation
from models.training.draws import Draws

FOLDER = Path(__file__).parent / "recipes"
GENERATORS: dict[str, Callable[[Draws, int], Conversation]] = {
    "starter": starter.conversation,
    "tiny": tiny.conversation,
}


@dataclass(frozen=True)
class Recipe:
    """Values of recipes/NAME.json; lengths in tokens, rates per step."""

    name: str
    seed: int
    row_tokens: int
    batch_rows: int
    block_rows: int
    replays: int
    steps: int
    warmup_steps: int
    matrix_rate: float
    other_rate: float
    rest_weight: float
    unended_share: float
    longest_page_sentences: int
    tokenizer_chars: int
    numbered_markers: int
    weight_format: str

    @cached_property
    def architecture(self) -> dict[str, Any]:
        """The model's shapes, from the file its library is compiled from."""
        found: dict[str, Any] = json.loads((MODELS / f"architectures/{self.name}.json").read_text())
        return found

    @property
    def markers(self) -> list[str]:
        """Texts that are one token each."""
        tags = ["tool_call"] + (["page", "selection", "document"] if self.numbered_markers else [])
        pairs = [f"<{slash}{tag}>" for tag in tags for slash in ("", "/")]
        return pairs + [f"[{number}]" for number in range(1, self.numbered_markers + 1)]

    @property
    def folder(self) -> Path:
        """Where a run keeps its tokenizer, checkpoint and log."""
        return BUILD / f"training/{self.name}"

    def conversation(self, rng: Draws) -> Conversation:
        """The next conversation of the model's generator."""
        return GENERATORS[self.name](rng, self.longest_page_sentences)


def read(name: str) -> Recipe:
    """The recipe of a model; raises FileNotFoundError when there is none."""
    return Recipe(**json.loads((FOLDER / f"{name}.json").read_text()))


def names() -> list[str]:
    """Models with a recipe."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))
