"""Two windows, one queue: 50 seeded interleavings of ask, stop, switch and delete.

The run queue and the journal are the extension's own, in Node; the assistant is the extension's own
Python with a scripted engine. No turn is lost, mixed up with another, or stuck.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sidelight.bridge import Bridge
from sidelight.contract import EngineDelta, EngineDone, EngineInterrupt, EngineUsage, PythonToEngine

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
FIRST_SEED, COUNT = 1, 50


class Echo:
    """An engine with one place: says the question's name over and over, slowly; after "list" it
    calls a tool first. A call that waits is answered when the one before it is over."""

    def __init__(self) -> None:
        self.deliver: Any = None
        self._stopped: set[str] = set()
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.at_once = 0

    def post(self, text: str) -> None:
        message = TypeAdapter(PythonToEngine).validate_json(text)
        if isinstance(message, EngineInterrupt):
            self._stopped.add(message.call_id)
            return
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Any) -> None:
        call_id, last = request.call_id, request.messages[-1]
        question = next(m.content for m in reversed(request.messages) if m.role == "user")
        name = question.split()[-1]
        chunks = [f"{name} "] * (3 + sum(map(ord, name)) % 9)
        if question.startswith("list") and last.role == "user":
            chunks = ['<tool_call>{"name": "list_todos", ', '"arguments": {}}</tool_call>']
        async with self._one:
            said, reason = "", "stop"
            for chunk in chunks:
                await asyncio.sleep(0.003)
                if call_id in self._stopped:
                    reason = "abort"
                    break
                said += chunk
                delta = EngineDelta(type="engine.delta", call_id=call_id, text=chunk, tokens=1)
                self.deliver(delta.model_dump_json())
            usage = EngineUsage(prompt_tokens=1, prefilled_tokens=1, completion_tokens=1)
            done = EngineDone(
                type="engine.done", call_id=call_id, text=said, finish_reason=reason, usage=usage
            )
            self.deliver(done.model_dump_json())


async def interleavings(first_seed: int, count: int) -> list[dict[str, Any]]:
    """Run them; one result per seed."""
    command = ["node", "tests/offscreen/queue.mjs", str(first_seed), str(count)]
    node = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert node.stdin and node.stdout
    write = node.stdin.write
    engine = Echo()
    bridge = Bridge(lambda text: write(text.encode() + b"\n"), engine.post)
    engine.deliver = bridge.on_engine
    found = []
    async for line in node.stdout:
        if b'"result":{"seed"' in line[:20]:
            found.append(json.loads(line)["result"])
        else:
            bridge.on_host(line.decode())
    await node.wait()
    return found


async def test_no_turn_is_lost_mixed_or_stuck() -> None:
    results = await asyncio.wait_for(interleavings(FIRST_SEED, COUNT), 240)
    assert [result["seed"] for result in results] == list(range(FIRST_SEED, FIRST_SEED + COUNT))
    faults = {result["seed"]: result for result in results if result["faults"]}
    assert not faults, json.dumps(faults, indent=1)
    ends = Counter(end for result in results for end in result["ends"])
    asked = sum(result["asked"] for result in results)
    print(f"seeds {FIRST_SEED} to {FIRST_SEED + COUNT - 1}: {asked} turns, {dict(ends)}")
    assert sum(ends.values()) == asked
    assert asked > 200
    assert ends["completed"] > 50 and ends["stopped"] > 50
    assert sum(result["loads"] for result in results) > 50
