"""One streamed completion: collects text, thinking, tool calls and usage from its events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sidelight import ffi
from sidelight.kernel import ChatResponse, TextBlock, ThinkingBlock, ToolCall, ToolCallBlock, Usage
from sidelight.prompts import OfferedTool
from sidelight.providers.calls import checked_call, tool_name
from sidelight.streaming import StreamedAnswer
from sidelight.streams import Piece
from sidelight.toolcalls import BadCallError, parse_call

_REASONS = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


@dataclass
class _PartialCall:
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Completion:
    """Takes the stream's values; ``reason`` is None until the server names one."""

    answer: StreamedAnswer
    reason: str | None = None
    usage: Usage | None = None
    done: bool = False
    _calls: dict[int, _PartialCall] = field(default_factory=dict)

    async def take(self, value: dict[str, Any]) -> None:
        """One event of the stream. Fields of an unexpected kind are passed over."""
        if isinstance(value.get("usage"), dict):
            self.usage = _usage(value["usage"])
        choices = value.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        choice = choices[0]
        delta = _fields(choice.get("delta") or choice.get("message"))
        for name in ("reasoning_content", "reasoning"):
            if isinstance(text := delta.get(name), str) and text:
                await self.answer.take(Piece("thinking", text))
                break
        if isinstance(text := delta.get("content"), str) and text:
            await self.answer.feed(text)
        if isinstance(text := delta.get("refusal"), str) and text:
            await self.answer.feed(text)
        parts = delta.get("tool_calls")
        for position, part in enumerate(parts if isinstance(parts, list) else []):
            if isinstance(part, dict):
                self._add_call(part, position)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            self.reason = _REASONS.get(reason, reason)

    async def take_whole(self, value: dict[str, Any]) -> None:
        """The answer of a server that does not stream; ``reason`` stays None if it is none."""
        choices = value.get("choices")
        if isinstance(choices, list) and choices:
            await self.take(value)
            self.reason = self.reason or "stop"

    async def finish(self) -> None:
        """Nothing more will come."""
        await self.answer.finish()

    def _add_call(self, part: dict[str, Any], position: int) -> None:
        index = part.get("index")
        call = self._calls.setdefault(index if isinstance(index, int) else position, _PartialCall())
        function = _fields(part.get("function"))
        call.call_id = call.call_id or str(part.get("id") or "")
        call.name += str(function.get("name") or "")
        given = function.get("arguments")
        if given is not None:
            call.arguments += given if isinstance(given, str) else json.dumps(given)

    def calls(
        self, used_ids: frozenset[str] = frozenset(), in_words: Sequence[OfferedTool] | None = None
    ) -> tuple[list[ToolCall], list[str]]:
        """(calls, why others are none). One whose arguments cannot be read is an UnusableCall.

        ``used_ids``: of earlier calls. ``in_words``: the
        tools that may be called in words, where the server does not know calls. Elsewhere such
        words are no call: a page or a to-do can make a model repeat them.
        """
        calls: list[ToolCall] = []
        problems: list[str] = []
        for _, partial in sorted(self._calls.items()):
            name = tool_name(partial.name)
            if not name:
                problems.append("it has no name")
                continue
            used = used_ids | {call.id for call in calls}
            calls.append(checked_call(partial.call_id, name, partial.arguments, used))
        for block in self.answer.of("call"):
            if not block.text.strip():
                continue
            try:
                if in_words is None:
                    raise BadCallError("it is only written in the text")
                if not block.closed:
                    raise BadCallError("it was not finished")
                said = parse_call(block.text, in_words)
            except BadCallError as error:
                problems.append(str(error))
            else:
                calls.append(
                    ToolCall(id=ffi.new_id("call"), name=said.name, arguments=said.arguments)
                )
        return calls, problems

    def response(self, calls: list[ToolCall], reason: str) -> ChatResponse:
        """The kernel's response."""
        content: list[Any] = []
        for block in self.answer.blocks:
            if block.kind == "thinking":
                content.append(ThinkingBlock(thinking=block.text))
            elif block.kind == "text" and block.text.strip():
                content.append(TextBlock(text=block.text))
        content += [ToolCallBlock(id=c.id, name=c.name, input=c.arguments) for c in calls]
        return ChatResponse(
            content=content,
            tool_calls=calls or None,
            usage=self.usage,
            finish_reason="tool_calls" if calls else reason,
        )


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _usage(given: dict[str, Any]) -> Usage:
    def count(*names: str, within: str | None = None) -> int | None:
        values = given.get(within) if within else given
        for name in names:
            found = values.get(name) if isinstance(values, dict) else None
            if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53:
                return found
        return None

    read = count("prompt_tokens", "input_tokens") or 0
    written = count("completion_tokens", "output_tokens") or 0
    return Usage(
        input_tokens=read,
        output_tokens=written,
        total_tokens=read + written,
        reasoning_tokens=count("reasoning_tokens", within="completion_tokens_details"),
        cache_read_tokens=count("cached_tokens", within="prompt_tokens_details"),
    )
