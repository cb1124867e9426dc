"""Drives Python's boundaries with malformed messages and counts what they do."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sidelight.contract import EngineToPython, Frame, Reply, ToPython
from sidelight.jsontext import loads
from sidelight.prompts.base import OfferedTool
from sidelight.testing import Answer, Rig, page, say, until
from sidelight.toolcalls import BadCallError, parse_call

from tests.security.mutating import mutate, spoilt_text

PER_RIG = 100
#: A campaign gives way to everything else and then gets 1 % of a core: late is not never.
HANG_S = 120.0
TURNS_PER_CONVERSATION = 5
ANSWERS = 400
_REQUESTS: TypeAdapter[Any] = TypeAdapter(ToPython)
_ENGINE: TypeAdapter[Any] = TypeAdapter(EngineToPython)


@dataclass
class Counts:
    """What a boundary did. Any fault is a failure of the product."""

    cases: int = 0
    valid: int = 0
    answered: int = 0
    refused: int = 0
    dropped: int = 0
    alive: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def fault(self, kind: str, what: object) -> None:
        """Note a fault; the first few are kept as examples."""
        self.faults[kind] = self.faults.get(kind, 0) + 1
        if len(self.examples) < 5:
            self.examples.append(f"{kind}: {str(what)[:400]!r}")

    def guard(self, work: Callable[[], Any], what: object) -> Any:
        """Run what must not raise."""
        try:
            return work()
        except BaseException as error:
            self.fault("crash", f"{type(error).__name__}: {error}: {str(what)[:200]}")

    def watch(self) -> None:
        """Count exceptions that no task's owner took."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.fault("crash", context))


def _value(text: Any) -> Any:
    try:
        return loads(text)
    except (ValueError, TypeError):
        return None


def _is_request(value: Any) -> bool:
    try:
        _REQUESTS.validate_python(Frame.model_validate(value).body)
    except ValidationError:
        return False
    return value.get("id") is not None


def _is(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


async def on_host(count: int, seed: int) -> Counts:
    """Frames of the offscreen document."""
    counts, rng = Counts(), random.Random(seed)
    counts.watch()
    rig = Rig()
    for number in range(count):
        if number % PER_RIG == 0:
            await _end(rig, counts)
            rig = Rig(*(say("x") for _ in range(ANSWERS)))
        frame = _frame(rig, number, rng)
        text: Any = spoilt_text(mutate(frame, rng), rng)
        if rng.random() < 0.01:
            text = rng.choice([None, 5, b"{}", [], {}])
        await _send(rig, counts, text)
    await _end(rig, counts)
    return counts


def _frame(rig: Rig, number: int, rng: random.Random) -> dict[str, Any]:
    kind = rng.randrange(5)
    frame: dict[str, Any] = {"v": 1, "id": f"r{number if rng.random() < 0.95 else 0}"}
    if kind < 3:
        some = rng.choice(["c1", f"c{number}"])
        blocks = [page("words")] if rng.random() < 0.3 else []
        request = rig.request("Hi", conversation_id=some, context_blocks=blocks)
        body = request.model_dump(mode="json")
        if rng.random() < 0.3:
            body["transcript"] = [{"role": "user", "content": "a"}]
    elif kind == 3:
        body = {"type": "python.cancel_turn", "turn_id": "t1", "immediate": rng.random() < 0.5}
    else:
        body = {"type": "python.close_conversation", "conversation_id": "c1"}
    if rng.random() < 0.1:
        return {"v": 1, "reply_to": "py-1", "ok": True, "result": body}
    return {**frame, "body": body}


async def _send(rig: Rig, counts: Counts, text: Any) -> None:
    value = _value(text)
    valid = isinstance(value, dict) and _is_request(value)
    counts.cases += 1
    counts.valid += valid
    rig.host.replies.clear()
    before = len(rig.engine.requests)
    running = len(rig.bridge.sessions._turns)
    counts.guard(partial(rig.bridge.on_host, text), text)
    request_id = value.get("id") if isinstance(value, dict) else None
    named = isinstance(request_id, str) and 0 < len(request_id) <= 80
    if not isinstance(request_id, str) or not named or "reply_to" in value:
        counts.dropped += 1
        if any(reply["ok"] for reply in rig.host.replies.values()):
            counts.fault("bad_reply", text)
    else:
        for turn in range(round(HANG_S / 0.005)):
            if rig.host.replies:
                break
            await asyncio.sleep(0 if turn < 20 else 0.005)
        reply = rig.host.replies.get(request_id)
        if reply is None:
            counts.fault("hang", text)
        elif reply["ok"]:
            counts.answered += 1
            if not valid:
                counts.fault("accepted", text)
        else:
            counts.refused += 1
            if not _is(TypeAdapter(Reply), reply) and _is_id(request_id):
                counts.fault("bad_reply", reply)
    if not valid and len(rig.bridge.sessions._turns) > running:
        counts.fault("effect", text)
    if not valid and not running and len(rig.engine.requests) > before:
        counts.fault("effect", text)


def _is_id(text: str) -> bool:
    return text.isascii() and text.replace("-", "").isalnum()


async def _end(rig: Rig, counts: Counts) -> None:
    """All turns end, once each; then a good turn is answered."""
    try:
        await until(lambda: not rig.bridge.sessions._turns, HANG_S)
    except AssertionError:
        counts.fault("hang", list(rig.bridge.sessions._turns))
        return
    await asyncio.sleep(0.02)
    for turn_id in list(rig.host.events):
        if counts.guard(partial(rig.host.finished, turn_id), turn_id) is None:
            counts.fault("hang", turn_id)
    if rig.host.executions:
        counts.fault("effect", rig.host.executions)
    await _alive(rig, counts)
    gc.collect(0)


async def _alive(rig: Rig, counts: Counts) -> None:
    rig.engine.answers[:] = [say("fine")]
    good = rig.request("Hi", conversation_id="good", turn_id="good")
    try:
        rig.begin(good)
        finished = await rig.end(good, HANG_S)
    except (AssertionError, KeyError) as error:
        counts.fault("not_alive", error)
        return
    if finished.status == "completed" and finished.text == "fine":
        counts.alive += 1
    else:
        counts.fault("not_alive", finished)


def _engine_sample(rng: random.Random, call_id: str) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "prefilled_tokens": 1, "completion_tokens": 1}
    error = {"code": "bad_request", "message": "m", "hint": "h", "retryable": False}
    kind = rng.randrange(6)
    if kind < 4:
        return {"type": "engine.delta", "call_id": call_id, "text": "word", "tokens": 1}
    if kind == 4:
        end = {"text": "word", "finish_reason": "stop", "usage": usage}
        return {"type": "engine.done", "call_id": call_id, **end}
    return {"type": "engine.error", "call_id": call_id, "error": error}


