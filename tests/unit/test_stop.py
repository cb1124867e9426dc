"""Stopping: at any moment, kept text, one end, and a conversation that goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest
from sidelight.kernel import HookResult
from sidelight.testing import Answer, Rig, call, page, say, until

pytestmark = pytest.mark.unit


async def stop(rig: Rig, turn_id: str = "t1", immediate: bool = False, name: str = "s") -> None:
    body = {"type": "python.cancel_turn", "turn_id": turn_id, "immediate": immediate}
    rig.send(name, body)
    await until(lambda: name in rig.host.replies)


async def test_a_stopped_answer_keeps_its_text_in_panel_and_history() -> None:
    rig = Rig(Answer(("One ", "two ", "three"), hold_after=2), say("Four."))
    request = rig.request("Count")
    rig.begin(request)
    await until(lambda: "two" in "".join(d.text for d in rig.of("turn.delta")))
    await stop(rig)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert finished.text == "One two "
    assert rig.engine.interrupted == [rig.engine.requests[0].call_id]
    assert (await rig.turn("Go on")).text == "Four."
    assert [m.content for m in rig.engine.requests[1].messages[1:]] == [
        "Count",
        "One two ",
        "Go on",
    ]


@pytest.mark.parametrize("immediate", [False, True])
async def test_a_deaf_engine_does_not_hold_the_stop(immediate: bool) -> None:
    rig = Rig(Answer(hold_after=0, deaf=True), say("Hello."))
    request = rig.request("Long page")
    rig.begin(request)
    await until(lambda: rig.engine.requests)
    await stop(rig, immediate=immediate)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert finished.transcript == []
    assert (await rig.turn("Hi")).text == "Hello."
    assert [m.content for m in rig.engine.requests[1].messages[1:]] == ["Hi"]


@pytest.mark.parametrize("immediate", [False, True])
async def test_a_stop_answers_a_pending_approval_with_no(immediate: bool) -> None:
    rig = Rig(call("add_todo", text="x"), say("Hello."))
    request = rig.request("Add x")
    rig.begin(request)
    await until(lambda: rig.host.approvals)
    await stop(rig, immediate=immediate)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert rig.host.executions == []
    assert [message["role"] for message in finished.transcript] == ["user", "assistant", "tool"]
    assert (await rig.turn("Hi")).text == "Hello."


async def test_a_stop_waits_shortly_for_an_effect_under_way() -> None:
    rig = Rig(call("add_todo", text="x"), decisions=["allow"], hold_execution=True)
    request = rig.request("Add x")
    rig.begin(request)
    await until(lambda: rig.host.executions)
    await stop(rig)
    asyncio.get_running_loop().call_later(0.05, _release, rig)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert finished.transcript[-1]["content"] == "added"
    assert rig.of("turn.tool_result")[0].status == "ok"


def _release(rig: Rig) -> None:
    ((request_id, _),) = rig.bridge.host._waiting.items()
    rig.host._execute(request_id, rig.host.executions[0])


async def test_an_immediate_stop_does_not_wait_for_it() -> None:
    rig = Rig(call("add_todo", text="x"), decisions=["allow"], hold_execution=True)
    request = rig.request("Add x")
    rig.begin(request)
    await until(lambda: rig.host.executions)
    await stop(rig, immediate=True)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert finished.transcript[-1]["content"] == "error: cancelled by the user"


async def test_stopping_what_does_not_run_says_so() -> None:
    rig = Rig()
    await stop(rig, "nothing")
    assert rig.host.replies["s"]["result"] == {"done": False}


async def test_a_stop_during_the_repair_of_a_call_blames_nobody() -> None:
    rig = Rig(
        say('<tool_call>\n{"name": "add_todo"}\n</tool_call>'), Answer(("<tool",), hold_after=1)
    )
    request = rig.request("Add milk")
    rig.begin(request)
    await until(lambda: len(rig.engine.requests) == 2)
    await stop(rig)
    finished = await rig.end(request)
    assert finished.status == "stopped"
    assert rig.of("turn.notice") == []
    assert rig.host.executions == []


async def test_stop_twice_and_after_the_end() -> None:
    rig = Rig(Answer(("One",), hold_after=1))
    request = rig.request("Hi")
    rig.begin(request)
    await until(lambda: rig.of("turn.delta"))
    await stop(rig)
    await stop(rig, immediate=True, name="s2")
    finished = await rig.end(request)
    assert finished.text == "One"
    await stop(rig, name="s3")
    assert rig.host.replies["s3"]["result"] == {"done": False}


EVENTS = """
    execution:start prompt:submit provider:request llm:request llm:stream_block_start
    llm:stream_block_delta llm:stream_block_end llm:response provider:response content_block:start
    content_block:end tool:pre approval:required approval:granted tool:post prompt:complete
    orchestrator:complete execution:end
