"""From a streamed answer to the kernel's response, and usage added up over repair rounds."""

from __future__ import annotations

from typing import Any

from sidelight import ffi
from sidelight.contract import EngineUsage
from sidelight.kernel import ChatResponse, TextBlock, ThinkingBlock, ToolCall, ToolCallBlock, Usage
from sidelight.prompts import OfferedTool
from sidelight.prompts.render import RAW
from sidelight.streaming import StreamedAnswer
from sidelight.toolcalls import BadCallError, ParsedCall, parse_call


def visible_text(answer: StreamedAnswer) -> str:
    """The answer without its call, which would stand in the history with no result."""
    return "".join(block.text for block in answer.of("text"))


def parse_calls(answer: StreamedAnswer, tools: list[OfferedTool]) -> list[ParsedCall]:
    """The answer's calls, all valid; raises BadCallError."""
    calls = []
    for block in answer.of("call"):
        if not block.closed:
            raise BadCallError("it was not finished")
        calls.append(parse_call(block.text, tools))
    if not calls:
        raise BadCallError("there was none")
    return calls


def chat_response(
    answer: StreamedAnswer, calls: list[ParsedCall], reason: str, usage: EngineUsage | None
) -> ChatResponse:
    """The kernel's response; its metadata keeps the raw text, which later prompts repeat."""
    content: list[Any] = []
    for block in answer.blocks:
        if block.kind == "thinking":
            content.append(ThinkingBlock(thinking=block.text))
        elif block.kind == "text" and block.text.strip():
            content.append(TextBlock(text=block.text))
    tool_calls = [
        ToolCall(id=ffi.new_id("call"), name=call.name, arguments=call.arguments) for call in calls
    ]
    content += [ToolCallBlock(id=c.id, name=c.name, input=c.arguments) for c in tool_calls]
    return ChatResponse(
        content=content,
        tool_calls=tool_calls or None,
        usage=_kernel_usage(usage),
        finish_reason="tool_calls" if tool_calls else reason,
        metadata={RAW: {"raw": answer.raw, "finish_reason": reason}},
    )


def _kernel_usage(usage: EngineUsage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        cache_read_tokens=max(0, usage.prompt_tokens - usage.prefilled_tokens),
    )


def add_usage(first: EngineUsage | None, second: EngineUsage | None) -> EngineUsage | None:
    """Counts of two calls added up, with the speeds of the second."""
    if first is None or second is None:
        return first or second
    return second.model_copy(
        update={
            "prompt_tokens": first.prompt_tokens + second.prompt_tokens,
            "prefilled_tokens": first.prefilled_tokens + second.prefilled_tokens,
            "completion_tokens": first.completion_tokens + second.completion_tokens,
            "time_to_first_token_s": first.time_to_first_token_s,
        }
    )
