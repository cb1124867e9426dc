"""The bridge: any frame gets at most one reply, and nothing is ever raised to JavaScript."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sidelight import bridge as door
from sidelight.contract import PythonRunTurn
from sidelight.testing import Answer, Rig, call, say, until

pytestmark = pytest.mark.unit

CANCEL = {"type": "python.cancel_turn", "turn_id": "t9", "immediate": False}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"v": 1}',
        '{"id": 5}',
        "[" * 40_000,
        '{"v":1,"body":{}}',
    ],
)
async def test_frames_without_a_usable_id_are_dropped(text: str) -> None:
    rig = Rig()
    rig.bridge.on_host(text)
    await asyncio.sleep(0)
    assert rig.host.replies == {}
    assert rig.host.batches == []


@pytest.mark.parametrize(
    "frame",
    [
        {"id": "x"},
        {"v": 2, "id": "x", "body": CANCEL},
        {"v": 1, "id": "x", "body": {}},
        {"v": 1, "id": "x", "body": {"type": "python.fly"}},
        {"v": 1, "id": "x", "body": {**CANCEL, "extra": 1}},
        {"v": 1, "id": "x", "body": {**CANCEL, "immediate": "perhaps"}},
        {"v": 1, "id": "x", "body": CANCEL, "more": 1},
        {"v": 1, "id": "x", "body": {"type": "python.run_turn"}},
    ],
)
async def test_a_malformed_request_gets_an_error_as_data(frame: dict[str, Any]) -> None:
    rig = Rig()
    rig.bridge.on_host(json.dumps(frame))
    reply = rig.host.replies["x"]
    assert reply["ok"] is False
    assert reply["error"]["code"] == "bad_message"
    assert reply["error"]["message"] and reply["error"]["hint"]


async def test_a_request_without_an_id_is_not_run() -> None:
    rig = Rig(say("x"))
    body = rig.request("Hi").model_dump(mode="json")
    rig.bridge.on_host(json.dumps({"v": 1, "body": body}))
    await asyncio.sleep(0.01)
    assert rig.engine.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"type": "engine.nothing"}',
        '{"type": "engine.delta", "call_id": "gone", "text": "x", "tokens": 1}',
        '{"type": "engine.delta", "call_id": "gone", "text": 5, "tokens": 1}',
    ],
)
async def test_what_the_engine_should_not_send_is_dropped(text: str) -> None:
    Rig().bridge.on_engine(text)


async def test_unknown_and_late_replies_are_dropped() -> None:
    rig = Rig()
    rig.bridge.on_host('{"v": 1, "reply_to": "nobody", "ok": true, "result": {}}')
    rig.bridge.on_host('{"v": 1, "reply_to": "nobody", "ok": "x"}')
    assert rig.host.replies == {}


async def test_half_a_character_at_a_cut_does_not_refuse_the_frame() -> None:
    rig = Rig(say("x"))
    body = rig.request("HALF and \\\\ud83d \U0001f600").model_dump(mode="json")
    frame = json.dumps({"v": 1, "id": "r", "body": body})
    rig.bridge.on_host(frame.replace("HALF", "\\ud83d"))
    await until(lambda: rig.host.finished("t1"))
    assert rig.engine.requests[0].messages[-1].content == "\ufffd and \\\\ud83d \U0001f600"


async def test_run_turn_is_answered_at_once() -> None:
    rig = Rig(Answer(hold_after=0))
    request = rig.request("Hi")
    rig.begin(request)
    assert rig.host.replies["r-t1"]["result"] == {"done": True}
    rig.send("s", {**CANCEL, "turn_id": "t1"})
    assert (await rig.end(request)).status == "stopped"


async def test_one_turn_per_conversation_at_a_time() -> None:
    rig = Rig(Answer(("a",), hold_after=1), say("b"))
    first = rig.request("1")
    rig.begin(first)
    await until(lambda: rig.engine.requests)
    second = rig.request("2")
    rig.send("x", second.model_dump(mode="json"))
    assert rig.host.replies["x"]["error"]["code"] == "conversation_busy"
    other = rig.request("3", conversation_id="c2")
    rig.begin(other)
    assert (await rig.end(other)).text == "b"
    rig.send("s", {**CANCEL, "turn_id": "t1"})
    assert (await rig.end(first)).status == "stopped"


async def test_the_next_turn_may_follow_in_the_very_moment_of_the_end() -> None:
    rig = Rig(say("a"), say("b"))
    first, second = rig.request("1"), rig.request("2", parent_id="a1")
    post = rig.host.post

    def begin_second(text: str) -> None:
        post(text)
        if "turn.finished" in text and '"t1"' in text:
            rig.begin(second)

    rig.bridge.host._post = begin_second
    rig.begin(first)
    assert (await rig.end(second)).text == "b"


async def test_closing_a_conversation_stops_its_turn_and_ends_its_session() -> None:
    rig = Rig(call("add_todo", text="x"))
    request = rig.request("Add")
    rig.begin(request)
    await until(lambda: rig.host.approvals)
    rig.send("close", {"type": "python.close_conversation", "conversation_id": "c1"})
    assert (await rig.end(request)).status == "stopped"
    await until(lambda: "close" in rig.host.replies)
    assert rig.host.replies["close"]["result"] == {"done": True}
    assert rig.bridge.sessions._live == {}
    rig.send("again", {"type": "python.close_conversation", "conversation_id": "c1"})
    await until(lambda: "again" in rig.host.replies)
    assert rig.host.replies["again"]["result"] == {"done": False}


async def test_a_broken_transcript_fails_the_turn_and_not_the_bridge() -> None:
    rig = Rig(say("x"))
    request = rig.request("Hi", transcript=[{"role": "nobody", "content": 5}], parent_id="p")
    rig.begin(request)
    finished = await rig.end(request)
    assert finished.status == "failed"
    assert finished.error is not None
    following = rig.request("Hi", conversation_id="c2")
    rig.begin(following)
    assert (await rig.end(following)).text == "x"


async def test_a_module_that_does_not_load_fails_the_turn_with_advice() -> None:
    rig = Rig(say("x"))
    plan = dict(rig.bridge.sessions._plan)
    rig.bridge.sessions._plan = {**plan, "hooks": [{"module": "hooks-observer"}]}
    finished = await rig.turn("Hi")
    assert finished.error is not None
    assert finished.error.code == "session_failed"
    assert "approval" in finished.error.message
    rig.bridge.sessions._plan = {**plan, "providers": []}
    request = rig.request("Hi", conversation_id="c2")
    rig.begin(request)
    finished = await rig.end(request)
    assert finished.error is not None and "provider" in finished.error.message


async def test_the_module_functions_serve_one_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    asked: list[str] = []
    monkeypatch.setattr(door, "_bridge", None)
    door.on_host("{}")
    door.on_engine("{}")
    door.start(sent.append, asked.append)
    request: PythonRunTurn = Rig().request("Hi")
    frame = {"v": 1, "id": "r", "body": request.model_dump(mode="json")}
    door.on_host(json.dumps(frame))
    await until(lambda: asked)
    call_id = json.loads(asked[0])["call_id"]
    usage = {"prompt_tokens": 1, "prefilled_tokens": 1, "completion_tokens": 1}
    delta = {"type": "engine.delta", "call_id": call_id, "text": "Hello.", "tokens": 2}
    done = {"type": "engine.done", "call_id": call_id, "text": "Hello.", "usage": usage}
    door.on_engine(json.dumps(delta))
    door.on_engine(json.dumps({**done, "finish_reason": "stop"}))
    await until(lambda: any("turn.finished" in text for text in sent))
    assert json.loads(sent[0]) == {"v": 1, "reply_to": "r", "ok": True, "result": {"done": True}}