""".split()


class Moments:
    """Counts what a turn does outside and emits inside; stops it at one of these moments."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.turn_id = ""
        self.stop_at: int | None = None
        self.immediate = False
        self.names: list[str] = []
        coordinator = rig.bridge.sessions._live["c1"].session.coordinator
        for event in EVENTS:
            coordinator.hooks.register(event, self._on_event, priority=-1000, name="moments")
        coordinator.hooks.register("tool:pre", self._on_event, priority=20_000, name="late")
        rig.bridge.host._post = self._wrap("host", rig.host.post)
        rig.bridge.engine._post_text = self._wrap("engine", rig.engine.post)

    async def _on_event(self, event: str, data: dict[str, Any]) -> HookResult:
        self._at(event)
        await asyncio.sleep(0)
        return HookResult(action="continue")

    def _wrap(self, name: str, post: Any) -> Any:
        def wrapped(text: str) -> None:
            post(text)
            # How many batches the events take depends on the clock; requests do not.
            if "offscreen.python_events" not in text and "reply_to" not in text:
                self._at(name)

        return wrapped

    def _at(self, name: str) -> None:
        if self.turn_id:
            self.names.append(name)
            if len(self.names) - 1 == self.stop_at:
                body = {
                    "type": "python.cancel_turn",
                    "turn_id": self.turn_id,
                    "immediate": self.immediate,
                }
                self.rig.send(f"stop-{self.turn_id}", body)


async def stopped_at(moments: Moments, moment: int | None, immediate: bool) -> str:
    """One turn with two tool rounds, stopped at that moment; checks all that must hold."""
    rig = moments.rig
    rig.engine.answers = [call("read_page"), call("add_todo", text="a"), say("Done with it.")]
    rig.host.decisions = ["allow", "allow"]
    request = rig.request("Read and add", parent_id=None, transcript=[])
    moments.names, moments.stop_at, moments.immediate = [], moment, immediate
    moments.turn_id = request.turn_id
    rig.begin(request)
    finished = await rig.end(request)
    moments.turn_id = ""
    calls = [c["id"] for m in finished.transcript for c in m.get("tool_calls", [])]
    results = [m["tool_call_id"] for m in finished.transcript if m["role"] == "tool"]
    assert calls == results
    told = [event.tool_call_id for event in rig.of("turn.tool_result", request.turn_id)]
    asked = [event.tool_call_id for event in rig.of("turn.tool_call", request.turn_id)]
    assert sorted(told) == sorted(asked)
    rig.engine.answers = [say("Next.")]
    after = rig.request("And now?", parent_id=request.assistant_message_id)
    rig.begin(after)
    following = await rig.end(after)
    assert (following.status, following.text) == ("completed", "Next.")
    roles = [message.role for message in rig.engine.requests[-1].messages]
    assert all(a != "user" or b != "user" for a, b in itertools.pairwise(roles))
    return finished.status


@pytest.mark.parametrize("immediate", [False, True])
async def test_a_stop_at_every_moment_ends_once_and_leaves_whole_pairs(immediate: bool) -> None:
    rig = Rig(say("Hi."))
    rig.host.page_block = page("Hello. World.")
    await rig.turn("Hi")
    moments = Moments(rig)
    assert await stopped_at(moments, None, immediate) == "completed"
    count = len(moments.names)
    assert count > 40
    for moment in range(count):
        assert await stopped_at(moments, moment, immediate) == "stopped", moment


#: the way to an await: code and line, from the outside in
Place = tuple[tuple[CodeType, int], ...]
#: when to stop: after so many steps of the loop, or the first time that something awaits there
When = int | Place | None


OURS = ("sidelight.", "amplifier_module_")


def awaits(tasks: set[asyncio.Task[Any]]) -> Iterator[Place]:
    """Where each task awaits: the way to the innermost line of our own code. Asked at every step of
    the loop, so nothing is spelled out."""
    for task in tasks:
        way: list[tuple[CodeType, int]] = []
        own = 0
        inner: Any = task.get_coro()
        while frame := getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None):
            way.append((frame.f_code, frame.f_lineno))
            if frame.f_globals["__name__"].startswith(OURS):
                own = len(way)
            inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
        if own:
            yield tuple(way[:own])


