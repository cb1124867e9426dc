"""The tools of a conversation: refused, chosen by the task, fixed, and small enough to be told."""

from __future__ import annotations

from typing import Any

import pytest
from sidelight.prompts import OfferedTool, family_for
from sidelight.sessions.plan import MOUNT_PLAN
from sidelight.sessions.tools import register_tools
from sidelight.testing import MODELS, Rig, say
from sidelight.tokens import LARGE
from sidelight.toolset import MAX_TOOL_TOKENS, TOOLS, choose, refusals, spec_of

pytestmark = pytest.mark.unit
WORDS = ("weather rain", "calendar meeting", "mail letter", "music song", "map route", "shop price")


class Tool:
    def __init__(self, name: str, description: str = "", schema: Any = None) -> None:
        self.name, self.description = name, description
        self.input_schema = schema or {"type": "object", "properties": {"text": {"type": "string"}}}


class Coordinator:
    def __init__(self, tools: list[Tool]) -> None:
        self.tools = {tool.name: tool for tool in tools}

    def get(self, name: str) -> Any:
        return self.tools

    async def unmount(self, point: str, name: str) -> None:
        del self.tools[name]


def many() -> list[Tool]:
    return [
        Tool(
            f"{words.split()[0]}_{n}", f"Does {words} things of kind {n}, at some length of words."
        )
        for n in range(8)
        for words in WORDS
    ]


async def kept(tools: list[Tool], text: str, **changes: Any) -> tuple[Coordinator, Any]:
    coordinator = Coordinator(tools)
    request = Rig().request(text, **changes)
    return coordinator, await register_tools(coordinator, request)


async def test_a_tool_with_a_schema_that_no_grammar_keeps_is_refused_and_told() -> None:
    bad = {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}}
    coordinator, result = await kept([Tool("good"), Tool("bad", schema=bad)], "Hi")
    assert list(coordinator.tools) == ["good"]
    ((code, message),) = result.notices
    assert code == "tool_refused"
    assert "bad" in message and "arguments.when: format is not supported" in message


async def test_tools_are_chosen_by_the_task_and_told_when_they_are_too_many() -> None:
    coordinator, result = await kept(many(), "What is the weather: will it rain?")
    names = list(coordinator.tools)
    assert sum(name.startswith("weather") for name in names) == 8
    assert names == [tool.name for tool in many() if tool.name in names], "in their order"
    assert result.chosen == names
    ((code, message),) = result.notices
    assert code == "tools_left_out"
    assert "and" in message and "more" in message
    offered = [
        OfferedTool(s.name, s.description, s.parameters)
        for s in map(spec_of, coordinator.tools.values())
    ]
    general = family_for("general")
    told = general.system(offered).removeprefix(general.system([]))
    assert 0.8 * MAX_TOOL_TOKENS < LARGE.estimate(told) <= MAX_TOOL_TOKENS


async def test_a_resumed_conversation_keeps_its_tools_whatever_is_asked() -> None:
    first, result = await kept(many(), "What is the weather?")
    message = {"role": "user", "content": "x", "metadata": {TOOLS: result.chosen}}
    second, again = await kept(many(), "Play music", transcript=[message])
    assert list(second.tools) == list(first.tools)
    assert again.notices == []


async def test_few_tools_are_all_kept_and_nothing_is_recorded() -> None:
    coordinator, result = await kept(many()[:3], "Anything")
    assert len(coordinator.tools) == 3
    assert result == (None, [])


@pytest.mark.parametrize("family", ["starter", "tiny", "general"])
async def test_the_extensions_own_tools_are_registered_and_fit(family: str) -> None:
    rig = Rig(say("x"))
    await rig.turn("Hi", family=family)
    coordinator = rig.bridge.sessions._live["c1"].session.coordinator
    tools = coordinator.get("tools")
    assert len(tools) == 4 and MOUNT_PLAN["tools"]
    assert refusals(tools) == {}
    assert rig.of("turn.notice") == []
    system = rig.engine.requests[0].messages[0].content
    assert family_for(MODELS[family].family).scale.estimate(system) < 900


def test_the_choice_is_the_same_every_time() -> None:
    tools = {tool.name: tool for tool in many()}
    size = lambda some: 40 * len(list(some))  # noqa: E731
    found = [choose(tools, "Find a route on the map to the shop", size) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 15
    assert sum(name.startswith(("map", "shop")) for name in found[0]) == 15
