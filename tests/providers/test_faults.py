"""What servers do wrong, in both protocols: the right error and the right sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import amplifier_module_provider_anthropic as anthropic
import amplifier_module_provider_openai as openai
import pytest
from amplifier_core import llm_errors as errors

from tests.providers.asking import bench
from tests.providers.server import END, Script, event, reply, stream, usage
from tests.providers.test_anthropic import block, end, failing, sse, start, words

pytestmark = pytest.mark.unit

HALF = "Grü".encode()[:-1]


@dataclass(frozen=True)
class Protocol:
    """One protocol's way to say the same."""

    module: ModuleType
    begun: bytes
    rest: bytes
    half: bytes
    odd_usage: bytes

    def error(self, kind: str, message: str) -> dict[str, Any]:
        if self.module is anthropic:
            return failing(kind, message)
        return {"error": {"type": kind, "message": message}}


def _half(template: bytes) -> bytes:
    return template.replace(b"HALF", HALF)


OPENAI = Protocol(
    openai,
    begun=event(content="Half an ans"),
    rest=event(content="wer.") + event(finish_reason="stop") + END,
    half=_half(event(content="HALF")),
    odd_usage=usage(-7, -1, prompt_tokens_details="x"),
)
ANTHROPIC = Protocol(
    anthropic,
    begun=start(input_tokens=3)
    + sse("content_block_start", index=0, content_block={"type": "text", "text": ""})
    + sse("content_block_delta", index=0, delta=words("Half an ans")[0]),
    rest=sse("content_block_delta", index=0, delta=words("wer.")[0]) + end(),
    half=start() + _half(block(0, "text", *words("HALF"), text="")),
    odd_usage=sse("message_delta", delta={}, usage={"output_tokens": -1, "input_tokens": "x"}),
)
BOTH = pytest.mark.parametrize("by", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
SIGN_IN = "<!doctype html><html><title>Sign in</title></html>"

#: name -> what the server does, the error, its code, whether trying again can help, what is said
FAULTS: dict[str, tuple[Any, type[errors.LLMError], str, bool, str, str]] = {
    "cut mid-stream": (
        lambda by: stream(by.begun, cut=True),
        errors.StreamError,
        "stream_broken",
        True,
        "broke off in the middle of its answer",
        "What arrived is kept",
    ),
    "ended mid-stream": (
        lambda by: stream(by.begun),
        errors.StreamError,
        "stream_broken",
        True,
        "broke off in the middle of its answer",
        "What arrived is kept",
    ),
    "slow to begin": (
        lambda by: stream(5.0, by.begun, by.rest),
        errors.LLMTimeoutError,
        "server_slow",
        True,
        "took too long to answer",
        "choose a smaller model",
    ),
    "slow in mid-stream": (
        lambda by: stream(by.begun, 5.0, by.rest),
        errors.LLMTimeoutError,
        "server_slow",
        True,
        "took too long to answer",
        "choose a smaller model",
    ),
    "401": (
        lambda by: reply(401, by.error("authentication_error", "no such key")),
        errors.AuthenticationError,
        "bad_api_key",
        False,
        "wants an API key (status 401). It said: “no such key”.",
        "Enter the API key",
    ),
    "429 with Retry-After": (
        lambda by: reply(429, by.error("rate_limit_error", "slow down"), retry_after="90"),
        errors.RateLimitError,
        "rate_limited",
        True,
        "takes no more requests for now (status 429)",
        "Wait 90 s, then try again.",
    ),
    "500": (
        lambda by: reply(500, by.error("api_error", "out of luck")),
        errors.ProviderUnavailableError,
        "server_failed",
        True,
        "failed (status 500). It said: “out of luck”.",
        "Try again",
    ),
    "HTML instead of JSON": (
        lambda by: reply(200, SIGN_IN),
        errors.StreamError,
        "not_a_model_server",
        False,
        "answered, but not as a model server does. It said: “a web page, Sign in”.",
        "Check the server's address",
    ),
    "HTML with an error": (
        lambda by: reply(502, SIGN_IN),
        errors.ProviderUnavailableError,
        "server_failed",
        True,
        "failed (status 502). It said: “a web page, Sign in”.",
        "Try again",
    ),
    "half a character, then nothing": (
        lambda by: stream(by.half[: by.half.index(HALF) + len(HALF)], cut=True),
        errors.StreamError,
        "stream_broken",
        True,
        "broke off in the middle of its answer",
        "What arrived is kept",
    ),
    "unknown model": (
        lambda by: reply(404, by.error("not_found_error", "model: m")),
        errors.NotFoundError,
        "unknown_model",
        False,
        "does not know the model m (status 404)",
        "Choose another model",
    ),
    "context overflow": (
        lambda by: reply(400, by.error("invalid_request_error", "prompt is too long: 9 > 8")),
        errors.ContextLengthError,
        "context_too_long",
        False,
        "is longer than m at",
        "attach less of the page",
    ),
    "cut before the answer": (
        lambda by: stream(cut=True),
        errors.NetworkError,
        "server_unreachable",
        True,
        "cannot be reached",
        "Check that the server runs",
    ),
}
#: those that come after the stream has begun; the first chunk of half a line is none
BEGUN = {"cut mid-stream", "ended mid-stream", "slow in mid-stream"}


def limit_s(name: str) -> float:
    """What is not slow on purpose may take its time on a busy machine."""
    return 1.5 if name.startswith("slow") else 30.0


@BOTH
@pytest.mark.parametrize("name", FAULTS)
async def test_the_right_error_and_the_right_sentence(by: Protocol, name: str) -> None:
    script, kind, code, retryable, happened, hint = FAULTS[name]
    if name.startswith("half"):
        kind, code = errors.NetworkError, "server_unreachable"
        happened, hint = "cannot be reached", "Check that the server runs"
        if by is ANTHROPIC:
            kind, code = errors.StreamError, "stream_broken"
            happened, hint = "broke off in the middle of its answer", "What arrived is kept"
    async with bench(script(by), module=by.module, timeout_s=limit_s(name)) as b:
        with pytest.raises(errors.LLMError) as caught:
            await b.ask()
    error = caught.value
    data = error.error_data  # type: ignore[attr-defined,unused-ignore]
    assert (type(error), data["code"], data["retryable"]) == (kind, code, retryable)
    assert happened in data["message"] and hint in data["hint"], data
    assert b.server.host in data["message"] and "<" not in data["message"]
    assert str(error) == data["message"]
    assert (error.provider, error.model) == (b.provider.name, "m")
    assert b.of("llm:response")[0]["status"] == "error" and len(b.of("llm:stream_aborted")) == 1
    assert b.streamed == ("Half an ans" if name in BEGUN else "")


@BOTH
@pytest.mark.parametrize("name", sorted(BEGUN))
async def test_what_has_begun_is_never_said_twice(by: Protocol, name: str) -> None:
    script: Script = FAULTS[name][0](by)
    async with bench(script, module=by.module, timeout_s=limit_s(name), max_retries=3) as b:
        with pytest.raises(errors.LLMError):
            await b.ask()
    assert len(b.server.bodies) == 1


@BOTH
async def test_half_a_character_in_mid_answer_is_shown_as_missing(by: Protocol) -> None:
    whole = by.half + (END if by is OPENAI else end())
    async with bench(stream(whole), module=by.module) as b:
        response = await b.ask()
    assert response.content[0].text == "Gr�"


@BOTH
async def test_wrong_counts_harm_nothing(by: Protocol) -> None:
    async with bench(stream(by.begun, by.odd_usage, by.rest), module=by.module) as b:
        response = await b.ask()
    assert response.content[0].text == "Half an answer."
    counted = json.dumps(b.of("llm:response")[0].get("engine_usage") or {})
    assert "-" not in counted


@BOTH
@pytest.mark.parametrize("named", [0.05, 1.2])
async def test_no_retry_comes_before_the_time_that_was_named(by: Protocol, named: float) -> None:
    busy = reply(429, by.error("rate_limit_error", "later"), retry_after=str(named))
    script = stream(by.begun, by.rest)
    async with bench(busy, script, module=by.module, max_retries=1) as b:
        response = await b.ask()
    assert response.content[0].text == "Half an answer."
    (retried,) = b.of("provider:retry")
    assert retried["delay"] >= named
