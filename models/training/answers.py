"""Greedy answers of a network in PyTorch, many conversations at once, and weights of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from models.training.heldout import Messages
from models.training.network import Decoder
from models.training.tokens import END_OF_TEXT, END_OF_TURN
from tests.numerics.reference import read_weights

_STEP = 64


def prompt(tokenizer: Tokenizer, messages: Messages) -> list[int]:
    """Tokens of a conversation, ready for the next answer."""
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)
    return list(tokenizer.encode(text + "<|im_start|>assistant\n").ids)


def load_packaged(network: Decoder, folder: Path) -> None:
    """Fill a network from an exported folder; gains that were folded stay folded."""
    stored = {
        "norm.weight" if name == "norm" else name: torch.from_numpy(values)
        for name, values in read_weights(folder).items()
    }
    left = network.load_state_dict(stored, strict=False)
    folded = [name for name in left.missing_keys if name.endswith(("norm1.weight", "norm2.weight"))]
    if left.unexpected_keys or folded != left.missing_keys:
        raise ValueError(f"{folder}: not the weights of this architecture ({left})")


def packaged(architecture: dict[str, Any], folder: Path) -> tuple[Decoder, Tokenizer]:
    """The network and tokenizer of an exported folder."""
    network = Decoder(architecture)
    load_packaged(network, folder)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return network.to(device), Tokenizer.from_file(str(folder / "tokenizer.json"))


@torch.no_grad()
def greedy(
    network: Decoder, tokenizer: Tokenizer, asked: list[Messages], most_tokens: int
) -> list[str]:
    """The likeliest answer to each conversation; padding comes after, so it changes nothing."""
    device = network.tok.weight.device
    prompts = [prompt(tokenizer, messages) for messages in asked]
    lengths = torch.tensor([len(ids) for ids in prompts], device=device)
    rows = torch.arange(len(prompts), device=device)
    size = -(-(int(lengths.max()) + most_tokens) // _STEP) * _STEP
    ids = torch.zeros(len(prompts), size, dtype=torch.long, device=device)
    for row, tokens in enumerate(prompts):
        ids[row, : len(tokens)] = torch.tensor(tokens, device=device)
    ends = lengths.clone()
    open_ = torch.ones(len(prompts), dtype=torch.bool, device=device)
    for _ in range(most_tokens):
        used = -(-int(ends.max()) // _STEP) * _STEP
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits = network(ids[:, :used])[rows, ends - 1].float()
        chosen = logits.argmax(-1)
        open_ &= (chosen != END_OF_TURN) & (chosen != END_OF_TEXT)
        if not bool(open_.any()):
            break
        ids[rows[open_], ends[open_]] = chosen[open_]
        ends += open_.long()
    return [
        tokenizer.decode(ids[row, int(lengths[row]) : int(ends[row])].tolist(), False)
        for row in range(len(prompts))
    ]
