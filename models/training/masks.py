"""Which tokens see which in a packed row: each its own conversation up to itself.

Owners [rows, tokens] count conversations from 1 in order, with 0 for the unused end of a row.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.training.network import BlockMask

BLOCK = 128


def dense_mask(owners: Tensor) -> Tensor:
    """Booleans [rows, 1, tokens, tokens]: query, key."""
    length = owners.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=owners.device).tril()
    return (causal & (owners[:, :, None] == owners[:, None, :]))[:, None]


def _listed(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Counts [..., queries] and indices of the true blocks first, [..., queries, keys]."""
    order = torch.argsort(blocks.to(torch.int8), dim=-1, descending=True, stable=True)
    return blocks.sum(-1, dtype=torch.int32), order.to(torch.int32)


def sparse_mask(owners: Tensor) -> Any:
    """The same as a BlockMask; tokens a multiple of BLOCK.

    Owners only grow along a row, so the first and last token of a block tell all of it: asking
    PyTorch to find out takes longer than the step it is for.
    """
    rows, length = owners.shape
    ordered = torch.where(owners == 0, torch.iinfo(torch.int32).max, owners.int())
    grid = ordered.view(rows, length // BLOCK, BLOCK)
    first, last = grid[:, :, 0], grid[:, :, -1]
    place = torch.arange(length // BLOCK, device=owners.device)
    earlier = place[:, None] > place[None, :]
    shared = last[:, None, :] >= first[:, :, None]
    whole = earlier & (first[:, None, :] == last[:, :, None])
    part = (earlier | (place[:, None] == place[None, :])) & shared & ~whole

    def sees(row: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (query >= key) & (owners[row, query] == owners[row, key])

    return BlockMask.from_kv_blocks(
        *_listed(part[:, None]),
        *_listed(whole[:, None]),
        BLOCK_SIZE=BLOCK,
        mask_mod=sees,
        seq_lengths=(length, length),
    )
