"""From the policy's verdict to a ticket, a card, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sidelight.contract import Effect, PageRef
from sidelight.effects import Effects, make_effect
from sidelight.executor import execute_on_host
from sidelight.kernel import ToolResult
from sidelight.testing import SETTINGS, Rig, call, page, say

pytestmark = pytest.mark.unit

UNDO = SETTINGS.model_copy(update={"local_changes": "undo"})
BLOCK = page("The inn is old. It has a bar.", "Inn")


class FakeTool:
    """A tool with a given label; its effect is whatever the host executes."""

    description = "A tool"
    input_schema: dict[str, Any] = {"type": "object", "properties": {"to": {"type": "string"}}}

    def __init__(self, coordinator: Any, name: str, effects: Effects, target: str | None) -> None:
        self.name = name
        self.effects = effects
        self._coordinator = coordinator
        self._target = target

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect | None:
        return make_effect(self.effects, f"Use {self.name}", "Does it.", self._target)

    async def execute(self, input: dict[str, Any]) -> ToolResult:
        output = await execute_on_host(
            self._coordinator, self.name, input, on_page=bool(self._target)
        )
        return output if isinstance(output, ToolResult) else ToolResult(output="done")


async def mounted(rig: Rig, effects: Effects, target: str | None = None) -> None:
    """A conversation with the tool ``fake`` in it."""
    rig.engine.answers.insert(0, say("Hi."))
    await rig.turn("Hi")
    coordinator = rig.bridge.sessions._live["c1"].session.coordinator
    tool = FakeTool(coordinator, "fake", effects, target)
    await coordinator.mount("tools", tool, name=tool.name)


def fake(**arguments: Any) -> Any:
    return call("fake", **arguments)


async def test_what_the_policy_allows_gets_its_ticket_without_a_card() -> None:
    rig = Rig(call("add_todo", text="x"), say("Done."), policy_mints=True)
    await rig.turn("Add x", settings=UNDO)
    (asked,) = rig.host.approvals
    assert asked.verdict == "allow"
    assert asked.approval.effect.undoable
    assert asked.approval.effect.grantable is False
    assert [effect.ticket_id for effect in rig.host.effects] == ["ticket-0"]
    assert [todo.text for todo in rig.host.todos] == ["x"]
    assert "waiting_approval" not in [status.stage for status in rig.of("turn.status")]


async def test_the_other_side_may_ask_all_the_same() -> None:
    rig = Rig(call("add_todo", text="x"), say("As you wish."), decisions=["deny"])
    await rig.turn("Add x", settings=UNDO)
    assert rig.host.approvals[0].verdict == "allow"
    assert rig.host.effects == []
    assert rig.of("turn.tool_result")[0].status == "denied"


async def test_by_default_a_local_change_is_asked_about() -> None:
    rig = Rig(call("add_todo", text="x"), say("Done."), decisions=["allow"], policy_mints=True)
    await rig.turn("Add x")
    assert rig.host.approvals[0].verdict == "ask"
    assert [todo.text for todo in rig.host.todos] == ["x"]
    assert "waiting_approval" in [status.stage for status in rig.of("turn.status")]


async def test_an_earlier_grant_gives_a_ticket_as_a_click_does() -> None:
    rig = Rig(call("read_page"), say("[1] x"), decisions=["grant"], page_block=BLOCK)
    await rig.turn("Read")
    assert [effect.tool_name for effect in rig.host.effects] == ["read_page"]


async def test_a_page_that_was_not_attached_is_asked_about_and_may_be_granted() -> None:
    rig = Rig(call("read_page"), say("[1] x"), decisions=["allow"], page_block=BLOCK)
    await rig.turn("Read")
    asked = rig.host.approvals[0]
    assert (asked.verdict, asked.approval.effect.grantable) == ("ask", True)
    assert asked.approval.effect.carries == []


@pytest.mark.parametrize(
    ("origin", "verdict"), [("https://example.org", "allow"), ("https://example.com", "ask")]
)
async def test_the_attached_page_is_allowed_another_one_is_not(origin: str, verdict: str) -> None:
    rig = Rig(say("Ok."), call("read_page"), say("[1] x"), decisions=["allow"], page_block=BLOCK)
    await rig.turn("What is it?", context_blocks=[BLOCK])
    await rig.turn("Read again", page=PageRef(tab_id=1, document_id="D2", origin=origin))
    asked = rig.host.approvals[0]
    assert asked.verdict == verdict
    assert asked.approval.effect.target_origin == origin
    assert asked.approval.effect.grantable is True


async def test_the_card_names_what_flows_into_a_change() -> None:
    rig = Rig(
        call("list_todos"),
        call("add_todo", text="x"),
        say("Done."),
        decisions=["allow"],
    )
    await rig.turn("Add what the page says", context_blocks=[BLOCK])
    effect = rig.host.approvals[0].approval.effect
    assert effect.carries == ["the page example.org", "your to-do list"]
    assert effect.grantable is False


async def test_a_switched_off_tool_does_nothing_and_says_so_to_both() -> None:
    off = SETTINGS.model_copy(update={"disabled_tools": ["add_todo", "list_todos"]})
    rig = Rig(call("add_todo", text="x"), call("list_todos"), say("I cannot."))
    await rig.turn("Add x", settings=off)
    assert rig.host.approvals == [] and rig.host.executions == []
    first, second = rig.of("turn.notice")
    assert first.code == second.code == "tool_withdrawn"
    assert "add_todo" in first.message and "switched off" in first.message
    assert [result.status for result in rig.of("turn.tool_result")] == ["denied", "denied"]
    assert "switched off" in rig.engine.requests[1].messages[-1].content


@pytest.mark.parametrize("sends", ["request", "url"])
async def test_nothing_is_sent_at_level_device(sends: Any) -> None:
    rig = Rig(fake(to="https://evil.example"), say("I cannot."))
    await mounted(rig, Effects(sends=sends), "https://evil.example")
    await rig.turn("Send it")
    assert rig.host.approvals == [] and rig.host.executions == []
    (notice,) = rig.of("turn.notice", "t2")
    assert "Device" in notice.message
    assert "Device" in rig.engine.requests[-1].messages[-1].content


async def test_in_a_clean_chat_sending_is_asked_and_names_the_users_words() -> None:
    web = SETTINGS.model_copy(update={"level": "web"})
    rig = Rig(fake(to="x"), say("Sent."), decisions=["allow"])
    await mounted(rig, Effects(sends="request"), "https://site.example")
    await rig.turn("Send it", settings=web)
    effect = rig.host.approvals[0].approval.effect
    assert effect.carries == ["what you wrote in this chat"]
    assert effect.grantable and effect.sends
    assert len(rig.host.effects) == 1


async def test_with_a_page_in_the_chat_sending_is_withdrawn() -> None:
    web = SETTINGS.model_copy(update={"level": "web"})
    rig = Rig(fake(to="x"), say("I cannot."))
    await mounted(rig, Effects(sends="request"), "https://site.example")
    await rig.turn("Send it", settings=web, context_blocks=[BLOCK])
    assert rig.host.approvals == [] and rig.host.executions == []
    assert rig.of("turn.notice", "t2")[0].code == "tool_withdrawn"


async def test_only_an_attached_page_may_be_changed_once_others_have_written() -> None:
    rig = Rig(fake(), say("I cannot."))
    await mounted(rig, Effects(writes="page"), "https://bank.example")
    await rig.turn("Fill it in", context_blocks=[BLOCK])
    assert rig.host.approvals == [] and rig.host.executions == []
    assert rig.of("turn.notice", "t2") == []
    assert "pages that you attached" in rig.of("turn.tool_result", "t2")[0].text


async def test_the_attached_page_may_be_changed_by_an_approval_that_names_what_flows() -> None:
    rig = Rig(fake(), say("Done."), decisions=["allow"])
    await mounted(rig, Effects(writes="page"), "https://example.org")
    await rig.turn("Fill it in", context_blocks=[BLOCK])
    effect = rig.host.approvals[0].approval.effect
    assert effect.carries == ["the page example.org"]
    assert effect.grantable is False
    assert len(rig.host.effects) == 1


async def test_a_tool_that_cannot_describe_its_call_is_denied() -> None:
    rig = Rig(fake(), say("I cannot."))
    await mounted(rig, Effects(reads="own"))
    coordinator = rig.bridge.sessions._live["c1"].session.coordinator

    def broken(arguments: Any, page: Any) -> Any:
        raise ValueError("no words")

    coordinator.get("tools")["fake"].effect = broken
    await rig.turn("Go")
    assert rig.host.executions == []
    assert "could not be checked" in rig.of("turn.tool_result", "t2")[0].text


async def test_an_empty_label_is_no_label() -> None:
    rig = Rig(fake(), say("I cannot."))
    await mounted(rig, Effects())
    await rig.turn("Go")
    assert rig.host.approvals == [] and rig.host.executions == []
    assert "does not say what it does" in rig.of("turn.tool_result", "t2")[0].text
