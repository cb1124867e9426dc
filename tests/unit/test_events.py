"""Event batches: the first token at once, then one batch per interval, and a single end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sidelight import ffi
from sidelight.contract import TurnDelta, TurnFinished, TurnNotice, TurnStatus
from sidelight.events import INTERVAL_S, EventSender
from sidelight.host import Host

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is: only the timer ends an interval."""
    monkeypatch.setattr(ffi, "monotonic_s", lambda: 100.0)


def sender() -> tuple[EventSender, list[list[dict[str, Any]]]]:
    batches: list[list[dict[str, Any]]] = []
    host = Host(lambda text: batches.append(json.loads(text)["body"]["events"]))
    return EventSender(host, "t"), batches


def delta(text: str, block: int = 0) -> TurnDelta:
    return TurnDelta(type="turn.delta", block_index=block, text=text)


async def test_the_first_token_does_not_wait() -> None:
    events, batches = sender()
    events.push(TurnStatus(type="turn.status", stage="decode"))
    events.push(delta("a"))
    assert [event["type"] for batch in batches for event in batch] == ["turn.status", "turn.delta"]


async def test_tokens_after_it_are_joined_per_interval() -> None:
    events, batches = sender()
    events.push(delta("a"))
    for text in "bcd":
        events.push(delta(text))
    assert len(batches) == 1
    await asyncio.sleep(INTERVAL_S * 2)
    assert [event["text"] for event in batches[1]] == ["bcd"]


async def test_blocks_and_other_events_are_not_joined() -> None:
    events, batches = sender()
    events.push(delta("a"))
    events.push(delta("b"))
    events.push(TurnNotice(type="turn.notice", code="x", message="y"))
    events.push(delta("c"))
    events.push(delta("d", 1))
    events.flush()
    assert [event.get("text") for event in batches[1]] == ["b", None, "c", "d"]


async def test_the_end_takes_the_rest_along_and_is_the_end() -> None:
    events, batches = sender()
    events.push(delta("a"))
    events.push(delta("b"))
    events.push(TurnFinished(type="turn.finished", status="completed", text="ab"))
    events.push(delta("late"))
    await asyncio.sleep(INTERVAL_S * 2)
    assert [event["type"] for event in batches[-1]] == ["turn.delta", "turn.finished"]
    assert len(batches) == 2
