"""A network module in memory: answers ``offscreen.http_send`` from a script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sidelight.contract import ErrorData, HttpSend
from sidelight.testing import Rig


@dataclass
class Response:
    """A scripted response. ``error`` without chunks refuses the request; ``hold`` sends no end."""

    chunks: list[str] = field(default_factory=list)
    status: int = 200
    error: ErrorData | None = None
    end_error: ErrorData | None = None
    hold: bool = False
    #: pieces that come before the head, as messages may overtake each other in Python
    early: bool = False


class Network:
    """Plays one response per request at the host of a rig."""

    def __init__(self, rig: Rig, *responses: Response) -> None:
        self.rig = rig
        self.responses = list(responses)
        rig.host.on_http = self.on_http

    def on_http(self, frame_id: str, request: HttpSend) -> None:
        """One request of Python's."""
        response = self.responses.pop(0)
        if response.error:
            self.rig.host.reply_error(frame_id, response.error)
            return
        head = {"status": response.status, "headers": {"content-type": "text/event-stream"}}
        if not response.early:
            self.rig.host.reply(frame_id, head)
        for text in response.chunks:
            self.chunk(request.request_id, text)
        if not response.hold:
            self.end(request.request_id, response.end_error)
        if response.early:
            self.rig.host.reply(frame_id, head)

    def chunk(self, request_id: str, text: str) -> None:
        """A piece of a body."""
        self.notify({"type": "python.http_chunk", "request_id": request_id, "text": text})

    def end(self, request_id: str, error: ErrorData | None = None) -> None:
        """The end of a body."""
        data = error.model_dump() if error else None
        self.notify({"type": "python.http_end", "request_id": request_id, "error": data})

    def notify(self, body: dict[str, Any]) -> None:
        """A frame without an id."""
        self.rig.bridge.on_host(json.dumps({"v": 1, "body": body}))


def failure(code: str, *, retryable: bool = False) -> ErrorData:
    """An error of the network module."""
    return ErrorData(code=code, message=f"What {code} means.", hint="Do this.", retryable=retryable)


def events(*deltas: dict[str, Any]) -> Response:
    """A streamed chat completion."""
    values = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    values.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines = [f"data: {json.dumps(value, ensure_ascii=False)}\n\n" for value in values]
    return Response([*lines, "data: [DONE]\n\n"])


def says(text: str) -> Response:
    """An answer in words."""
    return events({"content": text[:3]}, {"content": text[3:]})


def calls(name: str, **arguments: Any) -> Response:
    """An answer that is a tool call."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return events({"tool_calls": [{"index": 0, "id": "call_9", "function": function}]})


def claude_says(text: str, *, thinking: str = "") -> Response:
    """An answer in words, of a server with Anthropic's messages API."""
    values: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 100}}}
    ]
    if thinking:
        values += _claude_block(0, "thinking", "thinking_delta", "thinking", thinking)
        delta = {"type": "signature_delta", "signature": "c2ln"}
        values.insert(-1, {"type": "content_block_delta", "index": 0, "delta": delta})
    values += _claude_block(1, "text", "text_delta", "text", text)
    values += [
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    ]
    return Response([f"event: {value['type']}\ndata: {json.dumps(value)}\n\n" for value in values])


def _claude_block(index: int, kind: str, delta: str, name: str, text: str) -> list[dict[str, Any]]:
    place = {"index": index}
    return [
        {"type": "content_block_start", **place, "content_block": {"type": kind, name: ""}},
        {"type": "content_block_delta", **place, "delta": {"type": delta, name: text}},
        {"type": "content_block_stop", **place},
    ]
