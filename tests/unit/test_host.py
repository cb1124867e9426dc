"""Requests to the offscreen document."""

from __future__ import annotations

import asyncio
import json

import pytest
from sidelight.contract import Ack, ErrorData, PythonCancelTurn, Reply
from sidelight.errors import (
    BadMessageError,
    HostTimeoutError,
    RemoteError,
    SidelightError,
    to_error_data,
)
from sidelight.host import Host
from sidelight.testing import until

pytestmark = pytest.mark.unit

BODY = PythonCancelTurn(type="python.cancel_turn", turn_id="t", immediate=False)


def asking(host: Host, timeout_s: float = 5.0) -> asyncio.Task[Ack]:
    return asyncio.ensure_future(host.request(BODY, Ack, timeout_s=timeout_s))


async def sent_id(sent: list[str]) -> str:
    await until(lambda: sent)
    return str(json.loads(sent[-1])["id"])


async def test_a_request_gets_its_validated_result() -> None:
    sent: list[str] = []
    host = Host(sent.append)
    task = asking(host)
    request_id = await sent_id(sent)
    assert host.on_reply(Reply(v=1, reply_to=request_id, ok=True, result={"done": True}))
    assert (await task).done
    assert not host.on_reply(Reply(v=1, reply_to=request_id, ok=True, result={"done": True}))


async def test_an_error_reply_is_raised_with_its_data() -> None:
    sent: list[str] = []
    host = Host(sent.append)
    task = asking(host)
    error = ErrorData(code="no_page", message="No page.", hint="Open one.", retryable=False)
    host.on_reply(Reply(v=1, reply_to=await sent_id(sent), ok=False, error=error))
    with pytest.raises(RemoteError) as caught:
        await task
    assert caught.value.data == error


@pytest.mark.parametrize(
    "reply", [{"ok": True, "result": {"done": "perhaps", "x": 1}}, {"ok": False, "error": None}]
)
async def test_a_reply_outside_the_contract_is_an_error(reply: dict[str, object]) -> None:
    sent: list[str] = []
    host = Host(sent.append)
    task = asking(host)
    host.on_reply(Reply.model_validate({"v": 1, "reply_to": await sent_id(sent), **reply}))
    with pytest.raises(BadMessageError):
        await task


async def test_no_reply_is_an_error_in_time() -> None:
    host = Host(lambda text: None)
    with pytest.raises(HostTimeoutError, match=r"python\.cancel_turn"):
        await host.request(BODY, Ack, timeout_s=0.01)
    assert host._waiting == {}


async def test_a_cancelled_request_is_forgotten() -> None:
    sent: list[str] = []
    host = Host(sent.append)
    task = asking(host)
    await sent_id(sent)
    task.cancel()
    await asyncio.wait({task})
    assert host._waiting == {}


def test_errors_as_data_say_what_and_what_to_do() -> None:
    for error in (SidelightError("It broke."), ValueError("bad"), KeyError()):
        data = to_error_data(error)
        assert data.code and data.message and data.hint
    assert to_error_data(ValueError("bad")).message.endswith("ValueError: bad")
    assert len(to_error_data(ValueError("x" * 9999)).message) < 500