async def on_engine(count: int, seed: int) -> Counts:
    """Messages of the engine while a turn waits for it."""
    counts, rng = Counts(), random.Random(seed)
    counts.watch()
    rig, call_id = Rig(), ""
    for number in range(count):
        if number % PER_RIG == 0:
            await _finish(rig, counts)
            rig = Rig(*(Answer(("a",), hold_after=1) for _ in range(3)))
            rig.begin(rig.request("Hi"))
            await until(partial(getattr, rig.engine, "requests"), HANG_S)
            call_id = rig.engine.requests[-1].call_id
        text: Any = spoilt_text(mutate(_engine_sample(rng, call_id), rng), rng)
        if rng.random() < 0.01:
            text = rng.choice([None, 5, b"{}", [], {}])
        counts.cases += 1
        valid = _is(_ENGINE, _value(text))
        counts.valid += valid
        held = rig.bridge.engine._calls.get(call_id)
        before = held._queue.qsize() if held else 0
        counts.guard(partial(rig.bridge.on_engine, text), text)
        counts.answered += valid
        counts.dropped += not valid
        if not valid and held and held._queue.qsize() > before:
            counts.fault("effect", text)
        if number % 10 == 0:
            await asyncio.sleep(0)
    await _finish(rig, counts)
    return counts


async def _finish(rig: Rig, counts: Counts) -> None:
    for turn_id in list(rig.bridge.sessions._turns):
        cancel = {"type": "python.cancel_turn", "turn_id": turn_id, "immediate": True}
        rig.send("stop", cancel)
    await _end(rig, counts)


TOOLS = (
    OfferedTool("add_todo", "Add", {"properties": {"text": {"type": "string", "maxLength": 500}}}),
    OfferedTool("list_todos", "List", {"properties": {}}),
)


async def tool_calls(count: int, seed: int) -> Counts:
    """What the model wrote between the tags of a tool call."""
    counts, rng = Counts(), random.Random(seed)
    for number in range(count):
        arguments = {"text": "milk"} if rng.random() < 0.7 else {}
        name = "add_todo" if arguments else "list_todos"
        text = spoilt_text(mutate({"name": name, "arguments": arguments}, rng), rng)
        counts.cases += 1
        try:
            parsed = parse_call(text, TOOLS)
        except BadCallError:
            counts.refused += 1
        except BaseException as error:
            counts.fault("crash", f"{type(error).__name__}: {error}: {text[:200]}")
        else:
            counts.valid += 1
            counts.answered += 1
            given = parsed.arguments
            known = {"add_todo": {"text"}, "list_todos": set()}[parsed.name]
            if not set(given) <= known or not all(isinstance(v, str) for v in given.values()):
                counts.fault("accepted", text)
        if number % 500 == 499:
            good = parse_call('{"name": "add_todo", "arguments": {"text": "milk"}}', TOOLS)
            counts.alive += good.arguments == {"text": "milk"}
    return counts


async def model_output(count: int, seed: int) -> Counts:
    """Whole answers with a malformed tool call: the turn ends, and nothing is executed."""
    counts, rng = Counts(), random.Random(seed)
    counts.watch()
    rig = Rig()
    for number in range(count):
        if number % PER_RIG == 0:
            await _end(rig, counts)
            rig = Rig()
        value = {"name": "add_todo", "arguments": {"text": "milk"}}
        inner = spoilt_text(mutate(value, rng), rng).replace("\ud800", "?").replace("\udc00", "?")
        text = f"<tool_call>{inner}" + rng.choice(["</tool_call>", "", "</tool_call><tool_call>"])
        rig.engine.answers[:] = [say(text, size=max(7, len(text) // 5)), *(say("done"),) * 3]
        rig.host.decisions = ["deny"] * 9
        counts.cases += 1
        # A malformed call stays in its conversation, so the next turns begin with it.
        place = f"c{number // TURNS_PER_CONVERSATION}"
        try:
            request = rig.request("Hi", turn_id=f"t{number}", conversation_id=place)
            rig.begin(request)
            finished = await rig.end(request, HANG_S)
        except AssertionError as error:
            counts.fault("hang", f"{error}: {text}")
            continue
        counts.refused += 1
        if finished.status not in ("completed", "failed"):
            counts.fault("hang", finished)
        if any(ran.tool_name != "list_todos" for ran in rig.host.executions):
            counts.fault("effect", text)
        rig.host.executions.clear()
    await _end(rig, counts)
    return counts
