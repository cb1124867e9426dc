"""Approvals: only the user's click gives a ticket, and only the approved call gets it."""

from __future__ import annotations

from typing import Any

import pytest
from sidelight.kernel import HookResult
from sidelight.testing import Decision, Rig, call, page, say

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("decision", "status", "text"),
    [
        ("deny", "denied", "You did not allow it."),
        ("timeout", "timed_out", "Nobody decided in time, so it was not done."),
        ("page_changed", "denied", "The page changed, so it was not done."),
        ("policy", "denied", "Sidelight's rules do not allow it, so it was not done."),
        ("no_ticket", "denied", "You did not allow it."),
        (
            "error",
            "denied",
            "It could not be put before you, so it was not done: The panel is gone.",
        ),
    ],
)
async def test_without_a_ticket_nothing_is_executed(
    decision: Decision, status: str, text: str
) -> None:
    rig = Rig(call("add_todo", text="x"), say("All right."), decisions=[decision])
    finished = await rig.turn("Add x")
    assert finished.status == "completed"
    assert finished.text == "All right."
    assert rig.host.executions == []
    (result,) = rig.of("turn.tool_result")
    assert result.status == status
    assert result.text == text


async def test_the_card_names_the_exact_call() -> None:
    rig = Rig(call("read_page"), say("[1] Hello."), decisions=["allow"])
    rig.host.page_block = page("Hello. World.")
    finished = await rig.turn("What is here?")
    approval = rig.host.approvals[0].approval
    assert approval.tool_name == "read_page"
    assert approval.arguments == {}
    assert approval.effect.target_origin == "https://example.org"
    assert approval.effect.reads and not approval.effect.writes
    assert approval.turn_id == "t1"
    assert approval.timeout_s == 300
    assert approval.page == rig.host.executions[0].page
    assert "[1] Hello." in rig.engine.requests[1].messages[-1].content
    assert rig.of("turn.context")[0].read_chars == len("Hello. World.")
    assert finished.text == "[1] Hello."


async def test_a_page_that_cannot_be_read_is_not_asked_about() -> None:
    rig = Rig(call("read_page"), say("I could not."))
    finished = await rig.turn("Read it", page=None)
    assert finished.status == "completed"
    assert rig.host.approvals == [] and rig.host.executions == []
    (result,) = rig.of("turn.tool_result")
    assert result.status == "error"
    assert "says why" in result.text


async def test_a_harmless_call_runs_without_asking_and_without_a_ticket() -> None:
    rig = Rig(call("list_todos"), say("The list is empty."))
    await rig.turn("List")
    assert rig.host.approvals == []
    assert rig.host.executions[0].ticket_id is None
    assert rig.of("turn.tool_result")[0].text == "[]"


async def test_two_equal_calls_need_two_clicks_and_keep_their_own_tickets() -> None:
    two = say(
        '<tool_call>{"name": "add_todo", "arguments": {"text": "a"}}</tool_call>\n'
        '<tool_call>{"name": "add_todo", "arguments": {"text": "b"}}</tool_call>'
    )
    rig = Rig(two, say("Done."), decisions=["allow", "allow"])
    await rig.turn("Add a and b")
    asked = [a.approval.tool_call_id for a in rig.host.approvals]
    done = {e.tool_call_id: (e.ticket_id, e.arguments) for e in rig.host.executions}
    assert len(set(asked)) == 2
    assert done == {asked[0]: ("ticket-0", {"text": "a"}), asked[1]: ("ticket-1", {"text": "b"})}
    assert [todo.text for todo in rig.host.todos] == ["a", "b"]


