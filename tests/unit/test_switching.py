"""A chat that goes on with another model: what is degraded, and what the user is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sidelight.contract import ServerModel
from sidelight.testing import MODELS, Rig, call, page, say

from tests.unit.net import Network, calls, says
from tests.unit.test_server_models import bodies, on_server, server

pytestmark = pytest.mark.unit

LONG = page(" ".join(f"Room {n} has a bed and a lamp." for n in range(60)), "Inn")
OTHER = MODELS["general"].model_copy(update={"model_id": "other-model", "label": "Other"})


def told(rig: Rig, turn_id: str) -> list[str]:
    return [
        event.message for event in rig.of("turn.notice", turn_id) if event.code == "model_changed"
    ]


async def test_the_cost_of_reading_again_is_told_from_the_measured_rate() -> None:
    rig = Rig(say("It is old."), say("Yes."), say("Yes."), say("Yes."))
    await rig.turn("Is it old?", context_blocks=[LONG])
    await rig.turn("Sure?")
    await rig.turn("And you?", model=OTHER, prefill_tokens_per_s=50.0)
    await rig.turn("Still?", model=OTHER, prefill_tokens_per_s=50.0)
    assert told(rig, "t1") == told(rig, "t2") == told(rig, "t4") == []
    (sentence,) = told(rig, "t3")
    found = re.search(r"about ([\d,]+) tokens, about (\d+) s\.", sentence)
    assert found, sentence
    tokens, seconds = (int(group.replace(",", "")) for group in found.groups())
    assert seconds == round(tokens / 50.0) and tokens > 256
    assert "goes on with Other" in sentence


async def test_without_a_measurement_no_time_is_made_up() -> None:
    rig = Rig(say("It is old."), say("Yes."))
    await rig.turn("Is it old?", context_blocks=[LONG])
    await rig.turn("And you?", model=OTHER)
    (sentence,) = told(rig, "t2")
    assert "was not measured yet" in sentence and not re.search(r"\d s\b", sentence)


async def test_a_smaller_window_says_what_no_longer_fits_and_sends_less() -> None:
    rig = Rig(*[say("It is old. " * 40)] * 6, say("Yes."))
    for number in range(6):
        await rig.turn(f"Question {number}? " * 10)
    small = OTHER.model_copy(update={"context_window_tokens": 1024})
    await rig.turn("And you?", model=small, options={"max_tokens": 128})
    (sentence,) = told(rig, "t7")
    assert re.search(r"\d+ older messages do not fit .* 1,024 tokens", sentence), sentence
    before, after = (rig.engine.requests[index].messages for index in (5, 6))
    assert sum(len(m.content) for m in after) < sum(len(m.content) for m in before)
    assert after[-1].content.endswith("And you?")


async def test_a_model_without_tool_calls_is_told_of_tools_in_words() -> None:
    plain = server(models=[ServerModel(name="large", context_window_tokens=4096, tools=False)])
    asked = on_server(1, of=plain, tools=False)
    rig = Rig(call("add_todo", text="milk"), say("Done."), decisions=["allow"])
    Network(rig, says("It is on your list."))
    await rig.turn("Add milk")
    await rig.turn("Is it there?", **asked)
    (sentence,) = told(rig, "t2")
    assert "tools and their results are told to it in words" in sentence
    (body,) = bodies(rig)
    assert "tools" not in body and "add_todo" in body["messages"][0]["content"]
    assert {message["role"] for message in body["messages"]} == {"system", "user", "assistant"}
    history = json.dumps(body["messages"][1:])
    assert "tool_call" in history and "milk" in history


async def test_images_are_left_out_and_that_is_told() -> None:
    image = {"type": "image", "source": {"type": "base64", "data": "aGk="}}
    labels = {"labels": [{"origin": "user", "trust": "user", "private": False}]}
    answer = {"labels": [{"origin": "model seeing", "trust": "user", "private": False}]}
    transcript: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]},
        {"role": "assistant", "content": [{"type": "text", "text": "A cat."}]},
    ]
    transcript[0]["metadata"], transcript[1]["metadata"] = labels, answer
    blind = server(models=[ServerModel(name="large", context_window_tokens=4096, images=False)])
    asked = on_server(1, of=blind, images=False)
    rig = Rig()
    Network(rig, says("A cat, you said."))
    await rig.turn("Sure?", transcript=transcript, **asked)
    (sentence,) = told(rig, "t1")
    assert "1 image is not shown to it" in sentence
    assert "aGk=" not in json.dumps(bodies(rig)) and "cannot see it" in json.dumps(bodies(rig))


@pytest.mark.parametrize("other", [True, False])
async def test_thinking_is_of_the_model_that_thought_it(other: bool) -> None:
    rig = Rig(say("<think>Secret plan.</think>Yes."), say("Ok."))
    await rig.turn("Hi")
    await rig.turn("More", model=OTHER if other else MODELS["general"])
    text = json.dumps([message.content for message in rig.engine.requests[1].messages])
    assert ("Secret plan" in text) is not other
    assert "Yes." in text
    assert any("thought is not passed on" in sentence for sentence in told(rig, "t2")) is other


async def test_a_call_of_another_model_goes_on_as_its_meaning() -> None:
    rig = Rig(say("On it."), decisions=["allow"])
    Network(rig, calls("add_todo", text="milk"), says("Done."))
    await rig.turn("Add milk", **on_server())
    await rig.turn("And?", model=OTHER)
    text = json.dumps([message.content for message in rig.engine.requests[0].messages])
    assert "add_todo" in text and "milk" in text


async def test_a_restored_chat_knows_which_model_it_was_with() -> None:
    rig = Rig(say("It is old."))
    first = await rig.turn("Is it old?", context_blocks=[LONG])
    again = Rig(say("Yes."))
    await again.turn("And you?", model=OTHER, transcript=first.transcript, parent_id="a1")
    assert len(told(again, "t1")) == 1
    same = Rig(say("Yes."))
    await same.turn("Sure?", transcript=first.transcript, parent_id="a1")
    assert told(same, "t1") == []


async def test_a_larger_window_brings_back_what_the_smaller_one_left_out() -> None:
    rig = Rig()
    Network(
        rig, *[says(f"Answer {n}. " + "word " * 150) for n in range(8)], says("Yes."), says("So.")
    )
    for number in range(8):
        await rig.turn(
            f"Question {number} " + "thing " * 60, **on_server(context_window_tokens=2048)
        )
    assert "Question 0" not in json.dumps(bodies(rig)[-1])
    await rig.turn("And now?", **on_server(1, context_window_tokens=200_000))
    sent = bodies(rig)[-1]["messages"]
    assert [m["role"] for m in sent] == ["system", *["user", "assistant"] * 8, "user"]
    assert sent[1]["content"].startswith("Question 0")
    (sentence,) = told(rig, "t9")
    assert "older messages are sent in full again" in sentence
    assert [e.code for e in rig.of("turn.notice", "t9")] == ["model_changed"]
    await rig.turn("And then?", **on_server(1, context_window_tokens=200_000))
    assert bodies(rig)[-1]["messages"][: len(sent)] == sent


async def test_neighbours_of_one_role_are_one_message_after_a_compaction() -> None:
    rig = Rig()
    Network(rig, *[says(f"Answer {n}. " + "word " * 150) for n in range(6)])
    for number in range(6):
        await rig.turn(
            f"Question {number} " + "thing " * 60, **on_server(context_window_tokens=2048)
        )
    roles = [m["role"] for m in bodies(rig)[-1]["messages"]]
    assert roles == ["system", *["user", "assistant"] * (len(roles) // 2 - 1), "user"]
    assert "Earlier in this conversation" in bodies(rig)[-1]["messages"][1]["content"]
