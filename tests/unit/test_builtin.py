"""The browser's own model, played by a script: no browser of the tests has one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from amplifier_module_provider_builtin.provider import _call_schema
from sidelight.contract import BuiltinGenerate, ErrorData, ModelInfo
from sidelight.prompts import OfferedTool
from sidelight.testing import Rig, until

pytestmark = pytest.mark.unit

MODEL = ModelInfo(
    model_id="builtin",
    label="The browser's own model",
    family="general",
    description="",
    size_bytes=0,
    context_window_tokens=4096,
    embedded=False,
    provider="builtin",
)


class Browser:
    """Plays one answer per call: a text, or an error; None never answers."""

    def __init__(self, rig: Rig, *answers: str | ErrorData | None) -> None:
        self.rig = rig
        self.answers = list(answers)
        rig.host.on_builtin = self.on_call

    def on_call(self, frame_id: str, call: BuiltinGenerate) -> None:
        answer = self.answers.pop(0)
        text = answer if isinstance(answer, str) else ""
        # A piece may be here before the reply is looked at.
        for at in range(0, len(text), 5):
            self.tell("python.builtin_chunk", call, text=text[at : at + 5])
        self.rig.host.reply(frame_id, {"done": True})
        if answer is not None:
            error = answer.model_dump() if isinstance(answer, ErrorData) else None
            usage = None if error else {"prompt_tokens": 90, "completion_tokens": 3}
            self.tell("python.builtin_end", call, usage=usage, error=error)

    def tell(self, kind: str, call: BuiltinGenerate, **more: Any) -> None:
        body = {"type": kind, "request_id": call.request_id, **more}
        self.rig.bridge.on_host(json.dumps({"v": 1, "body": body}))


def said(name: str, **arguments: Any) -> str:
    return json.dumps({"name": name, "arguments": arguments})


async def test_an_answer_streams_with_its_usage() -> None:
    rig = Rig()
    Browser(rig, "<think>Hm.</think>Hello there.")
    finished = await rig.turn("Hi", model=MODEL)
    assert (finished.status, finished.text) == ("completed", "Hello there.")
    assert [event.block_type for event in rig.of("turn.block_start")] == ["thinking", "text"]
    assert rig.of("turn.usage")[0].usage.prompt_tokens == 90
    (call,) = rig.host.own_calls
    assert call.conversation_id == "c1" and call.answer_schema is None
    assert [message.role for message in call.messages] == ["system", "user"]
    assert rig.engine.requests == [] and rig.host.http == []


async def test_tools_are_told_in_words_and_still_need_their_tickets() -> None:
    rig = Rig(decisions=["allow"])
    call = f"<tool_call>{said('add_todo', text='milk')}</tool_call>"
    Browser(rig, f"Sure. {call}", "Done.")
    finished = await rig.turn("Add milk", model=MODEL)
    assert finished.text.endswith("Done.")
    assert [todo.text for todo in rig.host.todos] == ["milk"]
    assert "add_todo" in rig.host.own_calls[0].messages[0].content
    assert "<tool_call>" not in "".join(event.text for event in rig.of("turn.delta"))


async def test_a_required_call_is_held_to_a_schema_and_not_shown() -> None:
    rig = Rig(decisions=["allow"])
    Browser(rig, said("add_todo", text="milk"), "Done.")
    finished = await rig.turn("Add milk", model=MODEL, options={"tool_choice": "add_todo"})
    assert finished.text == "Done."
    schema = rig.host.own_calls[0].answer_schema
    assert schema is not None and schema["properties"]["name"] == {"const": "add_todo"}
    assert [todo.text for todo in rig.host.todos] == ["milk"]


@pytest.mark.parametrize("repaired", [True, False])
async def test_a_bad_call_gets_one_repair_round_held_to_a_schema(repaired: bool) -> None:
    rig = Rig(decisions=["allow"])
    bad = "<tool_call>{add_todo: milk}</tool_call>"
    second = said("add_todo", text="milk") if repaired else "{}"
    Browser(rig, bad, second, "Done.")
    await rig.turn("Add milk", model=MODEL)
    assert rig.host.own_calls[1].answer_schema is not None
    assert [todo.text for todo in rig.host.todos] == (["milk"] if repaired else [])
    codes = [event.code for event in rig.of("turn.notice")]
    assert ("tool_call_invalid" in codes) is not repaired


@pytest.mark.parametrize(
    "code", ["context_too_long", "content_filtered", "builtin_failed", "builtin_unavailable"]
)
async def test_each_failure_keeps_its_sentence(code: str) -> None:
    rig = Rig()
    error = ErrorData(code=code, message="What happened.", hint="Do this.", retryable=True)
    Browser(rig, error)
    finished = await rig.turn("Hi", model=MODEL)
    assert finished.status == "failed" and finished.error == error


async def test_a_stop_ends_the_models_work() -> None:
    rig = Rig()
    Browser(rig, None, "Again.")
    request = rig.request("Hi", model=MODEL)
    rig.begin(request)
    await until(lambda: rig.host.own_calls)
    cancel = {"type": "python.cancel_turn", "turn_id": request.turn_id, "immediate": False}
    rig.send("stop", cancel)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    await until(lambda: rig.host.http_cancelled == [rig.host.own_calls[0].request_id])
    assert rig.bridge.builtin._open == {}
    assert (await rig.turn("More", model=MODEL)).text == "Again."


async def test_late_pieces_of_nobodys_answer_are_dropped() -> None:
    rig = Rig()
    for body in (
        {"type": "python.builtin_chunk", "request_id": "x", "text": "late"},
        {"type": "python.builtin_end", "request_id": "x", "usage": None, "error": None},
    ):
        rig.bridge.on_host(json.dumps({"v": 1, "body": body}))
    assert rig.host.replies == {}


def test_references_of_a_schema_are_put_in_place() -> None:
    schema = {
        "type": "object",
        "properties": {"p": {"$ref": "#/$defs/P"}},
        "$defs": {"P": {"type": "string"}},
    }
    form = _call_schema([OfferedTool("t", "d", schema)])
    assert "$ref" not in json.dumps(form)
    assert form["properties"]["arguments"]["properties"]["p"]["type"] == "string"
