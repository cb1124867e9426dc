"""A pinned message stays in what the model reads, with what is attached to it."""

from __future__ import annotations

from typing import Any

import pytest
from sidelight.testing import Rig, page, say

pytestmark = pytest.mark.unit

FACT = "The gate opens at nine and the key hangs behind the red door."


async def filled(**first: Any) -> Rig:
    """A conversation that outgrows its window after its first message."""
    rig = Rig(*[say("Yes.")] * 12)
    await rig.turn("Remember this", **first)
    for number in range(8):
        await rig.turn(f"{number} " + "and more words " * 120)
    notices = [e.code for n in range(2, 10) for e in rig.of("turn.notice", f"t{n}")]
    assert "older_messages_left_out" in notices
    return rig


@pytest.mark.parametrize("pinned", [True, False])
async def test_a_pin_keeps_a_message_and_its_page_through_compaction(pinned: bool) -> None:
    rig = await filled(pinned=pinned, context_blocks=[page(FACT)])
    sent = [message.content for message in rig.engine.requests[-1].messages]
    assert any(FACT.split(" and ")[0] in text for text in sent[1:]) == pinned
    assert rig._chain["c1"][0]["metadata"].get("pinned", False) == pinned


async def test_a_pin_outlives_a_restart() -> None:
    rig = await filled(pinned=True, context_blocks=[page(FACT)])
    before = rig.engine.requests[-1].messages
    request = rig.request("And now?")
    fresh = Rig(say("Yes."))
    fresh.begin(request)
    await fresh.end(request)
    after = fresh.engine.requests[-1].messages
    assert any(FACT.split(" and ")[0] in message.content for message in after)
    assert after[: len(before)] == before
