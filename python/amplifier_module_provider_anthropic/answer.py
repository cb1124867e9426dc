"""One streamed answer of the messages API: blocks in their order, signatures, usage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sidelight.kernel import (
    ChatResponse,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolCall,
    ToolCallBlock,
    Usage,
)
from sidelight.prompts.render import SIGNED
from sidelight.providers.calls import checked_call, tool_name
from sidelight.providers.messages import dump
from sidelight.streaming import StreamedAnswer
from sidelight.streams import Piece

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}


@dataclass
class _Block:
    kind: str
    text: str = ""
    signature: str = ""
    call_id: str = ""
    name: str = ""


@dataclass
class Answer:
    """Takes the stream's values; ``reason`` is None until the server names one."""

    answer: StreamedAnswer
    signed_by: str
    #: the answer was asked for in a form, which comes as the input of a tool
    has_form: bool = False
    reason: str | None = None
    usage: Usage | None = None
    done: bool = False
    _blocks: dict[int, _Block] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    async def take(self, value: dict[str, Any]) -> None:
        """One event of the stream. Fields of an unexpected kind are passed over."""
        match value.get("type"):
            case "message_start":
                self._count(_fields(value.get("message")).get("usage"))
            case "content_block_start":
                await self._start(_index(value), _fields(value.get("content_block")))
            case "content_block_delta":
                await self._delta(_index(value), _fields(value.get("delta")))
            case "content_block_stop":
                block = self._blocks.get(_index(value))
                if block and block.kind in ("text", "thinking"):
                    await self.answer.take(Piece(_live(block), "", True))
            case "message_delta":
                self._count(value.get("usage"))
                reason = _fields(value.get("delta")).get("stop_reason")
                if isinstance(reason, str):
                    self.reason = _REASONS.get(reason, reason)
            case "message_stop":
                self.done = True

    async def take_whole(self, value: dict[str, Any]) -> None:
        """The answer of a server that does not stream; ``reason`` stays None if it is none."""
        content = value.get("content")
        if not isinstance(content, list):
            return
        for index, block in enumerate(content):
            given = _fields(block)
            await self._start(index, given)
            if given.get("type") == "tool_use":
                self._blocks[index].text = dump(given.get("input"))
        self._count(value.get("usage"))
        reason = value.get("stop_reason")
        self.reason = _REASONS.get(reason, reason) if isinstance(reason, str) else "stop"
        self.done = True

    async def finish(self) -> None:
        """Nothing more will come."""
        await self.answer.finish()

    async def _start(self, index: int, given: dict[str, Any]) -> None:
        kind = str(given.get("type") or "")
        if kind not in ("text", "thinking", "redacted_thinking", "tool_use"):
            return
        block = self._blocks[index] = _Block(kind)
        block.call_id = str(given.get("id") or "")
        block.name = str(given.get("name") or "")
        if kind == "redacted_thinking":
            block.text = str(given.get("data") or "")
        block.signature = str(given.get("signature") or "")
        if kind in ("text", "thinking") and isinstance(text := given.get(kind), str):
            await self._add(block, text)

    async def _delta(self, index: int, delta: dict[str, Any]) -> None:
        block = self._blocks.get(index)
        if block is None:
            return
        match delta.get("type"):
            case "text_delta" if isinstance(text := delta.get("text"), str):
                await self._add(block, text)
            case "thinking_delta" if isinstance(text := delta.get("thinking"), str):
                await self._add(block, text)
            case "signature_delta" if isinstance(text := delta.get("signature"), str):
                block.signature += text
            case "input_json_delta" if isinstance(text := delta.get("partial_json"), str):
                block.text += text

    async def _add(self, block: _Block, text: str) -> None:
        block.text += text
        if text:
            await self.answer.take(Piece(_live(block), text))

    def _count(self, given: Any) -> None:
        for name, count in _fields(given).items():
            if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**53:
                self._counts[name] = count
        if not self._counts:
            return
        cached = self._counts.get("cache_read_input_tokens", 0)
        written = self._counts.get("cache_creation_input_tokens", 0)
        read = self._counts.get("input_tokens", 0) + cached + written
        answered = self._counts.get("output_tokens", 0)
        self.usage = Usage(
            input_tokens=read,
            output_tokens=answered,
            total_tokens=read + answered,
            cache_read_tokens=cached,
            cache_write_tokens=written,
        )

    def response(self, reason: str, used_ids: frozenset[str]) -> ChatResponse:
        """The kernel's response; what was begun when a stop came is kept, but no call."""
        content: list[Any] = []
        calls: list[ToolCall] = []
        signed = False
        for _, block in sorted(self._blocks.items()):
            if block.kind == "thinking" and (block.text or block.signature):
                content.append(
                    ThinkingBlock(thinking=block.text, signature=block.signature or None)
                )
                signed = signed or bool(block.signature)
            elif block.kind == "redacted_thinking":
                content.append(RedactedThinkingBlock(data=block.text))
                signed = True
            elif block.kind == "text" and block.text.strip():
                content.append(TextBlock(text=block.text))
            elif block.kind == "tool_use" and self.has_form and reason != "abort":
                content.append(TextBlock(text=block.text or "{}"))
            elif block.kind == "tool_use" and reason != "abort":
                name = tool_name(block.name) or "unnamed"
                used = used_ids | {call.id for call in calls}
                call = checked_call(block.call_id, name, block.text, used)
                calls.append(call)
                content.append(ToolCallBlock(id=call.id, name=call.name, input=call.arguments))
        return ChatResponse(
            content=content,
            tool_calls=calls or None,
            usage=self.usage,
            finish_reason="tool_calls" if calls else reason,
            metadata={SIGNED: self.signed_by} if signed else None,
        )


def _live(block: _Block) -> Any:
    return "thinking" if block.kind == "thinking" else "text"


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _index(value: dict[str, Any]) -> int:
    index = value.get("index")
    return index if isinstance(index, int) else -1
