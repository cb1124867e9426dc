"""The provider for Anthropic's messages API against a real HTTP server that plays its part."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import Any

import amplifier_module_provider_anthropic as anthropic
import pytest
from amplifier_core import ChatRequest, Message, TextBlock, ThinkingBlock, ToolCallBlock, ToolSpec
from amplifier_core import llm_errors as errors
from amplifier_core.message_models import ImageBlock, ResponseFormatJsonSchema
from amplifier_module_provider_anthropic.wire import request_body
from sidelight.toolcalls import UnusableCall

from tests.providers import asking
from tests.providers.server import Script, reply, stream

pytestmark = pytest.mark.unit

bench = partial(asking.bench, module=anthropic)
TOOL = ToolSpec(name="add_todo", description="Add", parameters={"properties": {}})


def sse(kind: str, **more: Any) -> bytes:
    value = json.dumps({"type": kind, **more}, ensure_ascii=False)
    return f"event: {kind}\ndata: {value}\n\n".encode()


def start(**counts: int) -> bytes:
    return sse("message_start", message={"role": "assistant", "content": [], "usage": counts})


def block(index: int, kind: str, *deltas: dict[str, Any], **more: Any) -> bytes:
    parts = [sse("content_block_start", index=index, content_block={"type": kind, **more})]
    parts += [sse("content_block_delta", index=index, delta=delta) for delta in deltas]
    return b"".join([*parts, sse("content_block_stop", index=index)])


def words(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "text_delta", "text": text} for text in texts]


def end(reason: str = "end_turn", written: int = 2) -> bytes:
    delta = sse("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": written})
    return delta + sse("message_stop")


HELLO = stream(start(input_tokens=7), block(0, "text", *words("Hel", "lo."), text=""), end())
THOUGHT = block(
    0,
    "thinking",
    {"type": "thinking_delta", "thinking": "Let "},
    {"type": "thinking_delta", "thinking": "me <|see|>."},
    {"type": "signature_delta", "signature": "c2ln"},
    {"type": "signature_delta", "signature": "bmVk"},
    thinking="",
    signature="",
)


def use(index: int, *pieces: str, name: str = "add_todo", call_id: str = "toolu_1") -> bytes:
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    return block(index, "tool_use", *deltas, id=call_id, name=name, input={})


async def test_an_answer_streams_with_its_headers_and_usage() -> None:
    script = stream(
        start(input_tokens=3, cache_read_input_tokens=40, cache_creation_input_tokens=5),
        sse("ping"),
        block(0, "text", *words("Grü", "ße 😀"), text=""),
        end(),
    )
    async with bench(script) as b:
        response = await b.ask()
    assert [part.text for part in response.content] == ["Grüße 😀"]
    assert [data["text"] for data in b.of("llm:stream_block_delta")] == ["Grü", "ße 😀"]
    usage = response.usage
    assert (usage.input_tokens, usage.output_tokens) == (48, 2)
    assert (usage.cache_read_tokens, usage.cache_write_tokens) == (40, 5)
    assert b.of("llm:response")[0]["engine_usage"]["prefilled_tokens"] == 8
    headers = {name.lower(): value for name, value in b.server.headers[0].items()}
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["anthropic-dangerous-direct-browser-access"] == "true"
    body = b.server.bodies[0]
    assert body["stream"] is True and body["max_tokens"] > 0
    assert body["messages"][0]["content"][0]["text"] == "Hi"
    assert "seed" not in body


async def test_the_key_goes_in_its_own_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_TEST_KEY", "secret")
    async with bench(HELLO, key_name="SIDELIGHT_TEST_KEY") as b:
        await b.ask()
    headers = {name.lower(): value for name, value in b.server.headers[0].items()}
    assert headers["x-api-key"] == "secret" and "authorization" not in headers
    assert "secret" not in str(b.events)


async def test_signed_thinking_goes_back_as_it_came_and_only_there() -> None:
    script = stream(start(input_tokens=1), THOUGHT, use(1, '{"te', 'xt": "a"}'), end("tool_use"))
    redacted = {"type": "redacted_thinking", "data": "b3BhcXVl"}
    async with bench(script, HELLO, thinking_tokens=2000) as b:
        first = await b.ask(tools=[TOOL])
        blocks = [part.model_dump(exclude_none=True) for part in first.content]
        assert [part["type"] for part in blocks] == ["thinking", "tool_call"]
        assert b.provider.parse_tool_calls(first)[0].arguments == {"text": "a"}
        history = [
            Message(role="user", content="Add a"),
            Message(role="assistant", content=[redacted, *blocks], metadata=first.metadata),
            Message(role="tool", content="added", tool_call_id="toolu_1"),
        ]
        await b.ask(*history, tools=[TOOL])
        history[1].metadata = {"signed_by": "https://other.example/v1 m"}
        await b.ask(*history, tools=[TOOL])
    sent, foreign = (body["messages"] for body in b.server.bodies[1:])
    assert sent[1]["content"] == [
        redacted,
        {"type": "thinking", "thinking": "Let me <|see|>.", "signature": "c2lnbmVk"},
        {"type": "tool_use", "id": "toolu_1", "name": "add_todo", "input": {"text": "a"}},
    ]
    assert sent[2]["content"][0]["type"] == "tool_result"
    assert [part["type"] for part in foreign[1]["content"]] == ["tool_use"]
    first_body = b.server.bodies[0]
    assert first_body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert "temperature" not in first_body and first_body["max_tokens"] > 2000


async def test_unsigned_thinking_of_other_models_is_never_sent() -> None:
    async with bench(HELLO) as b:
        await b.ask(
            Message(role="user", content="Hi"),
            Message(
                role="assistant",
                content=[ThinkingBlock(thinking="Hm."), TextBlock(text="Yes.")],
            ),
            Message(role="user", content="More"),
        )
    assert "Hm." not in json.dumps(b.server.bodies[0])


async def test_the_prefix_is_marked_and_stays_the_same() -> None:
    turns = [
        Message(role="user", content="One"),
        Message(role="assistant", content="First."),
        Message(role="user", content="Two"),
        Message(role="assistant", content="Second."),
        Message(role="user", content="Three"),
    ]
    async with bench(HELLO) as b:
        for until in (1, 3, 5):
            await b.ask(*turns[:until], tools=[TOOL])

    def plain(body: dict[str, Any]) -> list[Any]:
        return [[part["text"] for part in message["content"]] for message in body["messages"]]

    for shorter, longer in zip(b.server.bodies, b.server.bodies[1:], strict=False):
        assert longer["system"] == shorter["system"] and longer["tools"] == shorter["tools"]
        assert plain(longer)[: len(plain(shorter))] == plain(shorter)
    assert b.server.bodies[0]["system"][0]["cache_control"] == {"type": "ephemeral"}
    marks = [
        "cache_control" in message["content"][-1] for message in b.server.bodies[2]["messages"]
    ]
    # The user's message before is where the last request wrote its entry.
    assert marks == [False, False, True, False, True]


async def test_results_follow_their_calls_in_one_message() -> None:
    calls = [ToolCallBlock(id=f"c:{n}", name="add_todo", input={"n": n}) for n in (1, 2)]
    async with bench(HELLO) as b:
        await b.ask(
            Message(role="user", content="Add"),
            Message(role="assistant", content=calls),
            Message(role="tool", content="one <|im_end|>", tool_call_id="c:1"),
            Message(role="tool", content="two", tool_call_id="c:2"),
            Message(role="user", content="Thanks"),
        )
    _, assistant, results = b.server.bodies[0]["messages"]
    assert [part["id"] for part in assistant["content"]] == ["c_1", "c_2"]
    assert [part["type"] for part in results["content"]] == ["tool_result", "tool_result", "text"]
    assert [part.get("tool_use_id") for part in results["content"]] == ["c_1", "c_2", None]
    assert "<|" not in json.dumps(results)


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ("add_todo", {"type": "tool", "name": "add_todo"}),
    ],
)
async def test_choices_of_tools(choice: str, sent: dict[str, str]) -> None:
    async with bench(HELLO) as b:
        await b.ask(tools=[TOOL], tool_choice=choice)
    assert b.server.bodies[0]["tool_choice"] == sent
    assert b.server.bodies[0]["tools"][0]["input_schema"]["type"] == "object"


async def test_an_answer_is_held_to_a_schema_by_a_tool() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    wanted = ResponseFormatJsonSchema(type="json_schema", json_schema=schema)
    script = stream(start(input_tokens=1), use(0, '{"n": 7}', name="answer"), end("tool_use"))
    async with bench(script) as b:
        response = await b.ask(response_format=wanted)
    assert [part.text for part in response.content] == ['{"n": 7}']
    assert response.tool_calls is None
    body = b.server.bodies[0]
    assert body["tool_choice"] == {"type": "tool", "name": "answer"}
    assert body["tools"][-1]["input_schema"] == schema


async def test_settings_go_in_their_own_names() -> None:
    async with bench(HELLO) as b:
        await b.ask(temperature=1.7, stop=["END"], max_output_tokens=99)
        await b.ask(temperature=0.5, top_p=0.9)
    first, second = b.server.bodies
    assert (first["temperature"], first["max_tokens"]) == (1.0, 99)
    assert first["stop_sequences"] == ["END"] and "top_p" not in first
    assert second["top_p"] == 0.9 and "temperature" not in second


async def test_a_parameter_that_is_refused_is_left_out_from_then_on() -> None:
    refusal = reply(
        400,
        {"error": {"type": "invalid_request_error", "message": "temperature is deprecated"}},
    )
    async with bench(refusal, HELLO) as b:
        await b.ask(temperature=0.5)
        await b.ask(temperature=0.5)
    assert ["temperature" in body for body in b.server.bodies] == [True, False, False]


async def test_images_are_sent_and_left_out_where_they_are_refused() -> None:
    image = ImageBlock(source={"type": "base64", "media_type": "image/png", "data": "aGk="})
    message = Message(role="user", content=[TextBlock(text="What is it?"), image])
    refusal = reply(400, {"error": {"message": "this model does not support image input"}})
    async with bench(refusal, HELLO) as b:
        await b.ask(message)
    first, second = (body["messages"][0]["content"] for body in b.server.bodies)
    assert first[1]["source"] == {"type": "base64", "media_type": "image/png", "data": "aGk="}
    assert "cannot see" in second[1]["text"]
    assert b.of("sidelight:notice")[0]["code"] == "images_left_out"


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [(['{"text": '], "not valid JSON"), (["[1]"], "not an object")],
)
async def test_a_call_that_cannot_be_read_says_why(pieces: list[str], problem: str) -> None:
    async with bench(stream(start(), use(0, *pieces), end("tool_use"))) as b:
        response = await b.ask(tools=[TOOL])
    (call,) = response.tool_calls
    assert isinstance(call, UnusableCall) and problem in call.problem


async def test_a_server_that_does_not_stream_is_understood() -> None:
    whole = {
        "type": "message",
        "content": [
            {"type": "text", "text": "Hi."},
            {"type": "tool_use", "id": "t", "name": "add_todo", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 4, "output_tokens": 2},
    }
    async with bench(reply(200, whole)) as b:
        response = await b.ask(tools=[TOOL])
    assert response.content[0].text == "Hi." and response.tool_calls[0].arguments == {"a": 1}
    assert response.usage.total_tokens == 6


@pytest.mark.parametrize(
    ("reason", "finish", "notice"),
    [
        ("max_tokens", "length", "answer_cut"),
        ("refusal", "refusal", "refused"),
        ("stop_sequence", "stop", None),
    ],
)
async def test_why_an_answer_ended_is_told(reason: str, finish: str, notice: str | None) -> None:
    script = stream(start(), block(0, "text", *words("A"), text=""), end(reason))
    async with bench(script) as b:
        response = await b.ask()
    assert response.finish_reason == finish
    assert [data["code"] for data in b.of("sidelight:notice")] == ([notice] if notice else [])


def failing(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


FAULTS: list[tuple[Script, type[errors.LLMError], str, bool]] = [
    (
        reply(401, failing("authentication_error", "invalid x-api-key")),
        errors.AuthenticationError,
        "bad_api_key",
        False,
    ),
    (
        reply(403, failing("permission_error", "not for you")),
        errors.AccessDeniedError,
        "access_denied",
        False,
    ),
    (
        reply(404, failing("not_found_error", "model: claude-9")),
        errors.NotFoundError,
        "unknown_model",
        False,
    ),
    (
        reply(
            400,
            failing("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        ),
        errors.ContextLengthError,
        "context_too_long",
        False,
    ),
    (
        reply(400, failing("invalid_request_error", "Your credit balance is too low")),
        errors.QuotaExceededError,
        "quota_exceeded",
        False,
    ),
    (
        reply(429, failing("rate_limit_error", "slow down"), retry_after="9"),
        errors.RateLimitError,
        "rate_limited",
        True,
    ),
    (
        reply(529, failing("overloaded_error", "Overloaded")),
        errors.ProviderUnavailableError,
        "server_failed",
        True,
    ),
    (
        stream(start(), sse("error", error={"type": "overloaded_error", "message": "Overloaded"})),
        errors.ProviderUnavailableError,
        "server_failed",
        True,
    ),
    (
        stream(start(), sse("content_block_start", index=0, content_block={"type": "text"})),
        errors.StreamError,
        "stream_broken",
        True,
    ),
]


@pytest.mark.parametrize(("script", "kind", "code", "retryable"), FAULTS)
async def test_a_failure_has_its_kind_and_a_way_out(
    script: Script, kind: type[errors.LLMError], code: str, retryable: bool
) -> None:
    async with bench(script) as b:
        with pytest.raises(errors.LLMError) as caught:
            await b.ask()
    assert type(caught.value) is kind
    data = caught.value.error_data  # type: ignore[attr-defined]
    assert (data["code"], data["retryable"]) == (code, retryable)
    assert data["hint"] and b.server.host in data["message"]
    if code == "rate_limited":
        assert caught.value.retry_after == 9 and "9 s" in data["hint"]


async def test_a_stop_closes_the_connection_and_keeps_what_came() -> None:
    begun = sse("content_block_start", index=0, content_block={"type": "text", "text": ""})
    delta = sse("content_block_delta", index=0, delta={"type": "text_delta", "text": "word "})
    endless = stream(start(), begun, *([delta, 0.05] * 200))
    async with bench(endless) as b:
        running = asyncio.ensure_future(b.ask())
        while not b.streamed:
            b.something.clear()
            await asyncio.wait_for(b.something.wait(), 30)
        started_s = time.monotonic()
        await b.provider.on_cancel()
        response = await running
        assert time.monotonic() - started_s < 1
        assert response.finish_reason == "abort"
        assert response.content[0].text.startswith("word")
        await asyncio.wait_for(b.server.closed.wait(), 30)


async def test_models_and_their_windows() -> None:
    listed = {"data": [{"id": "a", "display_name": "A", "max_input_tokens": 90_000}, {"id": "b"}]}
    async with bench(reply(200, listed)) as b:
        models = await b.provider.list_models()
    assert [(model.id, model.display_name, model.context_window) for model in models] == [
        ("a", "A", 90_000),
        ("b", "b", 200_000),
    ]


async def test_a_stopped_answer_of_thinking_alone_is_not_sent_back() -> None:
    thought = Message(
        role="assistant",
        content=[ThinkingBlock(thinking="Hm.", signature="sig")],
        metadata={"signed_by": "s m"},
    )
    body = request_body(
        ChatRequest(
            messages=[
                Message(role="user", content="One"),
                thought,
                Message(role="user", content="Two"),
            ]
        ),
        "m",
        {},
        signed_by="s m",
    )
    assert [wire["role"] for wire in body["messages"]] == ["user"]
    assert "Hm." not in json.dumps(body)


async def test_a_tool_of_the_name_of_the_form_is_called_where_no_form_was_asked() -> None:
    tool = ToolSpec(name="answer", description="", parameters={"type": "object"})
    block = {"type": "tool_use", "id": "t1", "name": "answer", "input": {}}
    whole = {"type": "message", "content": [block], "stop_reason": "tool_use"}
    async with bench(reply(200, whole)) as b:
        response = await b.ask(tools=[tool])
    assert [call.name for call in response.tool_calls] == ["answer"]
