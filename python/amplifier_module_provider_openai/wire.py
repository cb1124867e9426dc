"""The kernel's messages and tools as an OpenAI chat completion request."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from sidelight.kernel import ChatRequest, Message
from sidelight.prompts.escape import break_special_tokens, defuse, neutralise, neutralise_strings
from sidelight.prompts.render import ESCAPED


def request_body(request: ChatRequest, model: str, defaults: dict[str, Any]) -> dict[str, Any]:
    """The JSON body of a streamed chat completion; unset options are left to the server."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [wire for message in request.messages for wire in _messages(message)],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": _first(request.temperature, defaults.get("temperature")),
        "top_p": _first(request.top_p, defaults.get("top_p")),
        "max_tokens": _first(request.max_output_tokens, defaults.get("max_tokens")),
        "seed": defaults.get("seed"),
        "stop": request.stop or None,
        "response_format": _response_format(request),
    }
    if request.tools:
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
    return {name: value for name, value in body.items() if value is not None}


def _messages(message: Message) -> list[dict[str, Any]]:
    """One message; more when it holds results of several calls.

    No text can spell a special token of the server's chat template: not even the model's own, as
    it may repeat what a page made it say.
    """
    safe = partial(_safe, message)
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
                "content": safe(
                    block.output if isinstance(block.output, str) else _dump(block.output)
                ),
            }
            for block in results
        ]
    parts = [part for block in message.content if (part := _part(block, safe)) is not None]
    calls = [
        {
            "id": block.id,
            "type": "function",
            "function": {
                "name": neutralise(block.name),
                "arguments": _dump(neutralise_strings(block.input)),
            },
        }
        for block in message.content
        if block.type == "tool_call"
    ]
    only_text = all(part["type"] == "text" for part in parts)
    content: Any = "\n\n".join(part["text"] for part in parts) if only_text else parts
    wire = {"role": message.role, "content": content or None if calls else content}
    if calls:
        wire["tool_calls"] = calls
    if message.role == "tool":
        wire["tool_call_id"] = message.tool_call_id or ""
    return [wire]


def _safe(message: Message, text: str) -> str:
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


def _part(block: Any, safe: Callable[[str], str]) -> dict[str, Any] | None:
    """Text and images; thinking is the server's own and is not sent back."""
    if block.type == "text":
        return {"type": "text", "text": safe(block.text)}
    if block.type != "image":
        return None
    source = block.source
    url = source.get("url") or (
        f"data:{source.get('media_type', 'image/png')};base64,{source.get('data', '')}"
    )
    return {"type": "image_url", "image_url": {"url": url}}


def _tool_choice(choice: Any) -> Any:
    if isinstance(choice, dict):
        named = (choice.get("function") or {}).get("name") or choice.get("name")
        return {"type": "function", "function": {"name": named}} if named else "auto"
    if choice in (None, "", "auto", "none", "required"):
        return choice or "auto"
    if choice == "any":
        return "required"
    return {"type": "function", "function": {"name": choice}}


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


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _first(value: Any, default: Any) -> Any:
    return default if value is None else value