async def stopped_after(
    rig: Rig, when: When, how: str, seen: dict[Place, None] | None = None
) -> tuple[int, str, bool]:
    """A turn of three rounds. (steps of the loop it took, how it ended, whether the stop came).

    ``seen`` takes the places where anything in it awaits, as they come, up to the stop."""
    rig.engine.answers = [call("read_page"), call("add_todo", text="a"), call("list_todos")]
    rig.engine.answers.append(say("Done with it.", 20))
    rig.host.decisions = ["allow", "allow"]
    request = rig.request("Read, add and list", parent_id=None, transcript=[])
    others = asyncio.all_tasks()
    rig.begin(request)
    taken, stopped = 0, False
    while rig.host.finished(request.turn_id) is None:
        looks = not stopped and (seen is not None or isinstance(when, tuple))
        here = dict.fromkeys(awaits(asyncio.all_tasks() - others) if looks else ())
        if seen is not None:
            seen.update(here)
        stops = not stopped and (taken == when or when in here)
        stopped = stopped or stops
        if stops and how == "task":
            rig.bridge.sessions._turns[request.turn_id][1].cancel()
        elif stops:
            await rig.bridge.sessions.cancel_turn(request.turn_id, immediate=how == "immediate")
        taken += 1
        assert taken < 5000, "the turn does not end"
        await asyncio.sleep(0 if taken < 1000 else 0.005)
    finished = await rig.end(request)
    calls = [c["id"] for m in finished.transcript for c in m.get("tool_calls", [])]
    results = [m["tool_call_id"] for m in finished.transcript if m["role"] == "tool"]
    assert calls == results, (when, how)
    events = rig.types(request.turn_id)
    assert events[-1] == "turn.finished"
    assert events.count("turn.finished") == 1
    await asyncio.sleep(0.002)
    assert rig.types(request.turn_id) == events, "an event came after the end"
    rig.engine.answers = [say("Next.")]
    # The same place in the conversation, as after an edit, or behind the stopped answer.
    again = how == "task" and isinstance(when, int) and when % 2 == 1
    parent_id = None if again else request.assistant_message_id
    transcript = [] if again else finished.transcript
    after = rig.request("And now?", parent_id=parent_id, transcript=transcript)
    rig.begin(after)
    assert (await rig.end(after)).text == "Next.", (when, how)
    asked = [m.content for m in rig.engine.requests[-1].messages if m.role == "user"]
    assert len(asked) == 1 + sum(m["role"] == "user" for m in transcript), (when, how, asked)
    return taken, finished.status, stopped


#: (tries, share of the awaits to reach): what the kernel's own threads wake not every turn shows
TRIES = [(1, 0.2), pytest.param((5, 0.9), marks=pytest.mark.campaign)]
FIRST = {"graceful": 0, "immediate": 12, "task": 0}


async def ready_rig() -> Rig:
    rig = Rig(say("Hi."))
    rig.host.page_block = page("Hello. World.")
    await rig.turn("Hi")
    return rig


@pytest.mark.parametrize("goal", TRIES, ids=["once", "until met"])
@pytest.mark.parametrize("how", FIRST)
async def test_a_stop_at_every_await_of_a_turn_leaves_whole_pairs(
    how: str, goal: tuple[int, float]
) -> None:
    most, share = goal
    rig = await ready_rig()
    seen: dict[Place, None] = {}
    assert (await stopped_after(rig, None, how, seen))[1] == "completed"
    ended: dict[Place, str] = {}
    tries: Counter[Place] = Counter()
    while left := [place for place in seen if place not in ended and tries[place] < most]:
        for place in left:
            _, status, came = await stopped_after(rig, place, how, seen)
            tries[place] += 1
            if came:
                ended[place] = status
    assert len(seen) > 20 and len(ended) > len(seen) * share, seen.keys() - ended
    print(f"{how}: {len(ended)} of {len(seen)} awaits, {sum(tries.values())} turns")
    assert set(ended.values()) <= {"stopped", "completed"}
    assert list(ended.values()).count("stopped") > len(ended) * 0.8


@pytest.mark.campaign
@pytest.mark.parametrize("how", FIRST)
async def test_a_stop_at_every_step_of_the_loop_leaves_whole_pairs(how: str) -> None:
    """`pytest tests/unit/test_stop.py -m campaign`: also where an await is only passed again."""
    rig = await ready_rig()
    length, status, _ = await stopped_after(rig, None, how)
    assert status == "completed"
    steps = range(FIRST[how], min(length, 1000))
    ended = [(await stopped_after(rig, step, how))[1] for step in steps]
    assert ended.count("stopped") > len(ended) * 0.8
    assert set(ended) <= {"stopped", "completed"}
