"""The kernel's messages and tools as an OpenAI chat completion request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sidelight.kernel import ChatRequest, Message
from sidelight.prompts import ToolText
from sidelight.prompts.escape import break_special_tokens, neutralise, neutralise_strings
from sidelight.prompts.general import SERVER_SYSTEM, TOOLS, GeneralFamily
from sidelight.prompts.render import assistant_text
from sidelight.providers.calls import short_ids
from sidelight.providers.messages import (
    NO_IMAGE,
    dump,
    first,
    named_choice,
    offered,
    output,
    text_of,
)
from sidelight.providers.messages import safe as safe_text

_FAMILY = GeneralFamily()


@dataclass
class Shape:
    """How this server has to be asked. It starts as the protocol has it, and learns by refusals.

    ``without`` names parameters that it refuses, such as ``seed``; ``short_ids``: of a call, see
    ``sidelight.providers.calls``.
    """

    tools_in_words: bool = False
    images: bool = True
    formats: bool = True
    short_ids: bool = False
    without: set[str] = field(default_factory=set)


def request_body(
    request: ChatRequest, model: str, defaults: dict[str, Any], shape: Shape | None = None
) -> dict[str, Any]:
    """The JSON body of a streamed chat completion; unset options are left to the server."""
    shape = shape or Shape()
    in_words = shape.tools_in_words and bool(request.tools)
    messages = list(request.messages)
    system = SERVER_SYSTEM
    if messages and messages[0].role in ("system", "developer"):
        system = safe_text(messages[0], text_of(messages.pop(0)))
    if in_words:
        system = "\n".join([system, TOOLS, *(tool.line() for tool in offered(request))])
        told = _in_words(messages, shape)
    else:
        told = [wire for message in messages for wire in _messages(message, shape)]
    if shape.short_ids:
        _shorten_ids(told)
    told += [{"role": "user", "content": note} for note in _notes(request, shape, in_words)]
    most = first(request.max_output_tokens, defaults.get("max_tokens"))
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": system}, *_alternating(told)],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": first(request.temperature, defaults.get("temperature")),
        "top_p": first(request.top_p, defaults.get("top_p")),
        "max_tokens": None if most is None else min(most, defaults.get("answer_tokens") or most),
        "seed": defaults.get("seed"),
        "stop": request.stop or defaults.get("stop") or None,
        "response_format": _response_format(request) if shape.formats else None,
    }
    if request.tools and not in_words:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description or "",
                    "parameters": tool.parameters,
                },
            }
            for tool in request.tools
        ]
        body["tool_choice"] = _tool_choice(request.tool_choice)
    if "max_tokens" in shape.without:
        # The name that newer servers of OpenAI's own want.
        body["max_completion_tokens"] = body["max_tokens"]
    return {
        name: value
        for name, value in body.items()
        if value is not None and name not in shape.without
    }


def _shorten_ids(told: Sequence[dict[str, Any]]) -> None:
    """Give calls and their results the ids that the model's template takes."""
    calls = [call for wire in told for call in wire.get("tool_calls", ())]
    results = [wire for wire in told if "tool_call_id" in wire]
    short = short_ids([*(call["id"] for call in calls), *(w["tool_call_id"] for w in results)])
    for call in calls:
        call["id"] = short[call["id"]]
    for wire in results:
        wire["tool_call_id"] = short[wire["tool_call_id"]]


def _notes(request: ChatRequest, shape: Shape, in_words: bool) -> list[str]:
    """What a server has no parameter for, told to the model."""
    notes = []
    choice = _tool_choice(request.tool_choice)
    if in_words and isinstance(choice, dict):
        notes.append(f"Use the tool {choice['function']['name']} now.")
    elif in_words and choice == "required":
        notes.append("Use one of the tools now.")
    elif in_words and choice == "none":
        notes.append("Use no tool now.")
    wanted = request.response_format
    if wanted is not None and wanted.type != "text" and not shape.formats:
        schema = dump(wanted.json_schema) if wanted.type == "json_schema" else ""
        notes.append(f"Answer with JSON only. {'Its schema: ' + schema if schema else ''}".strip())
    return notes


