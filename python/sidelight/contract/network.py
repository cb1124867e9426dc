"""Requests to servers: Python asks, the offscreen document's network module sends."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sidelight.contract.values import ErrorData, Id, Model, ShortText


class HttpSend(Model):
    """Send a request under the user's level. The answer is its head; the body follows in chunks.

    ``key_name`` is the id of a server whose stored API key is added as a bearer token.
    """

    type: Literal["offscreen.http_send"]
    request_id: Id
    conversation_id: Id
    method: Literal["GET", "POST"]
    url: Annotated[str, Field(max_length=2000)]
    purpose: ShortText
    headers: dict[str, str]
    body: Annotated[str, Field(max_length=20_000_000)] | None
    key_name: Id | None
    timeout_s: float = Field(gt=0, le=3600)


class HttpHead(Model):
    """Status and headers; names in lower case."""

    status: int
    headers: dict[str, str]


class HttpCancel(Model):
    type: Literal["offscreen.http_cancel"]
    request_id: Id


class HttpChunk(Model):
    """A piece of the body, decoded as UTF-8."""

    type: Literal["python.http_chunk"]
    request_id: Id
    text: str


class HttpEnd(Model):
    """The body is whole, or broke off with an error."""

    type: Literal["python.http_end"]
    request_id: Id
    error: ErrorData | None
