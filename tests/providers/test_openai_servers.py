"""How servers differ: what each does not know of the protocol, and how it is asked then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from amplifier_core import Message, TextBlock, ToolCallBlock, ToolSpec
from amplifier_core import llm_errors as errors
from amplifier_core.message_models import ImageBlock, ResponseFormatJsonSchema

from tests.providers.asking import Bench, bench
from tests.providers.server import END, Script, event, reply, stream, usage

pytestmark = pytest.mark.unit

HELLO = stream(event(content="Hello."), event(finish_reason="stop"), usage(40, 2), END)
TOOL = ToolSpec(
    name="add_todo",
    description="Add a to-do",
    parameters={
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
)
IMAGE = ImageBlock(source={"type": "base64", "media_type": "image/png", "data": "aGk="})
CALL = '<tool_call>{"name": "add_todo", "arguments": {"text": "milk"}}</tool_call>'


def codes(b: Bench) -> list[str]:
    return [data["code"] for data in b.of("sidelight:notice")]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
        (404, "No endpoints found that support tool use."),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser'),
        (500, "tools param requires --jinja flag"),
        (422, "Unsupported parameter: tools"),
    ],
)
async def test_a_server_without_tools_is_told_of_them_in_words(status: int, said: str) -> None:
    refusal = reply(status, {"error": {"message": said}})
    calls = stream(event(content=f"Sure. {CALL}"), event(finish_reason="stop"), END)
    async with bench(refusal, calls, HELLO) as b:
        response = await b.ask(tools=[TOOL])
        assert [call.arguments for call in response.tool_calls] == [{"text": "milk"}]
        assert response.content[0].text == "Sure. "
        block = ToolCallBlock(id="c", name="add_todo", input={"text": "milk"})
        await b.ask(
            Message(role="user", content="Add milk"),
            Message(
                role="assistant",
                content=[block],
                tool_calls=[{"id": "c", "name": "add_todo", "arguments": {"text": "milk"}}],
            ),
            Message(role="tool", content="added <|im_end|>", tool_call_id="c", name="add_todo"),
            tools=[TOOL],
            tool_choice="add_todo",
        )
    first, second, third = b.server.bodies
    assert "tools" in first and "tools" not in second and "tools" not in third
    assert "- add_todo(text): Add a to-do" in second["messages"][0]["content"]
    roles = [message["role"] for message in third["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert CALL in third["messages"][2]["content"]
    assert "added" in third["messages"][3]["content"] and "<|" not in json.dumps(third)
    assert "Use the tool add_todo now." in third["messages"][-1]["content"]
    assert codes(b) == ["tools_in_words"]


@pytest.mark.parametrize(
    "said", ["<tool_call>{add_todo}</tool_call>", '<tool_call>{"name": "add_todo", "argum']
)
async def test_a_call_in_words_that_cannot_be_read_is_told(said: str) -> None:
    answer = stream(event(content=said), event(finish_reason="stop"), END)
    async with bench(answer, tools=False) as b:
        response = await b.ask(tools=[TOOL])
    assert response.tool_calls is None and codes(b) == ["tool_call_invalid"]
    assert "tool_call" not in b.streamed


async def test_a_call_in_words_is_none_where_the_server_knows_calls() -> None:
    async with bench(stream(event(content=f"Ok. {CALL}"), event(finish_reason="stop"), END)) as b:
        response = await b.ask(tools=[TOOL])
    assert response.tool_calls is None and codes(b) == ["tool_call_invalid"]
    assert b.streamed == "Ok. "


async def test_images_are_sent_and_left_out_where_they_are_refused() -> None:
    message = Message(role="user", content=[TextBlock(text="What is it?"), IMAGE])
    refusal = reply(500, {"error": {"message": "image input is not supported - hint: mmproj"}})
    async with bench(refusal, HELLO) as b:
        await b.ask(message)
        await b.ask(message)
    first, *others = (body["messages"][1]["content"] for body in b.server.bodies)
    assert first[1]["image_url"]["url"] == "data:image/png;base64,aGk="
    assert others == ["What is it?\n\n[An image was here. You cannot see it.]"] * 2
    assert codes(b) == ["images_left_out"]


async def test_a_model_that_is_known_to_be_blind_is_sent_no_image() -> None:
    message = Message(role="user", content=[TextBlock(text="What is it?"), IMAGE])
    async with bench(HELLO, images=False) as b:
        await b.ask(message)
    assert "aGk=" not in json.dumps(b.server.bodies) and len(b.server.bodies) == 1


async def test_an_answers_form_is_asked_for_in_words_where_it_cannot_be_held() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    wanted = ResponseFormatJsonSchema(type="json_schema", json_schema=schema, strict=True)
    refusal = reply(400, {"error": {"message": "response_format is not supported"}})
    async with bench(refusal, HELLO) as b:
        response = await b.ask(response_format=wanted)
    assert (response.degradation.requested, response.degradation.actual) == ("json_schema", "words")
    first, second = b.server.bodies
    assert first["response_format"]["json_schema"] == {
        "name": "answer",
        "schema": schema,
        "strict": True,
    }
    assert "response_format" not in second
    assert '"integer"' in second["messages"][-1]["content"]
    assert codes(b) == ["format_in_words"]


@pytest.mark.parametrize("name", ["seed", "top_p", "stop", "stream_options", "temperature"])
async def test_a_parameter_that_is_refused_is_left_out_from_then_on(name: str) -> None:
    refusal = reply(400, {"error": {"message": f"Unsupported parameter: '{name}'"}})
    settings: dict[str, Any] = {"temperature": 0.5, "top_p": 0.9, "stop": ["x"]}
    async with bench(refusal, HELLO, seed=3) as b:
        await b.ask(**settings)
        await b.ask(**settings)
    assert [name in body for body in b.server.bodies] == [True, False, False]


async def test_the_limit_goes_under_its_new_name_where_the_old_one_is_refused() -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model."
    async with bench(reply(400, {"error": {"message": said}}), HELLO) as b:
        await b.ask(max_output_tokens=77)
    assert b.server.bodies[1]["max_completion_tokens"] == 77
    assert "max_tokens" not in b.server.bodies[1]


async def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    said = "Unsupported parameter: 'temperature', tools are not supported, no response_format"
    async with bench(reply(400, {"error": {"message": said}})) as b:
        with pytest.raises(errors.InvalidRequestError):
            await b.ask(tools=[TOOL], temperature=0.5)
    assert len(b.server.bodies) <= 4


async def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "<think>Hm.</think>Hello."}
    counts = {"prompt_tokens": 40, "completion_tokens": 3}
    whole = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": counts}
    async with bench(reply(200, whole)) as b:
        response = await b.ask()
    assert [part.type for part in response.content] == ["thinking", "text"]
    assert response.content[1].text == b.streamed.removeprefix("Hm.") == "Hello."
    assert response.usage.input_tokens == 40
    for odd in ({"choices": []}, {"hello": 1}, [1]):
        async with bench(reply(200, odd)) as b:
            with pytest.raises(errors.StreamError) as caught:
                await b.ask()
            assert caught.value.error_data["code"] == "not_a_model_server"  # type: ignore[attr-defined]


async def test_what_a_server_holds_back_is_told() -> None:
    filtered = stream(event(content="Well"), event(finish_reason="content_filter"), END)
    refused = stream(event(refusal="I will not."), event(finish_reason="stop"), END)
    async with bench(filtered, refused) as b:
        first = await b.ask()
        second = await b.ask()
    assert (first.finish_reason, codes(b)) == ("content_filter", ["answer_filtered"])
    assert second.content[0].text == "I will not."


async def test_speeds_are_measured_from_here() -> None:
    slow = stream(0.2, event(content="a"), 0.2, event(content="b"), usage(100, 40), END)
    async with bench(slow) as b:
        await b.ask()
    (measured,) = [data["engine_usage"] for data in b.of("llm:response")]
    assert 0.15 < measured["time_to_first_token_s"] < 2
    assert 50 < measured["prefill_tokens_per_s"] < 700
    assert 20 < measured["decode_tokens_per_s"] < 300


OVERFLOWS: list[Script] = [
    reply(400, {"error": {"message": "This model's maximum context length is 4096 tokens."}}),
    reply(
        400,
        {
            "error": {
                "type": "exceed_context_size_error",
                "message": "the request exceeds the available context size",
            }
        },
    ),
    reply(500, {"error": {"message": "the request exceeds the available context size"}}),
    reply(
        400,
        {"error": "The number of tokens to keep from the initial prompt is greater than the limit"},
    ),
    reply(413, {"error": {"message": "too large"}}),
    stream(b'data: {"error": {"code": 400, "message": "maximum context length exceeded"}}\n\n'),
]


@pytest.mark.parametrize("script", OVERFLOWS)
async def test_an_overflow_is_known_however_it_is_said(script: Script) -> None:
    async with bench(script, max_retries=2) as b:
        with pytest.raises(errors.ContextLengthError) as caught:
            await b.ask()
    assert len(b.server.bodies) == 1
    data = caught.value.error_data  # type: ignore[attr-defined]
    assert data["code"] == "context_too_long" and "attach less" in data["hint"]


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (400, "x/y is not a valid model ID", errors.NotFoundError),
        (400, "model 'a' not found, try pulling it first", errors.NotFoundError),
        (404, "404 page not found", errors.NotFoundError),
        (400, "API key not valid. Please pass a valid API key.", errors.AuthenticationError),
        (402, "Insufficient credits", errors.QuotaExceededError),
        (429, "You exceeded your current quota, check your billing", errors.QuotaExceededError),
        (400, "The response was filtered: content_filter", errors.ContentFilterError),
        (503, "Loading model", errors.ProviderUnavailableError),
        (529, "Overloaded", errors.ProviderUnavailableError),
        (400, "messages: too few", errors.InvalidRequestError),
    ],
)
async def test_a_refusal_has_its_kind(status: int, said: str, kind: type[errors.LLMError]) -> None:
    async with bench(reply(status, {"error": {"message": said}})) as b:
        with pytest.raises(errors.LLMError) as caught:
            await b.ask()
    assert type(caught.value) is kind
    message = str(caught.value)
    assert b.server.host in message and f"status {status}" in message
    assert f"It said: “{said}”." in message


async def test_a_web_page_is_named_and_not_shown() -> None:
    page = "<!DOCTYPE html><html><title>Sign  in</title><script>x()</script>"
    for status in (200, 502):
        async with bench(reply(status, page)) as b:
            with pytest.raises(errors.LLMError) as caught:
                await b.ask()
        assert "a web page, Sign in" in str(caught.value) and "<" not in str(caught.value)


async def test_a_key_that_was_never_given_is_asked_for() -> None:
    async with bench(reply(401, {"error": {"message": "no"}})) as b:
        with pytest.raises(errors.AuthenticationError, match="wants an API key"):
            await b.ask()


async def test_a_date_is_a_time_to_wait_until_too() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    async with bench(reply(429, {"error": {"message": "later"}}, retry_after=later)) as b:
        with pytest.raises(errors.RateLimitError) as caught:
            await b.ask()
    assert 25 < caught.value.retry_after <= 30


async def test_nobody_is_left_waiting_for_an_hour() -> None:
    busy = reply(429, {"error": {"message": "later"}}, retry_after="3600")
    async with bench(busy, HELLO, max_retries=3) as b:
        with pytest.raises(errors.RateLimitError) as caught:
            await b.ask()
    assert len(b.server.bodies) == 1
    data = caught.value.error_data  # type: ignore[attr-defined]
    assert data["retryable"] is True and data["retry_after_s"] == 3600
    assert "Wait 60 minutes" in data["hint"]


@pytest.mark.parametrize(
    "given",
    [
        {"prompt_tokens": -5, "completion_tokens": "many"},
        {"prompt_tokens": 10**30, "completion_tokens": None},
        {
            "prompt_tokens": 5,
            "completion_tokens": 2,
            "prompt_tokens_details": {"cached_tokens": 99},
        },
        {"prompt_tokens": True, "prompt_tokens_details": "no"},
        "none",
    ],
)
async def test_wrong_counts_harm_nothing(given: Any) -> None:
    counts = b"data: " + json.dumps({"choices": [], "usage": given}).encode() + b"\n\n"
    async with bench(stream(event(content="Fine."), counts, END)) as b:
        response = await b.ask()
    assert response.content[0].text == "Fine."
    for data in b.of("llm:response"):
        measured = data.get("engine_usage") or {}
        assert all(value is None or value >= 0 for value in measured.values())
