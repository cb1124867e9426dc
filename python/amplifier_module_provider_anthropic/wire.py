"""The kernel's messages and tools as a request of Anthropic's messages API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sidelight.kernel import ChatRequest, Message
from sidelight.prompts.escape import neutralise, neutralise_strings
from sidelight.prompts.general import SERVER_SYSTEM
from sidelight.prompts.render import SIGNED
from sidelight.providers.messages import (
    NO_IMAGE,
    first,
    named_choice,
    output,
    safe,
    text_of,
)

#: the tool by which an answer is held to a JSON schema, as the protocol has no other way
FORM_TOOL = "answer"
_NOTE = "Note from the extension:\n"
_CACHE = {"type": "ephemeral"}
#: the least budget for thinking that the protocol takes
MIN_THINKING_TOKENS = 1024


def request_body(
    request: ChatRequest,
    model: str,
    defaults: dict[str, Any],
    *,
    signed_by: str,
    images: bool = True,
    without: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The JSON body of a streamed request; unset options are left to the server.

    ``signed_by`` names server and model: thinking of any other would not be accepted.
    """
    messages = list(request.messages)
    system = SERVER_SYSTEM
    if messages and messages[0].role in ("system", "developer"):
        system = safe(messages[0], text_of(messages.pop(0)))
    form = form_of(request)
    most = int(first(request.max_output_tokens, defaults.get("max_tokens")) or 1024)
    most = min(most, int(defaults.get("answer_tokens") or most))
    thinking = int(defaults.get("thinking_tokens") or 0)
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": most,
        # Tools, system text and messages are one prefix, in this order; a mark stands for all
        # before it.
        "system": [{"type": "text", "text": system, "cache_control": _CACHE}],
        "messages": _marked(_conversation(messages, signed_by, images)),
        "stream": True,
        "stop_sequences": request.stop or defaults.get("stop") or None,
    }
    if thinking >= MIN_THINKING_TOKENS and form is None:
        body["thinking"] = {"type": "enabled", "budget_tokens": thinking}
        # The answer comes on top of the thinking; with it no temperature is taken.
        body["max_tokens"] = most + thinking
    else:
        temperature = first(request.temperature, defaults.get("temperature"))
        body["temperature"] = None if temperature is None else min(1.0, float(temperature))
        top_p = first(request.top_p, defaults.get("top_p"))
        # Its models take one of the two.
        if top_p is not None and float(top_p) < 1.0:
            body["top_p"] = top_p
            body["temperature"] = None
    tools = [
        {
            "name": tool.name,
            "description": tool.description or "",
            "input_schema": {"type": "object", **tool.parameters},
        }
        for tool in request.tools or []
    ]
    if form is not None:
        tools.append({"name": FORM_TOOL, "description": "Give the answer.", "input_schema": form})
        body["tool_choice"] = {"type": "tool", "name": FORM_TOOL}
    elif tools:
        body["tool_choice"] = _tool_choice(request.tool_choice, bool(body.get("thinking")))
    body["tools"] = tools or None
    return {n: value for n, value in body.items() if value is not None and n not in without}


def form_of(request: ChatRequest) -> dict[str, Any] | None:
    """The schema that the answer must have."""
    wanted = request.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json":
        return {"type": "object"}
    schema: dict[str, Any] = wanted.json_schema
    return schema


def _tool_choice(choice: Any, thinking: bool) -> dict[str, Any]:
    named = named_choice(choice)
    if named in ("auto", "none"):
        return {"type": named}
    # A model that thinks first takes no forced call.
    if thinking:
        return {"type": "auto"}
    return {"type": "any"} if named == "required" else {"type": "tool", "name": named}


def _conversation(
    messages: Sequence[Message], signed_by: str, images: bool
) -> list[dict[str, Any]]:
    """Messages of user and assistant in turns; results of tools are the user's."""
    told: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message, signed_by, images)
        if not blocks:
            continue
        if told and told[-1]["role"] == role:
            told[-1]["content"] += blocks
        else:
            told.append({"role": role, "content": blocks})
    for wire in told:
        # Results come first in the message that follows their calls.
        wire["content"].sort(key=lambda block: block["type"] != "tool_result")
    return told


def _blocks(message: Message, signed_by: str, images: bool) -> list[dict[str, Any]]:
    if message.role in ("tool", "function"):
        if isinstance(message.content, str):
            return [_result(message.tool_call_id or "", safe(message, message.content))]
        results = [block for block in message.content if block.type == "tool_result"]
        if results:
            return [_result(block.tool_call_id, safe(message, output(block))) for block in results]
        return [_result(message.tool_call_id or "", safe(message, text_of(message)))]
    if isinstance(message.content, str):
        note = _NOTE if message.role in ("system", "developer") else ""
        text = safe(message, message.content)
        return [_text(note + text)] if text.strip() else []
    ours = (message.metadata or {}).get(SIGNED) == signed_by
    blocks = (_block(block, message, ours, images) for block in message.content)
    found = [block for block in blocks if block is not None]
    # A stopped answer may be thinking alone, and no message may end with it.
    while found and found[-1]["type"] in ("thinking", "redacted_thinking"):
        found.pop()
    return found


def _block(block: Any, message: Message, ours: bool, images: bool) -> dict[str, Any] | None:
    match block.type:
        case "text":
            text = safe(message, block.text)
            return _text(text) if text.strip() else None
        case "thinking" if ours and block.signature:
            # As it came: the signature is of these very characters.
            return {
                "type": "thinking",
                "thinking": block.thinking,
                "signature": block.signature,
            }
        case "redacted_thinking" if ours:
            return {"type": "redacted_thinking", "data": block.data}
        case "tool_call":
            return {
                "type": "tool_use",
                "id": _id(block.id),
                "name": neutralise(block.name),
                "input": neutralise_strings(block.input),
            }
        case "tool_result":
            return _result(block.tool_call_id, safe(message, output(block)))
        case "image":
            return _image(block.source) if images else _text(NO_IMAGE)
    return None


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _result(call_id: str, text: str) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": _id(call_id), "content": text}


def _id(call_id: str) -> str:
    """Another server's ids may hold more than this one takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", call_id) or "call"


def _image(source: dict[str, Any]) -> dict[str, Any]:
    if url := source.get("url"):
        return {"type": "image", "source": {"type": "url", "url": url}}
    data = {
        "type": "base64",
        "media_type": source.get("media_type", "image/png"),
        "data": source.get("data", ""),
    }
    return {"type": "image", "source": data}


def _marked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A mark at the end and one at the user's message before: the first writes what the next
    request finds, the second finds what the last one wrote."""
    users = [message for message in messages if message["role"] == "user"]
    for message in users[-2:]:
        message["content"][-1] = {**message["content"][-1], "cache_control": _CACHE}
    return messages
