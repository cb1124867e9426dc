"""From an Amplifier chat request to the messages the engine gets: the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sidelight.contract import ChatMessage
from sidelight.kernel import Message
from sidelight.prompts.base import Family, OfferedTool, ToolText
from sidelight.prompts.escape import break_special_tokens, defuse, neutralise, neutralise_strings

#: key in a message's metadata: the provider's own record of an answer
RAW = "webllm"
#: key in a tool message's metadata: our own tool rendered and escaped the text
ESCAPED = "escaped"
#: key in a message's metadata: the server and model whose signed thinking the message holds
SIGNED = "signed_by"
_NOTE = "Note from the extension:\n"


def render_messages(
    family: Family, messages: Sequence[Message], tools: Sequence[OfferedTool]
) -> list[ChatMessage]:
    """System text first, then user, assistant and tool messages.

    Results that follow each other become one message, as do user messages; a system message in the
    middle (WebLLM refuses them) becomes a note to the model in the user's place.
    """
    system = family.system(tools)
    rest = list(messages)
    while rest and rest[0].role in ("system", "developer"):
        system += "\n\n" + break_special_tokens(text_of(rest.pop(0)))
    rendered = [ChatMessage(role="system", content=system)]
    for role, content in _conversation(family, rest):
        if role == "user" and rendered[-1].role == "user":
            rendered[-1].content += "\n\n" + content
        else:
            rendered.append(ChatMessage(role=role, content=content))
    return rendered


def _conversation(family: Family, messages: Sequence[Message]) -> Iterator[tuple[Any, str]]:
    results: list[ToolText] = []
    for message in messages:
        if message.role in ("tool", "function"):
            results.append(ToolText(message.name or "tool", _tool_text(message)))
            continue
        if results:
            yield "tool", break_special_tokens(family.tool_results(results))
            results = []
        if message.role == "assistant":
            if answer := assistant_text(message):
                yield "assistant", break_special_tokens(answer)
        elif message.role == "user":
            yield "user", defuse(text_of(message))
        else:
            yield "user", _NOTE + break_special_tokens(text_of(message))
    if results:
        yield "tool", break_special_tokens(family.tool_results(results))


def render_text(message: Message) -> str:
    """One message's text as the model gets it, for estimates of its size."""
    if message.role in ("tool", "function"):
        return _tool_text(message)
    return assistant_text(message) if message.role == "assistant" else text_of(message)


def _tool_text(message: Message) -> str:
    text = text_of(message)
    return text if (message.metadata or {}).get(ESCAPED) is True else neutralise(text)


def text_of(message: Message) -> str:
    """The text of a message; blocks other than text are left out."""
    if isinstance(message.content, str):
        return message.content
    return "".join(getattr(block, "text", "") for block in message.content)


def assistant_text(message: Message) -> str:
    """An answer as the model wrote it; rebuilt from its parts when another provider wrote it."""
    record = (message.metadata or {}).get(RAW)
    if isinstance(record, dict) and isinstance(record.get("raw"), str):
        return str(record["raw"])
    calls: list[dict[str, Any]] = getattr(message, "tool_calls", None) or []
    return neutralise(text_of(message), numbers=False) + "".join(
        call_text(
            neutralise(str(call.get("name") or call.get("tool"))),
            neutralise_strings(call.get("arguments") or {}),
        )
        for call in calls
    )


def call_text(name: str, arguments: dict[str, Any]) -> str:
    """A tool call as models write it."""
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>{call}</tool_call>"
