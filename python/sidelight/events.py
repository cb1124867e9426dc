"""Sends a turn's events to the offscreen document: the first token at once, then every 16 ms."""

from __future__ import annotations

import asyncio

from sidelight import ffi
from sidelight.contract import PythonEvents, TurnDelta, TurnEventBody, TurnFinished
from sidelight.host import Host

INTERVAL_S = 0.016


class EventSender:
    """Collects events of one turn; neighbouring deltas of a block become one event."""

    def __init__(self, host: Host, turn_id: str) -> None:
        self._host = host
        self._turn_id = turn_id
        self._pending: list[TurnEventBody] = []
        self._timer: asyncio.TimerHandle | None = None
        self._sent_s = float("-inf")
        self._began = False
        self.finished = False

    def push(self, event: TurnEventBody) -> None:
        """Queue an event; sent now when the last batch is old enough. Nothing follows the end."""
        if self.finished:
            return
        last = self._pending[-1] if self._pending else None
        if (
            isinstance(event, TurnDelta)
            and isinstance(last, TurnDelta)
            and last.block_index == event.block_index
        ):
            self._pending[-1] = last.model_copy(update={"text": last.text + event.text})
        else:
            self._pending.append(event)
        if isinstance(event, TurnFinished):
            self.finished = True
            self.flush()
            return
        wait_s = self._sent_s + INTERVAL_S - ffi.monotonic_s()
        first_token = isinstance(event, TurnDelta) and not self._began
        self._began = self._began or first_token
        if wait_s <= 0 or first_token:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.flush)

    def flush(self) -> None:
        """Send what is queued."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self._pending:
            return
        events, self._pending = self._pending, []
        self._sent_s = ffi.monotonic_s()
        self._host.notify(
            PythonEvents(type="offscreen.python_events", turn_id=self._turn_id, events=events)
        )
