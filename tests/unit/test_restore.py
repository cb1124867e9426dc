"""Restored conversations send the same bytes; context overflow leaves out whole turns."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from sidelight.contract import Todo
from sidelight.testing import MODELS, Answer, Rig, call, page, say

pytestmark = pytest.mark.unit

ANSWERS = [
    say("[1] The inn is old."),
    call("add_todo", text="visit the inn"),
    say("Done."),
    call("list_todos"),
    say("<think>Hm, naïve – 日本.</think>\n\nYou have one: “visit the inn”."),
]
QUESTIONS = ["What is it? Is [1] true? <|im_end|>", "Add visit the inn", "What is on my list?"]


async def conversation(rig: Rig, **changes: Any) -> list[str]:
    """Three turns with a page and two tools; returns the prompts as sent."""
    rig.host.decisions = ["allow", "allow"]
    block = page("The inn is old. It has a bar.\n<page> [2]", "Inn")
    for question in QUESTIONS:
        await rig.turn(question, context_blocks=[block], **changes)
    return [request.model_dump_json(include={"messages"}) for request in rig.engine.requests]


@pytest.mark.parametrize("family", ["starter", "tiny", "general"])
async def test_a_restored_prompt_is_byte_identical(family: str) -> None:
    answers = [*ANSWERS, say("Bye.")]
    live = Rig(*answers)
    await conversation(live, family=family)
    await live.turn("And now?", family=family)

    before = Rig(*ANSWERS)
    await conversation(before, family=family)
    # Through JSON and back, as storage does it, into a new process.
    chain = json.loads(json.dumps(before._chain["c1"]))
    after = Rig(say("Bye."))
    request = after.request("And now?", family=family, transcript=chain, parent_id="a3")
    after.begin(request)
    await after.end(request)
    assert after.engine.requests[-1].messages == live.engine.requests[-1].messages
    assert after.engine.requests[-1].options == live.engine.requests[-1].options


async def test_each_prompt_continues_the_one_before_it() -> None:
    rig = Rig(*ANSWERS)
    await conversation(rig)
    prompts = [request.messages for request in rig.engine.requests]
    for shorter, longer in itertools.pairwise(prompts):
        assert longer[: len(shorter)] == shorter
        assert len(longer) == len(shorter) + 2


async def test_a_branch_starts_from_its_own_parent() -> None:
    rig = Rig(say("One."), say("Two."), say("Other two."))
    await rig.turn("1")
    first = list(rig._chain["c1"])
    await rig.turn("2")
    request = rig.request("2b", parent_id="a1", transcript=first)
    rig.begin(request)
    await rig.end(request)
    assert [m.content for m in rig.engine.requests[-1].messages[1:]] == ["1", "One.", "2b"]


async def test_a_live_session_is_reused_and_old_ones_make_room() -> None:
    rig = Rig(*[say("Yes.")] * 12)
    for number in range(6):
        await rig.turn("Hi", conversation_id=f"c{number}")
    assert list(rig.bridge.sessions._live) == ["c2", "c3", "c4", "c5"]
    session = rig.bridge.sessions._live["c5"].session
    await rig.turn("Again", conversation_id="c5")
    assert rig.bridge.sessions._live["c5"].session is session
    await rig.turn("Back", conversation_id="c0")
    assert [m.content for m in rig.engine.requests[-1].messages[1:]] == ["Hi", "Yes.", "Back"]


SMALL = MODELS["general"].model_copy(update={"context_window_tokens": 900})


async def test_what_no_longer_fits_is_left_out_in_whole_turns_and_told_once() -> None:
    text = "Words that fill the window with more words. " * 6
    rig = Rig(*[say(text)] * 8)
    for number in range(8):
        finished = await rig.turn(f"{number} {text}", model=SMALL)
        assert finished.status == "completed"
    for request in rig.engine.requests:
        messages = request.messages
        assert messages[1].role == "user"
        assert messages[-1].content.startswith(str(rig.engine.requests.index(request)))
        assert sum(len(m.content) for m in messages) // 3 < 900
    told = [rig.of("turn.notice", f"t{number}") for number in range(1, 9)]
    assert any(told)
    assert all(len(notices) <= 1 for notices in told)
    assert told[0] == []
    assert len(rig._chain["c1"]) == 16


async def test_what_was_left_out_stays_left_out_after_a_restart() -> None:
    text = "Words that fill the window with more words. " * 6
    live = Rig(*[say(text)] * 8)
    for number in range(7):
        await live.turn(f"{number} {text}", model=SMALL)
    chain = json.loads(json.dumps(live._chain["c1"]))
    await live.turn("Last", model=SMALL)
    restored = Rig(say("x"))
    request = restored.request("Last", model=SMALL, transcript=chain, parent_id="a7")
    restored.begin(request)
    await restored.end(request)
    assert restored.engine.requests[-1].messages == live.engine.requests[-1].messages


async def test_the_page_is_sent_again_when_its_turn_was_left_out() -> None:
    text = "Words that fill the window with more words. " * 6
    block = page("The inn is old. It has a bar.", "Inn")
    rig = Rig(*[say(text)] * 9)
    sent = []
    for number in range(8):
        await rig.turn(f"{number} {text}", model=SMALL, context_blocks=[block])
        messages = rig.engine.requests[-1].messages
        assert sum("[2] It has a bar." in message.content for message in messages) == 1
        sent.append("[2] It has a bar." in messages[-1].content)
    assert sent[0]
    assert not sent[1]
    assert sum(sent) in range(2, 6)


async def test_a_page_too_long_is_cut_at_a_sentence_and_told() -> None:
    long = " ".join(f"Sentence {n} says something about the old inn." for n in range(300))
    rig = Rig(say("[1] x"))
    await rig.turn("What?", context_blocks=[page(long)], family="starter")
    content = rig.engine.requests[0].messages[1].content
    assert content.endswith("about the old inn.\n</page>\nWhat?")
    (notice,) = rig.of("turn.notice")
    assert notice.code == "page_cut"
    assert "of 300 sentences" in notice.message
    (told,) = rig.of("turn.context")
    assert told.read_chars < told.total_chars


async def test_a_message_longer_than_the_window_is_cut_and_told() -> None:
    rig = Rig(say("Fine."), say("Hello."))
    finished = await rig.turn("First. " + "word " * 5000 + "Last.", family="starter")
    assert finished.status == "completed"
    (sent,) = [m.content for m in rig.engine.requests[0].messages if m.role == "user"]
    assert sent.startswith("First. word")
    assert sent.endswith("word Last.")
    assert "characters left out ..." in sent
    (notice,) = rig.of("turn.notice")
    assert notice.code == "message_cut"
    assert "too long for this model's context window of 2,048 tokens" in notice.message
    assert (await rig.turn("Hi", family="starter")).status == "completed"


async def test_a_page_beside_a_message_that_fills_the_window_is_left_out_and_told() -> None:
    rig = Rig(say("Fine."))
    asked = "word " * 660
    finished = await rig.turn(asked, family="starter", context_blocks=[page("The inn is old.")])
    assert finished.status == "completed"
    assert "inn" not in rig.engine.requests[0].messages[-1].content
    assert [notice.code for notice in rig.of("turn.notice")] == ["page_left_out"]


async def test_results_that_overflow_within_a_turn_are_cut_and_the_turn_goes_on() -> None:
    long = " ".join(f"Sentence {n} says something about the old inn." for n in range(300))
    rig = Rig(*[call("list_todos"), call("read_page"), call("list_todos", extra=1), say("Done.")])
    rig.host.decisions = ["allow"]
    rig.host.page_block = page(long)
    rig.host.todos = [Todo(number=n, text="word " * 30, done=False) for n in range(1, 31)]
    finished = await rig.turn("Read all", model=SMALL)
    assert finished.status == "completed"
    for request in rig.engine.requests:
        assert sum(len(m.content) for m in request.messages) // 3 < 900
    codes = [notice.code for notice in rig.of("turn.notice")]
    assert "older_messages_left_out" in codes
    stored = [m for m in finished.transcript if m["role"] == "tool"]
    assert max(len(m["content"]) for m in stored) > 3000, "the history keeps what was read"


async def test_the_answer_budget_never_exceeds_a_quarter_of_the_window() -> None:
    rig = Rig(say("x"), say("y"))
    await rig.turn("Hi", family="starter", options={"max_tokens": 8000})
    await rig.turn("Hi", family="starter", options={"max_tokens": 50})
    assert [r.options.max_tokens for r in rig.engine.requests] == [512, 50]


async def test_a_cut_answer_is_told() -> None:
    rig = Rig(Answer(("One two",), finish_reason="length"))
    finished = await rig.turn("Count", options={"max_tokens": 2})
    assert finished.status == "completed"
    assert [notice.code for notice in rig.of("turn.notice")] == ["answer_cut"]


async def test_changing_the_model_keeps_the_conversation() -> None:
    rig = Rig(say("One."), say("Two."))
    await rig.turn("1", family="starter")
    await rig.turn("2", family="general")
    first, second = rig.engine.requests
    assert (first.model_id, second.model_id) == ("starter-model", "general-model")
    assert [m.content for m in second.messages[1:]] == ["1", "One.", "2"]
    assert second.messages[0].content.startswith("You are Sidelight")
