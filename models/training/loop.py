"""The training loop: blocks from worker processes, steps, a log, and checkpoints to go on from."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.training import export as exporting
from models.training import packing, tokens
from models.training.answers import load_packaged
from models.training.masks import dense_mask, sparse_mask
from models.training.network import BlockMask, Decoder
from models.training.optimizer import Optimizer
from models.training.recipe import Recipe
from models.training.source import blocks

_LOG_STEPS = 50
_FINAL_RATE = 0.02
#: a run that is killed loses at most so much
_SAVE_S = 90.0


def rate_share(recipe: Recipe, step: int, spent: float = 0.0) -> float:
    """Share of the full rate at a step: a short rise, then a cosine down.

    `spent` is the share of a run's time that has gone, where the run has to end with it.
    """
    rise = min(1.0, (step + 1) / recipe.warmup_steps)
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, max(spent, step / recipe.steps))))
    return rise * (fall * (1 - _FINAL_RATE) + _FINAL_RATE)


class Run:
    """A training run that goes on from its folder's checkpoint when there is one."""

    def __init__(
        self,
        recipe: Recipe,
        *,
        folder: Path | None = None,
        workers: int = 0,
        fresh: bool = False,
        dense: bool = False,
        packaged: Path | None = None,
    ) -> None:
        self.recipe = recipe
        self.workers = workers
        self.dense = dense
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.folder = folder = folder or recipe.folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "tokenizer.json"
        if fresh:
            for name in ("tokenizer.json", "checkpoint.pt", "log.jsonl"):
                (folder / name).unlink(missing_ok=True)
        if packaged and not path.is_file():
            shutil.copyfile(packaged / "tokenizer.json", path)
        self.tokenizer = (
            Tokenizer.from_file(str(path)) if path.is_file() else tokens.build(recipe, path)
        )
        if self.device.type == "cuda":
            # OpenMP's threads spin between the small copies and take the cores from the workers,
            # which then make text five times slower.
            torch.set_num_threads(1)
        torch.manual_seed(recipe.seed)
        torch.set_float32_matmul_precision("high")
        self.network = Decoder(recipe.architecture).to(self.device)
        if packaged:
            load_packaged(self.network, packaged)
        self.optimizer = Optimizer(self.network, recipe.matrix_rate, recipe.other_rate)
        self.done = 0
        self.checkpoint = folder / "checkpoint.pt"
        if self.checkpoint.is_file():
            kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.optimizer.load(kept["optimizer"])
            self.done = kept["steps"]
        loss = self.network.loss
        self.loss = loss
        if self.device.type == "cuda" and not dense:
            self.loss = torch.compile(loss, dynamic=False)

    def save(self) -> None:
        """Write the checkpoint in one go; a broken run leaves the old one."""
        half = self.checkpoint.with_suffix(".part")
        state = {
            "steps": self.done,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state(),
        }
        torch.save(state, half)
        half.replace(self.checkpoint)

    def export(self) -> Path:
        """The weights as they are now, as an MLC folder below the run's own; returns its path."""
        folder = self.folder / "resolve/main"
        weights = {
            name: value.detach().float().cpu().numpy()
            for name, value in self.network.state_dict().items()
        }
        exporting.export(self.recipe, weights, self.folder / "tokenizer.json", folder)
        return folder

    def _batch(self, source: Iterator[packing.Block]) -> tuple[Tensor, Tensor, Tensor]:
        made = [next(source) for _ in range(self.recipe.batch_rows // self.recipe.block_rows)]
        parts = zip(*((b.ids, b.weights, b.owners) for b in made), strict=True)
        ids, weights, owners = (
            torch.cat([torch.from_numpy(part) for part in same]).to(self.device, torch.int32)
            for same in parts
        )
        # The first token of a conversation follows from nothing.
        same_owner = (owners[:, 1:] == owners[:, :-1]) & (owners[:, 1:] > 0)
        weights[:, 1:] = torch.where(same_owner, weights[:, 1:], -1)
        return ids.long(), weights, owners[:, :-1].contiguous()

    def train(
        self, *, steps: int | None = None, seconds: float | None = None, finish: bool = False
    ) -> list[float]:
        """Train to the recipe's end, `steps` more, or about `seconds`; returns the losses.

        With `finish` the rate has fallen to its end when `seconds` are over.
        """
        recipe, end = self.recipe, self.recipe.steps
        end = end if steps is None else min(end, self.done + steps)
        per_step = recipe.batch_rows // recipe.block_rows
        source = blocks(recipe, self.folder, self.tokenizer, self.done * per_step, self.workers)
        sparse = self.device.type == "cuda" and BlockMask is not None and not self.dense
        mask = sparse_mask if sparse else dense_mask
        waited = 0.0
        started = saved = time.monotonic()
        losses: list[Tensor] = []
        window: list[Tensor] = []
        first = self.done
        with (self.folder / "log.jsonl").open("a") as log:
            while self.done < end:
                if seconds is not None and time.monotonic() - started > seconds:
                    break
                asked = time.monotonic()
                ids, weights, owners = self._batch(source)
                waited += time.monotonic() - asked
                mixed = partial(torch.autocast, self.device.type, torch.bfloat16)
                with mixed(enabled=self.device.type == "cuda"):
                    loss, right = self.loss(ids, weights, recipe.rest_weight, mask(owners))
                loss.backward()
                gone = (time.monotonic() - started) / seconds if finish and seconds else 0.0
                self.optimizer.step(rate_share(recipe, self.done, gone))
                self.done += 1
                if time.monotonic() - saved > _SAVE_S:
                    self.save()
                    saved = time.monotonic()
                losses.append(loss.detach())
                window.append(right)
                if self.done % _LOG_STEPS == 0 or self.done == end:
                    spent = time.monotonic() - started
                    made = (self.done - first) * recipe.batch_rows * recipe.row_tokens
                    row = {
                        "step": self.done,
                        "seconds": round(spent, 1),
                        "loss": round(float(torch.stack(losses[-_LOG_STEPS:]).mean()), 5),
                        "answer_tokens_right": round(float(torch.stack(window).mean()), 5),
                        "tokens_per_s": round(made / spent),
                        "waited_for_text_s": round(waited, 1),
                    }
                    window.clear()
                    log.write(json.dumps(row) + "\n")
                    log.flush()
                    print(json.dumps(row), flush=True)
        self.save()
        source.close()
        return [float(loss) for loss in losses]
