"""One model call as live events: visible text and thinking stream, tool calls stay hidden."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sidelight.kernel import (
    LLM_STREAM_BLOCK_DELTA,
    LLM_STREAM_BLOCK_END,
    LLM_STREAM_BLOCK_START,
)
from sidelight.streams import Piece, StreamSplitter

Emit = Callable[[str, dict[str, Any]], Awaitable[Any]]


@dataclass
class Block:
    """A finished or growing part of the answer."""

    kind: str
    text: str = ""
    closed: bool = False


@dataclass
class StreamedAnswer:
    """Takes the raw text of a call, emits stream events, and keeps the blocks in order."""

    request_id: str
    emit: Emit
    live: bool = True
    raw: str = ""
    blocks: list[Block] = field(default_factory=list)
    _splitter: StreamSplitter = field(default_factory=StreamSplitter)
    _sequence: int = 0
    _open: bool = False

    async def feed(self, text: str) -> None:
        """More raw text."""
        self.raw += text
        for piece in self._splitter.feed(text):
            await self.take(piece)

    async def finish(self) -> None:
        """The call is over: flush what was held back and close the open block."""
        for piece in self._splitter.finish():
            await self.take(piece)
        await self._close()

    def of(self, kind: str) -> list[Block]:
        """The blocks of one kind."""
        return [block for block in self.blocks if block.kind == kind]

    async def take(self, piece: Piece) -> None:
        """A part that is known to be text, thinking or a call, past the search for tags."""
        current = self.blocks[-1] if self.blocks and not self.blocks[-1].closed else None
        if piece.end:
            if current and current.kind == piece.kind:
                await self._close()
                current.closed = True
            elif piece.kind == "call":
                self.blocks.append(Block("call", closed=True))
            return
        if current is None or current.kind != piece.kind:
            await self._close()
            current = Block(piece.kind)
            self.blocks.append(current)
            await self._start(piece.kind)
        current.text += piece.text
        if piece.kind != "call":
            await self._send(
                LLM_STREAM_BLOCK_DELTA,
                {"block_type": piece.kind, "sequence": self._sequence, "text": piece.text},
            )
            self._sequence += 1

    async def _start(self, kind: str) -> None:
        self._open = True
        self._sequence = 0
        block_type = "tool_use" if kind == "call" else kind
        await self._send(LLM_STREAM_BLOCK_START, {"block_type": block_type})

    async def _close(self) -> None:
        if self._open:
            self._open = False
            block_type = "tool_use" if self.blocks[-1].kind == "call" else self.blocks[-1].kind
            await self._send(LLM_STREAM_BLOCK_END, {"block_type": block_type})

    async def _send(self, event: str, data: dict[str, Any]) -> None:
        if self.live:
            index = len(self.blocks) - 1
            await self.emit(event, {"request_id": self.request_id, "block_index": index, **data})
