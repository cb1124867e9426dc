"""Whole turns through the bridge: session, loop, provider, tools, hooks; engine and host faked."""

from __future__ import annotations

import pytest
from sidelight.testing import Answer, Rig, call, page, say

pytestmark = pytest.mark.unit


async def test_an_answer_streams_and_ends_once() -> None:
    rig = Rig(say("Hello. I run on this device."))
    finished = await rig.turn("Hi")
    assert finished.status == "completed"
    assert finished.text == "Hello. I run on this device."
    assert "".join(delta.text for delta in rig.of("turn.delta")) == finished.text
    assert rig.types()[0] == "turn.status"
    assert rig.types()[-1] == "turn.finished"
    assert rig.host.replies["r-t1"]["result"] == {"done": True}
    assert finished.usage == rig.of("turn.usage")[-1].usage


async def test_a_tool_call_waits_for_approval_and_runs_with_its_ticket() -> None:
    rig = Rig(call("add_todo", text="buy milk"), say("Done."), decisions=["allow"])
    finished = await rig.turn("Add buy milk to my list")
    assert finished.status == "completed"
    assert [todo.text for todo in rig.host.todos] == ["buy milk"]
    (asked,) = rig.host.approvals
    (executed,) = rig.host.executions
    assert asked.approval.tool_call_id == executed.tool_call_id
    assert asked.approval.arguments == executed.arguments == {"text": "buy milk"}
    assert "“buy milk”" in asked.approval.effect.detail
    assert executed.ticket_id == "ticket-0"
    assert rig.of("turn.tool_result")[0].status == "ok"
    kinds = [event.stage for event in rig.of("turn.status")]
    assert kinds == ["prefill", "decode", "tool", "waiting_approval", "tool", "prefill", "decode"]


async def test_a_denied_call_has_no_effect_and_the_model_goes_on() -> None:
    rig = Rig(call("add_todo", text="x"), say("As you wish."), decisions=["deny"])
    finished = await rig.turn("Add x")
    assert finished.text == "As you wish."
    assert rig.host.executions == []
    assert rig.of("turn.tool_result")[0].status == "denied"
    assert rig.engine.requests[1].messages[-1].content.startswith("Denied by hook: ")


async def test_an_approval_that_times_out_says_so() -> None:
    rig = Rig(call("add_todo", text="x"), say("Nobody answered."), decisions=["timeout"])
    finished = await rig.turn("Add x")
    assert finished.status == "completed"
    assert rig.host.executions == []
    assert rig.of("turn.tool_result")[0].status == "timed_out"


async def test_the_page_goes_in_numbered_and_the_engine_gets_the_same_bytes_again() -> None:
    rig = Rig(say("[2] It sells bread."), say("Yes."))
    block = page("The bakery opened in 1931. It sells bread.", title="Bakery")
    await rig.turn("What does it sell?", context_blocks=[block])
    await rig.turn("Sure?", context_blocks=[block])
    first, second = rig.engine.requests
    assert first.messages[-1].content == (
        "<page>\nTitle: Bakery\n[1] The bakery opened in 1931.\n[2] It sells bread.\n</page>\n"
        "What does it sell?"
    )
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[-1].content == "Sure?"


async def test_an_engine_error_ends_the_turn_with_its_data() -> None:
    from sidelight.contract import ErrorData

    lost = ErrorData(code="device_lost", message="Lost.", hint="Ask again.", retryable=True)
    rig = Rig(Answer(error=lost), say("Back."))
    finished = await rig.turn("Hi")
    assert finished.status == "failed"
    assert finished.error == lost
    assert finished.transcript == []
    assert (await rig.turn("Again")).text == "Back."
    assert [m.role for m in rig.engine.requests[1].messages] == ["system", "user"]
