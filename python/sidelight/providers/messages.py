"""What every server gets of the kernel's messages: texts made safe, tools, and images counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sidelight.kernel import ChatRequest, Message
from sidelight.prompts import OfferedTool
from sidelight.prompts.escape import break_special_tokens, defuse, neutralise
from sidelight.prompts.render import ESCAPED

#: stands for an image that the model cannot be shown
NO_IMAGE = "[An image was here. You cannot see it.]"


def offered(request: ChatRequest) -> list[OfferedTool]:
    """The request's tools."""
    return [
        OfferedTool(tool.name, tool.description or "", tool.parameters)
        for tool in request.tools or []
    ]


def count_images(messages: Sequence[Message]) -> int:
    """The images of a conversation."""
    return sum(
        block.type == "image"
        for message in messages
        if not isinstance(message.content, str)
        for block in message.content
    )


def safe(message: Message, text: str) -> str:
    """A text of the message that can spell no special token of a server's chat template: not even
    the model's own, as it may repeat what a page made it say."""
    match message.role:
        case "user":
            return defuse(text)
        case "assistant":
            # Its "[3]" points at a sentence.
            return neutralise(text, numbers=False)
        case "system" | "developer":
            return break_special_tokens(text)
    escaped = (message.metadata or {}).get(ESCAPED) is True
    return break_special_tokens(text) if escaped else neutralise(text)


def text_of(message: Message) -> str:
    """All text of a message, results of tools included."""
    if isinstance(message.content, str):
        return message.content
    found = [
        output(block) if block.type == "tool_result" else getattr(block, "text", "")
        for block in message.content
    ]
    return "\n\n".join(filter(None, found))


def output(block: Any) -> str:
    """A tool result's text."""
    return block.output if isinstance(block.output, str) else dump(block.output)


def named_choice(choice: Any) -> str:
    """``auto``, ``none``, ``required``, or the name of the tool that must be called."""
    if isinstance(choice, dict):
        choice = (choice.get("function") or {}).get("name") or choice.get("name") or "auto"
    return {"any": "required", "": "auto", None: "auto"}.get(choice, str(choice))


def dump(value: Any) -> str:
    """JSON with its characters as they are."""
    return json.dumps(value, ensure_ascii=False)


def first(value: Any, default: Any) -> Any:
    """``value`` unless it is None."""
    return default if value is None else value
