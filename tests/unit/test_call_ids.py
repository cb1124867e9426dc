"""Ids of tool calls at servers whose templates take 9 letters and digits only."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidelight.contract import Server, ServerModel
from sidelight.providers.calls import short_ids
from sidelight.testing import Rig, call, say

from tests.unit.net import Network, Response, says
from tests.unit.test_server_models import bodies, on_server, server

pytestmark = pytest.mark.unit

NINE = re.compile(r"[A-Za-z0-9]{9}")
#: what vLLM and Mistral's own servers say, and the template that llama.cpp runs
REFUSALS = [
    (400, "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9."),
    (400, "Function call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9."),
    (500, "Value is not callable: Tool call IDs should be alphanumeric strings with length 9!"),
]


@given(st.lists(st.text(max_size=90) | st.from_regex(NINE, fullmatch=True), max_size=30))
def test_ids_are_short_stable_and_all_different(ids: list[str]) -> None:
    found = short_ids(ids)
    assert set(found) == set(ids)
    assert len(set(found.values())) == len(found)
    assert all(NINE.fullmatch(short) for short in found.values())
    for end in range(len(ids)):
        before = short_ids(ids[:end])
        assert before == {one: found[one] for one in before}
    assert all(short_ids([one])[one] == one for one in ids if NINE.fullmatch(one))


def named(name: str) -> dict[str, Any]:
    mine: Server = server(models=[ServerModel(name=name, context_window_tokens=4096)])
    return on_server(0, mine, label=name)


async def after_a_call(*responses: Response, model: str) -> Rig:
    """A conversation with a tool call of a model on this device that goes on at a server."""
    rig = Rig(call("add_todo", text="milk"), say("Added."), decisions=["allow"])
    await rig.turn("Add milk")
    Network(rig, *responses)
    finished = await rig.turn("Thanks", **named(model))
    assert finished.text == "Welcome."
    return rig


def ids_of(body: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The ids of the calls of a request and of their results."""
    made = [one["id"] for wire in body["messages"] for one in wire.get("tool_calls", [])]
    return made, [w["tool_call_id"] for w in body["messages"] if "tool_call_id" in w]


@pytest.mark.parametrize("model", ["mistral-small:24b", "mistralai/Mixtral-8x7B", "Devstral-2"])
async def test_a_model_that_is_known_to_want_short_ids_gets_them(model: str) -> None:
    rig = await after_a_call(says("Welcome."), model=model)
    made, results = ids_of(bodies(rig)[0])
    assert made == results and NINE.fullmatch(made[0])
    # What is kept of the conversation has our own.
    (kept,) = [m["tool_call_id"] for m in rig._chain["c1"] if m["role"] == "tool"]
    assert kept.startswith("call_") and short_ids([kept]) == {kept: made[0]}


async def test_others_get_the_ids_that_are_kept() -> None:
    # Templates like Kimi's read their own ids.
    rig = await after_a_call(says("Welcome."), model="qwen3:8b")
    made, results = ids_of(bodies(rig)[0])
    assert made == results and made[0].startswith("call_")


@pytest.mark.parametrize(("status", "said"), REFUSALS)
async def test_a_refusal_is_learned_from_once(status: int, said: str) -> None:
    refused = Response([json.dumps({"error": {"message": said}})], status=status)
    rig = await after_a_call(refused, says("Welcome."), says("Bye."), model="my-tune")
    first, second = bodies(rig)
    assert ids_of(first)[0][0].startswith("call_") and NINE.fullmatch(ids_of(second)[0][0])
    await rig.turn("Bye", **named("my-tune"))
    assert ids_of(bodies(rig)[2])[0] == ids_of(second)[0]
