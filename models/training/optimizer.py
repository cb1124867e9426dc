"""Muon for the matrices of the blocks, Adam for embeddings, gains and the output."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.training.network import Decoder

_MOMENTUM, _DECAY, _CLIP = 0.95, 0.05, 1.0


def orthogonal(gradient: Tensor) -> Tensor:
    """The nearest matrices with equal singular values, [count, rows, columns], by Newton-Schulz."""
    x = gradient.bfloat16() if gradient.is_cuda else gradient
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.mT if tall else x).float()


class Optimizer:
    """Both rules over one network; matrices of one shape are stepped together."""

    def __init__(self, network: Decoder, matrix_rate: float, other_rate: float) -> None:
        self.rates = (matrix_rate, other_rate)
        self.groups: dict[tuple[int, ...], list[Tensor]] = {}
        self.others: list[Tensor] = []
        for name, weight in network.named_parameters():
            if weight.ndim == 2 and name.startswith("blocks."):
                self.groups.setdefault(tuple(weight.shape), []).append(weight)
            else:
                self.others.append(weight)
        # bfloat16 halves the checkpoint, which has to travel.
        self.momenta = {
            shape: torch.zeros(len(group), *shape, dtype=torch.bfloat16, device=group[0].device)
            for shape, group in self.groups.items()
        }
        self.adam = torch.optim.AdamW(self.others, lr=other_rate, betas=(0.9, 0.98), weight_decay=0)

    def step(self, share: float) -> None:
        """One step at `share` of the full rates; gradients are cleared."""
        for group in self.adam.param_groups:
            group["lr"] = self.rates[1] * share
        torch.nn.utils.clip_grad_norm_(self.others, _CLIP)
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        rate = self.rates[0] * share
        for shape, group in self.groups.items():
            gradient = torch.stack([weight.grad for weight in group if weight.grad is not None])
            momentum = self.momenta[shape].float().mul_(_MOMENTUM).add_(gradient)
            self.momenta[shape].copy_(momentum)
            updates = orthogonal(gradient + _MOMENTUM * momentum)
            size = 0.2 * max(shape) ** 0.5
            with torch.no_grad():
                for weight, update in zip(group, updates, strict=True):
                    weight.mul_(1 - rate * _DECAY).add_(update, alpha=-rate * size)
                    weight.grad = None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"adam": self.adam.state_dict(), "momenta": list(self.momenta.values())}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint's state."""
        self.adam.load_state_dict(state["adam"])
        for kept, momentum in zip(state["momenta"], self.momenta.values(), strict=True):
            momentum.copy_(kept)
