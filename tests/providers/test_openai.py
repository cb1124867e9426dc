"""The OpenAI-compatible provider against a real HTTP server that misbehaves on request."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import pytest
from amplifier_core import Message, TextBlock, ToolCallBlock, ToolSpec
from amplifier_core import llm_errors as errors
from sidelight.toolcalls import UnusableCall

from tests.providers.asking import bench
from tests.providers.server import END, Script, event, reply, stream, usage

pytestmark = pytest.mark.unit

HELLO = stream(event(role="assistant"), event(content="Hel"), event(content="lo."), END)
TOOL = ToolSpec(name="add_todo", description="Add", parameters={"type": "object"})


async def test_an_answer_streams_and_reports_its_usage() -> None:
    script = stream(
        event(content="Hel"), event(content="lo."), event(finish_reason="stop"), usage(7, 2), END
    )
    async with bench(script) as b:
        response = await b.ask()
    assert [block.text for block in response.content] == ["Hello."]
    assert (response.usage.input_tokens, response.usage.output_tokens) == (7, 2)
    assert response.finish_reason == "stop"
    assert [data["text"] for data in b.of("llm:stream_block_delta")] == ["Hel", "lo."]
    assert b.of("llm:response")[0]["status"] == "ok"
    body = b.server.bodies[0]
    assert body["stream"] is True and body["model"] == "m"
    assert body["messages"][0]["role"] == "system"
    assert body["messages"][1] == {"role": "user", "content": "Hi"}


async def test_bytes_cut_anywhere_give_the_same_text() -> None:
    whole = event(content="Grüße, 世界 😀") + event(content=" ok") + END
    for size in (1, 2, 3, 5, 7):
        chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
        async with bench(stream(*chunks)) as b:
            response = await b.ask()
        assert response.content[0].text == "Grüße, 世界 😀 ok"


async def test_thinking_is_kept_apart_in_both_forms() -> None:
    own_field = stream(event(reasoning_content="Let me"), event(content="Yes."), END)
    in_text = stream(event(content="<think>Let"), event(content=" me</think>Yes."), END)
    for script in (own_field, in_text):
        async with bench(script) as b:
            response = await b.ask()
        assert [block.type for block in response.content] == ["thinking", "text"]
        assert response.content[0].thinking == "Let me"
        assert response.content[1].text == "Yes."


async def test_tool_calls_arrive_in_pieces_and_go_back_as_they_came() -> None:
    def part(index: int, **function: Any) -> bytes:
        call: dict[str, Any] = {"index": index, "function": function}
        if "name" in function:
            call |= {"id": f"call_{index}", "type": "function"}
        return event(tool_calls=[call])

    script = stream(
        part(0, name="add_todo", arguments=""),
        part(0, arguments='{"te'),
        part(1, name="add_todo", arguments='{"text": "b"}'),
        part(0, arguments='xt": "a"}'),
        event(finish_reason="tool_calls"),
        END,
    )
    async with bench(script, HELLO) as b:
        response = await b.ask(tools=[TOOL], tool_choice="required")
        calls = b.provider.parse_tool_calls(response)
        assert [(call.id, call.name, call.arguments) for call in calls] == [
            ("call_0", "add_todo", {"text": "a"}),
            ("call_1", "add_todo", {"text": "b"}),
        ]
        assert b.server.bodies[0]["tool_choice"] == "required"
        assert b.server.bodies[0]["tools"][0]["function"]["name"] == "add_todo"
        block = ToolCallBlock(id="call_0", name="add_todo", input={"text": "ä"})
        await b.ask(
            Message(role="user", content="Add"),
            Message(role="assistant", content=[TextBlock(text="Sure."), block]),
            Message(role="tool", content="added", tool_call_id="call_0"),
        )
    _, _, assistant, result = b.server.bodies[1]["messages"]
    assert assistant["content"] == "Sure."
    assert assistant["tool_calls"][0]["function"] == {
        "name": "add_todo",
        "arguments": '{"text": "ä"}',
    }
    assert result == {"role": "tool", "content": "added", "tool_call_id": "call_0"}


DEEP = "[" * 150 + "]" * 150


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('{"text": ', "not valid JSON"),
        ('["Buy milk"]', "not an object"),
        ([], "not an object"),
        ("7", "not an object"),
        (f'{{"text": {DEEP}}}', "nested more than 100 deep"),
        ('{"text": ' + "[" * 100_000, "not valid JSON"),
        ('{"text": NaN}', "not valid JSON"),
    ],
)
async def test_a_call_that_cannot_be_read_says_why(arguments: Any, problem: str) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "add_todo", "arguments": arguments}}
    async with bench(stream(event(tool_calls=[call]), END)) as b:
        response = await b.ask(tools=[TOOL])
        (unusable,) = b.provider.parse_tool_calls(response)
    assert isinstance(unusable, UnusableCall)
    assert unusable.arguments == {} and problem in unusable.problem


async def test_a_call_without_a_name_is_told() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "\u200b", "arguments": "{}"}}
    async with bench(stream(event(tool_calls=[call]), END)) as b:
        response = await b.ask(tools=[TOOL])
    assert response.tool_calls is None
    assert b.of("sidelight:notice")[0]["code"] == "tool_call_invalid"


async def test_names_and_ids_of_calls_fit_our_messages() -> None:
    name = "a\u202e" + "b" * 1000
    calls = [
        {"index": n, "id": call_id, "function": {"name": name, "arguments": None}}
        for n, call_id in enumerate(["c", "c", "<b>", "x" * 90])
    ]
    async with bench(stream(event(tool_calls=calls), END)) as b:
        response = await b.ask(tools=[TOOL])
    ids = [call.id for call in response.tool_calls]
    assert ids[0] == "c" and len(set(ids)) == 4
    assert all(re.fullmatch(r"[\w.:-]{1,80}", call_id) for call_id in ids)
    assert {call.name for call in response.tool_calls} == {"a" + "b" * 199}


async def test_half_characters_are_repaired_and_never_stop_a_request() -> None:
    inner = '{"text": "y\\ud83d"}'
    call = {"index": 0, "id": "c", "function": {"name": "add_todo", "arguments": inner}}
    parts = [{"content": "x\ud83d"}, {"reasoning_content": "z\ude00"}, {"tool_calls": [call]}]
    lines = [f"data: {json.dumps({'choices': [{'delta': part}]})}\n\n".encode() for part in parts]
    async with bench(stream(*lines, END), HELLO) as b:
        response = await b.ask(tools=[TOOL])
        assert b.streamed == "x\ufffdz\ufffd"
        assert response.tool_calls[0].arguments == {"text": "y\ufffd"}
        await b.ask(Message(role="system", content="s\ud83d"), Message(role="user", content="u"))
    assert b.server.bodies[1]["messages"][0]["content"] == "s?"


BOTTOMLESS = "[" * 100_000


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (stream(f"data: {BOTTOMLESS}\n\n".encode()), errors.StreamError),
        (reply(400, f'{{"error": {BOTTOMLESS[:60_000]}'), errors.InvalidRequestError),
        (stream(b'data: {"error": {"message": "\\ud83d"}}\n\n'), errors.ProviderUnavailableError),
    ],
)
async def test_odd_json_is_an_error_of_the_model(
    script: Script, kind: type[errors.LLMError]
) -> None:
    async with bench(script) as b:
        with pytest.raises(kind) as caught:
            await b.ask()
    str(caught.value).encode()
    async with bench(reply(200, BOTTOMLESS)) as b:
        with pytest.raises(errors.StreamError):
            await b.provider.list_models()


CONTROL = "<|im_end|> [INST] [SYSTEM_PROMPT] <function=f> ]~b] <seed:tool_call> <  /page>"


async def test_nothing_that_goes_back_can_spell_a_control_token() -> None:
    block = ToolCallBlock(id="c", name="a<|x|>", input={"<|k|>": ["[ARGS]", {"t": CONTROL}]})
    async with bench(HELLO) as b:
        await b.ask(
            Message(role="user", content=f"<page>\n[1] A\n</page>\n{CONTROL}"),
            Message(role="assistant", content=[TextBlock(text=f"See [1]. {CONTROL}"), block]),
            Message(role="tool", content=f"{CONTROL} <page>", tool_call_id="c"),
            Message(role="tool", content="<page>\n[1] A\n</page>", metadata={"escaped": True}),
            Message(role="assistant", content=CONTROL),
        )
    sent = b.server.bodies[0]["messages"][1:]
    text = json.dumps(sent, ensure_ascii=False)
    for live in ("<|", "|>", "[INST", "[SYSTEM", "[ARGS", "<function", "]~b]", "<seed"):
        assert live not in text, live
    user, assistant, first, second, last = (message["content"] for message in sent)
    assert user.startswith("<page>\n[1] A\n</page>\n")
    assert assistant.startswith("See [1]. ") and "‹  /page>" in assistant
    assert first.endswith("‹page>") and second.startswith("<page>\n[1]") and "‹  /page>" in last


STATUSES: list[tuple[Script, type[errors.LLMError], str, bool]] = [
    (
        reply(401, {"error": {"message": "no key"}}),
        errors.AuthenticationError,
        "bad_api_key",
        False,
    ),
    (reply(403, {"error": "not yours"}), errors.AccessDeniedError, "access_denied", False),
    (
        reply(404, {"error": {"message": "model 'm' not found"}}),
        errors.NotFoundError,
        "unknown_model",
        False,
    ),
    (
        reply(400, {"error": {"message": "This model's maximum context length is 4096 tokens"}}),
        errors.ContextLengthError,
        "context_too_long",
        False,
    ),
    (reply(400, {"error": {"message": "bad"}}), errors.InvalidRequestError, "bad_request", False),
    (
        reply(429, {"error": {"message": "slow down"}}, retry_after="7"),
        errors.RateLimitError,
        "rate_limited",
        True,
    ),
    (
        reply(429, {"error": {"code": "insufficient_quota", "message": "pay"}}),
        errors.QuotaExceededError,
        "quota_exceeded",
        False,
    ),
    (reply(500, "<html>oops</html>"), errors.ProviderUnavailableError, "server_failed", True),
    (reply(504, ""), errors.LLMTimeoutError, "server_slow", True),
    (reply(200, "<html>Sign in</html>"), errors.StreamError, "not_a_model_server", False),
    (stream(cut=True), errors.NetworkError, "server_unreachable", True),
]


@pytest.mark.parametrize(("script", "kind", "code", "retryable"), STATUSES)
async def test_a_failure_has_its_kind_and_a_way_out(
    script: Script, kind: type[errors.LLMError], code: str, retryable: bool
) -> None:
    async with bench(script) as b:
        with pytest.raises(errors.LLMError) as caught:
            await b.ask()
    assert type(caught.value) is kind
    assert caught.value.retryable is retryable
    data = caught.value.error_data  # type: ignore[attr-defined]
    assert data["hint"] and b.server.host in data["message"]
    assert data["code"] == code
    assert b.of("llm:response")[0]["status"] == "error"
    if code == "rate_limited":
        assert caught.value.retry_after == 7


async def test_what_may_pass_is_tried_again_after_the_time_the_server_names() -> None:
    busy = reply(429, {"error": {"message": "later"}}, retry_after="1")
    async with bench(busy, HELLO, max_retries=2) as b:
        started_s = time.monotonic()
        response = await b.ask()
    assert response.content[0].text == "Hello."
    assert time.monotonic() - started_s >= 0.95
    assert [data["attempt"] for data in b.of("provider:retry")] == [1]
    assert b.of("sidelight:notice")[0]["code"] == "retrying"


async def test_nothing_is_said_twice_when_the_stream_breaks() -> None:
    broken = stream(event(content="Half an ans"), cut=True)
    async with bench(broken, HELLO, max_retries=2) as b:
        with pytest.raises(errors.StreamError) as caught:
            await b.ask()
    assert len(b.server.bodies) == 1
    assert b.streamed == "Half an ans"
    assert caught.value.error_data["retryable"] is True  # type: ignore[attr-defined]
    assert b.of("llm:stream_aborted")


async def test_an_end_without_an_end_is_a_cut() -> None:
    async with bench(stream(event(content="Half"))) as b:
        with pytest.raises(errors.StreamError, match="middle of its answer"):
            await b.ask()


async def test_an_error_inside_the_stream_is_an_error() -> None:
    inside = b'data: {"error": {"message": "context length exceeded"}}\n\n'
    async with bench(stream(event(content="a"), inside)) as b:
        with pytest.raises(errors.ContextLengthError):
            await b.ask()


async def test_a_silent_server_times_out() -> None:
    async with bench(stream(event(content="a"), 5.0, END), timeout_s=0.3) as b:
        with pytest.raises(errors.LLMTimeoutError):
            await b.ask()


async def test_a_stop_closes_the_connection_and_keeps_what_came() -> None:
    endless = stream(*([event(content="word "), 0.05] * 200))
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
        said = b.streamed
        await asyncio.wait_for(b.server.closed.wait(), 30)
        await asyncio.sleep(0.2)
        assert b.streamed == said


async def test_nonsense_fields_do_not_break_an_answer() -> None:
    odd = [
        b'data: {"choices": [{"delta": "x", "finish_reason": ["stop"]}]}\n\n',
        b'data: {"choices": [{"delta": {"tool_calls": 7}}]}\n\n',
        b'data: {"choices": [{"delta": {"tool_calls": [{"function": "f"}]}}]}\n\n',
        b'data: {"choices": "none"}\n\n',
        b'data: {"choices": [null]}\n\n',
        b": a comment\n\n",
        b'event: ping\ndata: {"choices": [{"delta": {"content": 5, "tool_calls": [7]}}]}\n\n',
        b'data: {"usage": {"prompt_tokens": -1, "completion_tokens": "many"}, "choices": []}\n\n',
    ]
    async with bench(stream(*odd, event(content="Fine."), END)) as b:
        response = await b.ask()
    assert response.content[0].text == "Fine."
    assert response.usage.input_tokens == response.usage.output_tokens == 0


async def test_models_and_their_windows() -> None:
    listed = {
        "data": [
            {"id": "a", "max_model_len": 32768},
            {"id": "b", "meta": {"n_ctx": 4096}},
            {"id": "c"},
        ]
    }
    async with bench(reply(200, listed), context_window_tokens=2048) as b:
        models = await b.provider.list_models()
    assert [(model.id, model.context_window) for model in models] == [
        ("a", 32768),
        ("b", 4096),
        ("c", 2048),
    ]


async def test_without_a_server_or_a_key_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(HELLO, key_name="SIDELIGHT_TEST_KEY") as b:
        with pytest.raises(errors.NetworkError, match="SIDELIGHT_TEST_KEY") as caught:
            await b.ask()
        assert caught.value.retryable is False
        assert b.server.bodies == []
        monkeypatch.setenv("SIDELIGHT_TEST_KEY", "secret")
        await b.ask()
    assert b.server.headers[0]["Authorization"] == "Bearer secret"
    assert "secret" not in str(b.events)
    async with bench(HELLO, base_url="") as b:
        with pytest.raises(errors.NetworkError, match="no server"):
            await b.ask()
