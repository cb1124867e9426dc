"""``python -m models.training check``: what training promises, on a cut recipe and without a card.

Loss falls in 20 steps; a run resumed from its checkpoint equals one that was not interrupted, bit
by bit; the exported folder computes the same log-probabilities in the tests' NumPy reference.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer

from models.training import recipe
from models.training.answers import prompt
from models.training.loop import Run
from tests.numerics.reference import Reference, read_weights

STEPS, TOLERANCE = 20, 1e-3
MESSAGES = [("system", "You are a test model."), ("user", "Repeat: moon tree 17")]


def cut(name: str) -> recipe.Recipe:
    """The recipe with short rows, a small batch and a tokenizer of little text."""
    return dataclasses.replace(
        recipe.read(name),
        row_tokens=128,
        batch_rows=2,
        block_rows=2,
        replays=2,
        steps=STEPS,
        warmup_steps=4,
        longest_page_sentences=4,
        tokenizer_chars=60_000,
    )


def resumed_equals_whole(chosen: recipe.Recipe, folder: Path) -> tuple[Run, list[float]]:
    """Train at once and in two parts; returns the whole run and its losses."""
    whole = Run(chosen, folder=folder / "whole")
    losses = whole.train()
    first = Run(chosen, folder=folder / "parts")
    before = first.train(steps=STEPS // 2)
    second = Run(chosen, folder=folder / "parts")
    after = second.train()
    if before + after != losses:
        raise AssertionError(f"losses differ: {before + after} and {losses}")
    for name, value in whole.network.state_dict().items():
        if not torch.equal(value, second.network.state_dict()[name]):
            raise AssertionError(f"{name} differs after a resumed run")
    return whole, losses


def export_error(run: Run) -> float:
    """Largest difference of log-probabilities between the export in NumPy and rounded weights."""
    folder = run.export()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    reference = Reference(read_weights(folder), run.recipe.architecture, tokenizer)
    ids = prompt(tokenizer, MESSAGES)
    expected = torch.from_numpy(reference.feed(ids))
    if run.recipe.weight_format != "raw":
        _round_like_export(run)
    with torch.no_grad():
        device = run.network.tok.weight.device
        logits = run.network(torch.tensor([ids], device=device))[0, -1].double().cpu()
    return float((torch.log_softmax(logits, -1) - expected).abs().max())


def _round_like_export(run: Run) -> None:
    """Fold the gains and round to bfloat16, as the exported weights are."""
    with torch.no_grad():
        for block in run.network.blocks:
            for norm, layer in ((block.norm1, block.attn.qkv), (block.norm2, block.gate_up)):
                layer.weight.mul_(norm.weight)
                norm.weight.fill_(1.0)
        for name, weight in run.network.named_parameters():
            if "norm1" not in name and "norm2" not in name:
                weight.copy_(weight.bfloat16().float())


def main() -> int:
    """Check both recipes; 0 when all holds."""
    for name in recipe.names():
        with tempfile.TemporaryDirectory() as place:
            run, losses = resumed_equals_whole(cut(name), Path(place))
            if not sum(losses[-5:]) < 0.97 * sum(losses[:5]):
                raise AssertionError(f"{name}: the loss does not fall: {losses}")
            error = export_error(run)
            if error > TOLERANCE:
                raise AssertionError(f"{name}: the export is off by {error}")
            print(
                f"{name}: loss {losses[0]:.2f} to {losses[-1]:.2f} in {STEPS} steps, resumed "
                f"bit-equal, export equal to {error:.1e}"
            )
    return 0