def _in_words(messages: Sequence[Message], shape: Shape) -> list[dict[str, Any]]:
    """The conversation for a server without tools: calls and their results are plain text."""
    told: list[dict[str, Any]] = []
    for message in messages:
        if message.role in ("tool", "function"):
            text = _FAMILY.tool_results([ToolText(message.name or "tool", text_of(message))])
            wire = {"role": "user", "content": safe_text(message, text)}
        elif message.role == "assistant":
            wire = {"role": "assistant", "content": break_special_tokens(_said(message))}
        else:
            wire = _messages(message, shape)[0]
        if wire["content"]:
            told.append(wire)
    return told


def _alternating(told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours of one role in one message, as the templates of many models want it."""
    found: list[dict[str, Any]] = []
    for wire in told:
        last = found[-1] if found else {}
        plain = all(
            isinstance(one.get("content"), str) and "tool_calls" not in one for one in (wire, last)
        )
        if plain and wire["role"] == last["role"] in ("user", "assistant"):
            last["content"] += "\n\n" + wire["content"]
        else:
            found.append(dict(wire))
    return found


def _said(message: Message) -> str:
    """An answer without another model's raw text."""
    return assistant_text(message.model_copy(update={"metadata": None}))


def _messages(message: Message, shape: Shape) -> list[dict[str, Any]]:
    """One message; more when it holds results of several calls.

    No text can spell a special token of the server's chat template: not even the model's own, as
    it may repeat what a page made it say.
    """
    safe = partial(safe_text, message)
    if isinstance(message.content, str):
        wire: dict[str, Any] = {"role": message.role, "content": safe(message.content)}
        if message.role == "tool":
            wire["tool_call_id"] = message.tool_call_id or ""
        return [wire]
    results = [block for block in message.content if block.type == "tool_result"]
    if results:
        return [
            {
                "role": "tool",
                "tool_call_id": block.tool_call_id,
                "content": safe(output(block)),
            }
            for block in results
        ]
    parts = [part for block in message.content if (part := _part(block, safe, shape)) is not None]
    calls = [
        {
            "id": block.id,
            "type": "function",
            "function": {
                "name": neutralise(block.name),
                "arguments": dump(neutralise_strings(block.input)),
            },
        }
        for block in message.content
        if block.type == "tool_call"
    ]
    only_text = all(part["type"] == "text" for part in parts)
    content: Any = "\n\n".join(part["text"] for part in parts) if only_text else parts
    wire = {"role": message.role, "content": content or None if calls else content}
    if message.role == "assistant" and not content and not calls:
        # A stopped answer of thinking alone.
        return []
    if calls:
        wire["tool_calls"] = calls
    if message.role == "tool":
        wire["tool_call_id"] = message.tool_call_id or ""
    return [wire]


def _part(block: Any, safe: Callable[[str], str], shape: Shape) -> dict[str, Any] | None:
    """Text and images; thinking is the server's own and is not sent back."""
    if block.type == "text":
        return {"type": "text", "text": safe(block.text)}
    if block.type != "image":
        return None
    if not shape.images:
        return {"type": "text", "text": NO_IMAGE}
    source = block.source
    url = source.get("url") or (
        f"data:{source.get('media_type', 'image/png')};base64,{source.get('data', '')}"
    )
    return {"type": "image_url", "image_url": {"url": url}}


def _tool_choice(choice: Any) -> Any:
    named = named_choice(choice)
    if named in ("auto", "none", "required"):
        return named
    return {"type": "function", "function": {"name": named}}


def _response_format(request: ChatRequest) -> dict[str, Any] | None:
    wanted = request.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json":
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": "answer", "schema": wanted.json_schema}
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}