async def test_one_allowed_and_one_denied_in_a_round() -> None:
    two = say(
        '<tool_call>{"name": "add_todo", "arguments": {"text": "a"}}</tool_call>'
        '<tool_call>{"name": "add_todo", "arguments": {"text": "b"}}</tool_call>'
    )
    rig = Rig(two, say("Done."), decisions=["deny", "allow"])
    finished = await rig.turn("Add a and b")
    assert [todo.text for todo in rig.host.todos] == ["b"]
    tools = [message for message in finished.transcript if message["role"] == "tool"]
    assert [message["content"].split(":")[0] for message in tools] == ["Denied by hook", "added"]
    content = rig.engine.requests[1].messages[-1].content
    assert content.startswith("Result of add_todo:\nDenied by hook: User denied")
    assert content.endswith("Result of add_todo:\nadded")


async def prepared(rig: Rig) -> Any:
    """A first turn, so that the session exists; returns its coordinator."""
    await rig.turn("Hi")
    return rig.bridge.sessions._live["c1"].session.coordinator


async def test_a_hook_that_raises_is_skipped_but_the_executor_gets_no_ticket() -> None:
    rig = Rig(say("Hello."), call("add_todo", text="x"), say("It failed."))
    coordinator = await prepared(rig)

    async def broken(event: str, data: dict[str, Any]) -> HookResult:
        raise RuntimeError("broken hook")

    coordinator.hooks.unregister("sidelight-approval")
    coordinator.hooks.register("tool:pre", broken, priority=10_000, name="sidelight-approval")
    finished = await rig.turn("Add x")
    assert [e.ticket_id for e in rig.host.executions] == [None]
    assert rig.host.todos == []
    assert rig.of("turn.tool_result", "t2")[0].status == "error"
    assert finished.status == "completed"


async def test_what_is_approved_is_what_runs_when_a_hook_changes_the_arguments() -> None:
    rig = Rig(
        say("Hello."), call("add_todo", text="my PIN is 1234"), say("Done."), decisions=["allow"]
    )
    coordinator = await prepared(rig)

    async def redact(event: str, data: dict[str, Any]) -> HookResult:
        changed = {**data, "tool_input": {"text": "my PIN is ****"}}
        return HookResult(action="modify", data=changed)

    coordinator.hooks.register("tool:pre", redact, priority=10, name="redact")
    await rig.turn("Add it")
    assert rig.host.approvals[0].approval.arguments == {"text": "my PIN is ****"}
    assert rig.host.executions[0].arguments == {"text": "my PIN is ****"}


async def test_another_hooks_question_is_denied_as_nobody_shows_it() -> None:
    rig = Rig(say("Hello."), call("add_todo", text="x"), say("No."), decisions=["allow"])
    coordinator = await prepared(rig)

    async def asks(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="ask_user", approval_prompt="Really?")

    coordinator.hooks.register("tool:pre", asks, priority=1, name="asks")
    await rig.turn("Add x")
    assert rig.host.approvals == []
    assert rig.host.executions == []
    assert rig.of("turn.tool_result", "t2")[0].status == "denied"


async def test_a_tool_without_a_label_is_denied() -> None:
    rig = Rig(
        say("Hello."),
        say('<tool_call>{"name": "strange", "arguments": {}}</tool_call>'),
        say("No."),
    )
    coordinator = await prepared(rig)

    class Strange:
        name = "strange"
        description = "A tool that says nothing about itself"
        input_schema: dict[str, Any] = {"type": "object", "properties": {}}
        ran = False

        async def execute(self, input: dict[str, Any]) -> Any:
            self.ran = True

    tool = Strange()
    await coordinator.mount("tools", tool, name="strange")
    await rig.turn("Go")
    assert not tool.ran
    assert "does not say what it does" in rig.of("turn.tool_result", "t2")[0].text


async def test_an_approval_is_never_asked_outside_a_turn() -> None:
    rig = Rig(say("Hello."))
    coordinator = await prepared(rig)
    data = {"tool_name": "add_todo", "tool_input": {"text": "x"}, "tool_call_id": "c"}
    result = await coordinator.hooks.emit("tool:pre", data)
    assert result.action == "deny"
    approvals = rig.bridge.sessions._live["c1"].approvals
    assert await approvals.request_approval("Anything?", ["Allow"], 1.0, "allow") == "Deny"
