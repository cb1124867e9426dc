"""Requests to the browser's own model: Python asks, the offscreen document runs it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sidelight.contract.engine import ChatMessage
from sidelight.contract.values import ErrorData, Id, Model


class BuiltinGenerate(Model):
    """Run the browser's own model. The answer comes in chunks, after which there is one end.

    ``answer_schema`` holds the answer to a JSON schema.
    """

    type: Literal["offscreen.builtin_generate"]
    request_id: Id
    conversation_id: Id
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    temperature: float | None = Field(ge=0, le=2)
    answer_schema: dict[str, Any] | None


class BuiltinCancel(Model):
    type: Literal["offscreen.builtin_cancel"]
    request_id: Id


class BuiltinChunk(Model):
    type: Literal["python.builtin_chunk"]
    request_id: Id
    text: Annotated[str, Field(max_length=2_000_000)]


class BuiltinUsage(Model):
    """What the browser counts; null where it does not tell."""

    prompt_tokens: int | None
    completion_tokens: int | None


class BuiltinEnd(Model):
    type: Literal["python.builtin_end"]
    request_id: Id
    usage: BuiltinUsage | None
    error: ErrorData | None
