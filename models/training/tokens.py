"""Tokenizer of a recipe, and conversations as tokens with the weight of each in the loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from models.training.conversation import Conversation
from models.training.draws import Draws
from models.training.recipe import Recipe

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
END_OF_TEXT, END_OF_TURN = 0, 2
#: generator seeds of the tokenizer's text lie away from those of the training text
_SEED_OFFSET = 1_000_003


def _texts(recipe: Recipe) -> Iterator[str]:
    rng = Draws(recipe.seed + _SEED_OFFSET)
    characters = 0
    while characters < recipe.tokenizer_chars:
        text = "\n".join(message.text for message in recipe.conversation(rng).messages)
        characters += len(text)
        yield text


def build(recipe: Recipe, path: Path) -> Tokenizer:
    """Train a byte-level BPE on generated text, with single digits; the same bytes each time."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    vocabulary = recipe.architecture["vocabulary_tokens"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(recipe.markers),
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(recipe), trainer)
    tokenizer.add_tokens([AddedToken(m, special=False, normalized=False) for m in recipe.markers])
    if tokenizer.get_vocab_size() != vocabulary:
        raise ValueError(f"{tokenizer.get_vocab_size()} tokens, the model has {vocabulary}")
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return tokenizer


def encode(
    tokenizer: Tokenizer, talked: Conversation, rng: Draws, unended_share: float
) -> tuple[list[int], list[int]]:
    """Token ids and their weights: 1 for the answers' tokens and their end marks, else 0.

    An answer before another turn lacks its end mark with a chance of `unended_share`: WebLLM goes
    on with a cached conversation that way, since it never feeds the token it stopped at.
    """
    ids: list[int] = []
    weights: list[int] = []

    def put(text: str, weight: int) -> None:
        tokens = tokenizer.encode(text).ids
        ids.extend(tokens)
        weights.extend([weight] * len(tokens))

    last = len(talked.messages) - 1
    for place, message in enumerate(talked.messages):
        if message.role != "assistant":
            put(f"<|im_start|>{message.role}\n{message.text}<|im_end|>\n", 0)
            continue
        put("<|im_start|>assistant\n", 0)
        put(message.text, 1)
        if place < last and rng.random() < unended_share:
            continue
        ids.append(END_OF_TURN)
        weights.append(1)
        put("\n", 0)
    return [*ids, END_OF_TEXT], [*weights, 0]
