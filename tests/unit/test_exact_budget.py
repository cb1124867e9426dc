"""The window is filled by the model's own tokenizer: to the token."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest
from sidelight.kernel import Usage
from sidelight.providers.learned import MIN_LEARNED_TOKENS, Learned
from sidelight.testing import MODELS, Rig, page, say, until
from sidelight.tokens import LARGE

pytestmark = pytest.mark.unit

WINDOW = MODELS["general"].context_window_tokens
ANSWER = 512
ROOM = WINDOW - ANSWER


def pairs(text: str) -> int:
    """A tokenizer that knows pairs of letters only: half as many again as the estimates say."""
    return (len(text) + 1) // 2


def bytes_of(text: str) -> int:
    """A vocabulary of English: other characters are spelt by their bytes."""
    return sum(len(char.encode()) for char in text if char > "\x7f") + pairs(
        "".join(char for char in text if char <= "\x7f")
    )


def fours(text: str) -> int:
    return (len(text) + 3) // 4


def rig_with(tokens_of: Callable[[str], int], answers: int = 2) -> Rig:
    rig = Rig(*[say(f"Answer {number}.") for number in range(answers)])
    rig.engine.tokens_of = tokens_of
    return rig


def sent(rig: Rig, index: int = -1) -> int:
    return rig.engine.prompt_tokens(rig.engine.requests[index].messages)


async def second_turn(extra: int) -> tuple[Rig, list[str]]:
    """Two turns whose whole prompt takes ``ROOM + extra`` tokens."""
    probe = rig_with(pairs)
    await probe.turn("a" * 2000)
    await probe.turn("b" * 2)
    missing = ROOM + extra - sent(probe)
    rig = rig_with(pairs)
    await rig.turn("a" * 2000)
    await rig.turn("b" * (2 + 2 * missing))
    return rig, [notice.code for notice in rig.of("turn.notice", "t2")]


async def test_a_prompt_that_fills_the_window_to_its_last_token_is_sent_whole() -> None:
    rig, notices = await second_turn(0)
    assert sent(rig) == ROOM
    assert [m.role for m in rig.engine.requests[-1].messages][1:] == ["user", "assistant", "user"]
    assert rig.engine.requests[-1].messages[1].content == "a" * 2000
    assert notices == []


async def test_one_token_more_leaves_the_oldest_turn_out_and_says_so() -> None:
    rig, notices = await second_turn(1)
    assert sent(rig) <= ROOM
    assert "a" * 2000 not in rig.engine.requests[-1].messages[1].content
    assert notices != []


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_message_alone_is_cut_from_one_token_too_many_on(extra: int) -> None:
    probe = rig_with(pairs)
    await probe.turn("b" * 2)
    missing = ROOM + extra - sent(probe)
    rig = rig_with(pairs)
    await rig.turn("b" * (2 + 2 * missing))
    assert [notice.code for notice in rig.of("turn.notice")] == ["message_cut"] * extra
    assert ROOM * 0.97 < sent(rig) <= ROOM


CHANCE = random.Random(6)
TEXTS = {
    "chinese": "今天天气很好，我们去公园散步吧。" * 700,
    "emoji": "👩‍👩‍👧🏳️‍🌈😀🎉" * 900,
    "base64": base64.b64encode(CHANCE.randbytes(9000)).decode(),
    "letters": "".join(CHANCE.choices("bcdfghjklmnpqrstvwxz", k=12_000)),
    "mixed": "One plain sentence of words. " * 300 + "今日は。😀" * 700,
    "spaces": "word" + " " * 9000 + "word",
}
TOKENIZERS = {"pairs": pairs, "bytes": bytes_of, "fours": fours}


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("text", TEXTS)
async def test_no_text_overflows_and_none_is_cut_more_than_needed(
    text: str, tokenizer: str
) -> None:
    rig = rig_with(TOKENIZERS[tokenizer], answers=3)
    await rig.turn(TEXTS[text])
    cut = any(notice.code == "message_cut" for notice in rig.of("turn.notice"))
    assert sent(rig) <= ROOM
    assert not cut or sent(rig) > ROOM * 0.9
    await rig.turn(TEXTS[text][:3000])
    assert sent(rig) <= ROOM
    rig.host.page_block = None
    await rig.turn("And this?", context_blocks=[page(TEXTS[text].replace("。", ". "))])
    assert sent(rig) <= ROOM


async def test_a_page_fills_what_the_tokenizer_leaves_it() -> None:
    words = "stands in a street of its own with a garden behind it and a tall tree before it " * 3
    text = " ".join(f"The house number {n} {words}." for n in range(400))
    exact, guessed = rig_with(fours), Rig(say("A"))
    await exact.turn("Which?", context_blocks=[page(text)])
    await guessed.turn("Which?", context_blocks=[page(text)])
    shown = [rig.engine.requests[0].messages[1].content.count("\n[") for rig in (exact, guessed)]
    assert shown[0] > shown[1]
    assert sent(exact) <= ROOM


async def test_short_prompts_are_not_counted() -> None:
    rig = rig_with(pairs)
    await rig.turn("Hello")
    await rig.turn("How are you?")
    assert rig.engine.counts == 0


async def test_a_count_is_not_waited_for_after_a_stop() -> None:
    rig = Rig(say("Hello."), say("Hi."))
    rig.engine.tokens_of = pairs
    rig.engine._count = lambda request: None  # type: ignore[method-assign]
    request = rig.request("b" * 9000)
    rig.begin(request)
    await until(lambda: rig.engine.counts)
    body = {"type": "python.cancel_turn", "turn_id": request.turn_id, "immediate": False}
    rig.send("s", body)
    assert (await rig.end(request)).status == "stopped"


def test_what_a_server_counted_corrects_the_estimates() -> None:
    learned = Learned()
    assert learned.scale(LARGE) == LARGE
    learned.add("words " * 400, Usage(input_tokens=600, output_tokens=1, total_tokens=601))
    text = "words " * 1000
    assert 1500 <= learned.scale(LARGE).estimate(text) <= 1500 * 1.2
    learned.add("今天" * 400, Usage(input_tokens=4000, output_tokens=1, total_tokens=4001))
    assert learned.scale(LARGE).factor <= 2.5


def test_a_short_prompt_or_a_wrong_count_teaches_nothing() -> None:
    learned = Learned()
    few = MIN_LEARNED_TOKENS // 4
    learned.add("word " * few, Usage(input_tokens=900, output_tokens=1, total_tokens=901))
    learned.add("word " * 4000, Usage(input_tokens=0, output_tokens=1, total_tokens=1))
    assert learned.scale(LARGE) == LARGE
    learned.add("word " * 4000, Usage(input_tokens=3, output_tokens=1, total_tokens=4))
    assert learned.scale(LARGE).factor >= 0.5
