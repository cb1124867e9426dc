"""The way to servers inside the extension: every byte goes through the host."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sidelight import host_transport
from sidelight.testing import Rig, until
from sidelight.transport import HttpRequest, TransportError

from tests.unit.net import Network, Response, failure

pytestmark = pytest.mark.unit

REQUEST = HttpRequest(
    method="POST",
    url="http://localhost:11434/v1/chat/completions",
    purpose="chat",
    body="{“}".encode(),
    headers={"content-type": "application/json"},
    key_name="s1",
    timeout_s=30,
)


def opened(rig: Rig, request: HttpRequest = REQUEST) -> Any:
    return rig.bridge.transport.bound_to("c1").send(request)


async def read(rig: Rig, request: HttpRequest = REQUEST) -> tuple[int, bytes]:
    async with opened(rig, request) as response:
        body = b"".join([chunk async for chunk in response.chunks()])
        return response.status, body


@pytest.mark.parametrize("early", [False, True])
async def test_a_request_goes_out_as_data_and_its_body_comes_back(early: bool) -> None:
    rig = Rig()
    Network(rig, Response(["Grü", "ße", " 😀"], status=201, early=early))
    assert await read(rig) == (201, "Grüße 😀".encode())
    (sent,) = rig.host.http
    assert sent.request_id.startswith("http_")
    assert sent.model_dump(exclude={"request_id"}) == {
        "type": "offscreen.http_send",
        "conversation_id": "c1",
        "method": "POST",
        "url": "http://localhost:11434/v1/chat/completions",
        "purpose": "chat",
        "headers": {"content-type": "application/json"},
        "body": "{“}",
        "key_name": "s1",
        "timeout_s": 30.0,
    }
    await asyncio.sleep(0.01)
    assert rig.host.http_cancelled == []
    assert rig.bridge.transport._open == {}


async def test_several_requests_keep_their_own_pieces() -> None:
    rig = Rig()
    net = Network(rig, Response(hold=True), Response(hold=True))
    tasks = [asyncio.ensure_future(read(rig)) for _ in range(2)]
    await until(lambda: len(rig.host.http) == 2)
    first, second = (sent.request_id for sent in rig.host.http)
    for number in range(3):
        net.chunk(second, f"b{number}")
        net.chunk(first, f"a{number}")
    net.end(first)
    net.end(second)
    assert [body for _, body in await asyncio.gather(*tasks)] == [b"a0a1a2", b"b0b1b2"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("network_refused", "refused"),
        ("network_unreachable", "unreachable"),
        ("network_timeout", "timeout"),
        ("network_broken", "broken"),
        ("network_cancelled", "broken"),
    ],
)
async def test_errors_get_their_reason(code: str, reason: str) -> None:
    rig = Rig()
    Network(rig, Response(error=failure(code)), Response(["Half"], end_error=failure(code)))
    for _ in range(2):
        with pytest.raises(TransportError, match=f"What {code} means") as caught:
            await read(rig)
        assert (caught.value.reason, caught.value.hint) == (reason, "Do this.")
    await asyncio.sleep(0.01)
    assert rig.host.http_cancelled == []


@pytest.mark.parametrize(("retryable", "reason"), [(True, "unreachable"), (False, "refused")])
async def test_another_error_is_worth_a_retry_only_when_it_says_so(
    retryable: bool, reason: str
) -> None:
    rig = Rig()
    Network(rig, Response(error=failure("internal", retryable=retryable)))
    with pytest.raises(TransportError) as caught:
        await read(rig)
    assert caught.value.reason == reason


async def test_what_came_before_a_break_is_delivered_first() -> None:
    rig = Rig()
    Network(rig, Response(["a", "b"], end_error=failure("network_broken")))
    async with opened(rig) as response:
        pieces = response.chunks()
        assert [await anext(pieces), await anext(pieces)] == [b"a", b"b"]
        with pytest.raises(TransportError):
            await anext(pieces)


async def test_reading_again_after_the_end_ends_again() -> None:
    rig = Rig()
    Network(rig, Response(["a"]))
    async with opened(rig) as response:
        assert [chunk async for chunk in response.chunks()] == [b"a"]
        assert [chunk async for chunk in response.chunks()] == []


async def test_leaving_early_cancels_the_request() -> None:
    rig = Rig()
    Network(rig, Response(["a"], hold=True))
    async with opened(rig) as response:
        async for _ in response.chunks():
            break
    await until(lambda: rig.host.http_cancelled)
    assert rig.host.http_cancelled == [rig.host.http[0].request_id]


@pytest.mark.parametrize("after_head", [False, True])
async def test_a_cancelled_reader_cancels_the_request(after_head: bool) -> None:
    rig = Rig()
    if after_head:
        Network(rig, Response(["a"], hold=True))
    task = asyncio.ensure_future(read(rig))
    await until(lambda: rig.host.http)
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    await until(lambda: rig.host.http_cancelled)
    assert rig.bridge.transport._open == {}


async def test_a_network_module_that_never_answers_is_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host_transport, "GRACE_S", 0.01)
    request = HttpRequest(method="GET", url="http://localhost/", purpose="p", timeout_s=0.01)
    rig = Rig()
    with pytest.raises(TransportError) as caught:
        await read(rig, request)
    assert caught.value.reason == "timeout"
    Network(rig, Response(["a"], hold=True))
    with pytest.raises(TransportError) as caught:
        await read(rig, request)
    assert caught.value.reason == "timeout"
    await until(lambda: len(rig.host.http_cancelled) == 2)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"method": "DELETE"}, "method"),
        ({"url": "http://localhost/" + "x" * 2000}, "url"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"key_name": "no spaces"}, "key_name"),
        ({"timeout_s": 0.0}, "timeout_s"),
        ({"body": b"\xff"}, "UTF-8"),
    ],
)
async def test_what_cannot_be_sent_is_refused_here(changes: dict[str, Any], what: str) -> None:
    rig = Rig()
    values = {"method": "GET", "url": "http://localhost/", "purpose": "p", **changes}
    with pytest.raises(TransportError, match=what) as caught:
        await read(rig, HttpRequest(**values))
    assert caught.value.reason == "refused"
    assert rig.host.http == []


async def test_pieces_for_nobody_are_dropped_quietly(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    net = Network(rig, Response(["a"]))
    net.chunk("nobody", "x")
    net.end("nobody")
    assert await read(rig) == (200, b"a")
    net.chunk(rig.host.http[0].request_id, "late")
    assert rig.host.replies == {}
    assert caplog.records == []


async def test_nothing_follows_the_end() -> None:
    rig = Rig()
    net = Network(rig, Response(["a"], hold=True))
    async with opened(rig) as response:
        request_id = rig.host.http[0].request_id
        net.end(request_id)
        net.chunk(request_id, "late")
        net.end(request_id, failure("network_broken"))
        assert [chunk async for chunk in response.chunks()] == [b"a"]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "python.http_chunk", "request_id": "x"},
        {"type": "python.http_chunk", "request_id": "x", "text": 5},
        {"type": "python.http_end", "request_id": "x", "error": "broken"},
        {"type": "python.http_end", "request_id": "", "error": None},
    ],
)
async def test_malformed_pieces_are_dropped(body: dict[str, Any]) -> None:
    rig = Rig()
    net = Network(rig)
    net.notify(body)
    assert rig.host.replies == {}


async def test_a_piece_with_an_id_gets_an_error_as_it_asks_for_a_reply() -> None:
    rig = Rig()
    body = {"type": "python.http_end", "request_id": "x", "error": None}
    rig.bridge.on_host(json.dumps({"v": 1, "id": "r", "body": body}))
    assert rig.host.replies["r"]["error"]["code"] == "bad_message"
