"""How much of each prompt is read again: tokens prefilled over tokens new, per cause.

Runs the scripts in ``bench/conversations/`` through the whole Python side on the shipped engine.
Each answer is forced by a grammar that is the script's text, so that the engine's own cache holds
what a good model would have written. After a Stop, an answer cut at its length, an edit or a
compaction one full prefill is due; anywhere else at most 1.1 tokens per new token. Then a free
conversation's log-probabilities are compared, reused and fresh.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from tokenizers import Tokenizer

from bench.engine import browser_engine
from bench.report import ROOT, write

sys.path.insert(0, str(ROOT / "python"))

from sidelight.contract import ChatMessage, EngineDone, GenerateOptions, ModelInfo
from sidelight.engine import Engine, EngineCall
from sidelight.grammar import literal
from sidelight.kernel import HookResult
from sidelight.testing import SETTINGS, Rig, page, until

CONVERSATIONS = ROOT / "bench/conversations"
TOKENIZER = ROOT / "models/prebuilt/tiny/resolve/main/tokenizer.json"
GOAL_RATIO, GOAL_LOGPROB = 1.1, 1e-3
FREE = ("after a Stop", "after length", "edit", "compaction", "first")
PAGE = "The ferry Aurora crosses the sound in twenty minutes. She has forty seats."
NATURAL = ("Hello", "My name is Dana.", "Count to 7.", "Repeat: moon tree fox", "What is my name?")
PROBE = {"temperature": 0.0, "max_tokens": 40, "logprobs": True, "top_logprobs": 5}


class Scripted(Engine):
    """The real engine; what it writes is the script's next answer."""

    def __init__(self, real: Engine) -> None:
        self._real = real
        self.answers: list[str] = []
        self.most: int | None = None
        self.calls: list[tuple[list[ChatMessage], EngineCall]] = []
        self.interrupted_s: list[float] = []

    def generate(
        self, model_id: str, messages: list[ChatMessage], options: GenerateOptions
    ) -> EngineCall:
        """One call, forced to the script's text."""
        grammar = f"root ::= {literal(self.answers.pop(0))}"
        most = self.most or options.max_tokens
        forced = {"grammar": grammar, "structural_tag": None, "max_tokens": most}
        call = self._real.generate(model_id, messages, options.model_copy(update=forced))
        self.calls.append((list(messages), call))
        return call

    async def count(self, model_id: str, messages: list[ChatMessage]) -> int:
        """By the real engine, as the provider asks near the window's edge."""
        return await self._real.count(model_id, messages)

    def forget(self, call: EngineCall) -> None:
        """The call is over."""
        self._real.forget(call)


def new_tokens(tokenizer: Tokenizer, messages: list[ChatMessage], is_first: bool) -> int:
    """Tokens that the newest message adds, with the marks around it and the reply's header; on the
    first call also the system text."""
    last = messages[-1]
    texts = [f"<|im_end|>\n<|im_start|>{last.role}\n{broken(last.content)}"]
    texts.append("<|im_end|>\n<|im_start|>assistant\n")
    if is_first:
        texts.append(f"<|im_start|>system\n{messages[0].content}")
    return sum(len(tokenizer.encode(text).ids) for text in texts)


def broken(text: str) -> str:
    """Control tokens broken up, as the engine does."""
    return text.replace("<|", "< |")


async def done_of(call: EngineCall) -> EngineDone | None:
    """The end of a call; a stopped one's comes after the turn's."""
    with contextlib.suppress(AssertionError):
        await until(lambda: call.done is not None)
    return call.done


async def converse(script: dict[str, Any], real: Engine, tokenizer: Tokenizer) -> dict[str, Any]:
    """Run one script; every model call with its counts."""
    rig = Rig(policy_mints=True)
    rig.host.page_block = page(PAGE, "The night ferry")
    engine = Scripted(real)
    rig.bridge.sessions._engine = engine
    model = ModelInfo(
        model_id="tiny",
        label="tiny",
        family="tiny",
        description="",
        size_bytes=0,
        context_window_tokens=script.get("window_tokens", 2048),
        embedded=True,
    )
    found: list[dict[str, Any]] = []
    parents: list[tuple[str | None, list[dict[str, Any]]]] = [(None, [])]
    for number, turn in enumerate(script["turns"]):
        parent, chain = parents[turn.get("parent", number)]
        before = len(engine.calls)
        engine.answers, engine.most = list(turn["answers"]), turn.get("max_tokens")
        options = {"max_tokens": 120}
        request = rig.request(
            turn["ask"],
            model=model,
            parent_id=parent,
            transcript=chain,
            options=options,
            settings=SETTINGS.model_copy(update={"disabled_tools": turn.get("disabled", [])}),
        )
        rig.host.decisions = ["allow"] * 4
        remove = _note(rig, turn["note"]) if "note" in turn else None
        rig.begin(request)
        stop = await _stop(rig, request.turn_id, turn) if "stop_after" in turn else None
        finished = await rig.end(request, 120)
        if remove:
            remove()
        parents.append((request.assistant_message_id, [*chain, *finished.transcript]))
        codes = [event.code for event in rig.of("turn.notice", request.turn_id)]
        for step, (messages, call) in enumerate(engine.calls[before:]):
            done = await done_of(call)
            usage = done.usage if done else None
            compacted = "older_messages_left_out" in codes and step == 0
            cause = "compaction" if compacted else turn.get("kind", "append") if step == 0 else ""
            cause = cause or (
                "parallel round" if "parallel" in turn.get("kind", "") else "tool result"
            )
            cause = "first" if number == 0 and step == 0 else cause
            found.append(
                {
                    "turn": number + 1,
                    "call": step + 1,
                    "cause": cause,
                    "new_tokens": new_tokens(tokenizer, messages, number == 0 and step == 0),
                    "prefilled_tokens": usage.prefilled_tokens if usage else None,
                    "prompt_tokens": usage.prompt_tokens if usage else None,
                    "finish_reason": done.finish_reason if done else None,
                    **({"stop": stop} if stop else {}),
                }
            )
        assert not engine.answers, f"turn {number + 1} used fewer answers than scripted: {codes}"
    return {"name": script["name"], "about": script["about"], "calls": found}


def _note(rig: Rig, text: str) -> Any:
    async def inject(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="inject_context", context_injection=text, ephemeral=True)

    coordinator = rig.bridge.sessions._live["c1"].session.coordinator
    return coordinator.hooks.register("provider:request", inject, name="note")


async def _stop(rig: Rig, turn_id: str, turn: dict[str, Any]) -> dict[str, Any]:
    """Stop after some deltas; how long the turn went on, in seconds."""
    await until(lambda: len(rig.of("turn.delta", turn_id)) >= turn["stop_after"], 60)
    clicked_s = time.monotonic()
    body = {"type": "python.cancel_turn", "turn_id": turn_id, "immediate": False}
    rig.send(f"stop-{turn_id}", body)
    await until(lambda: rig.host.finished(turn_id), 30)
    return {"seconds_to_end": round(time.monotonic() - clicked_s, 3)}


async def logprobs(real: Engine) -> dict[str, Any]:
    """Log-probabilities of each turn of a free conversation, reused and fresh. Free, because a text
    forced by a grammar may be made of other tokens than the tokenizer would make of it."""
    history = [ChatMessage(role="system", content="You are a test model.")]
    reused: list[tuple[list[ChatMessage], EngineDone]] = []
    for text in NATURAL:
        history.append(ChatMessage(role="user", content=text))
        reused.append((list(history), await _run(real, history)))
        history.append(ChatMessage(role="assistant", content=reused[-1][1].text))
    turns = []
    for messages, before in reused:
        await _run(real, [history[0], ChatMessage(role="user", content="Why?")])
        fresh = await _run(real, messages)
        pairs = zip(before.logprobs or [], fresh.logprobs or [], strict=True)
        differences = [
            max(abs(a["logprob"] - b["logprob"]), *_tops(a["top"], b["top"])) for a, b in pairs
        ]
        turns.append(
            {
                "text": before.text,
                "reused_prefilled_tokens": before.usage.prefilled_tokens,
                "fresh_prefilled_tokens": fresh.usage.prefilled_tokens,
                "same_text": before.text == fresh.text,
                "tokens": len(differences),
                "max_difference": max(differences),
            }
        )
    return {"name": "log-probabilities", "turns": turns}


def _tops(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[float]:
    values = [sorted((entry["logprob"] for entry in one), reverse=True) for one in (first, second)]
    return [abs(a - b) for a, b in zip(*values, strict=True)]


async def _run(real: Engine, messages: list[ChatMessage]) -> EngineDone:
    call = real.generate("tiny", messages, GenerateOptions(**PROBE))
    async for _ in call:
        pass
    real.forget(call)
    assert call.done is not None
    return call.done


def by_cause(conversations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Sums per cause over all conversations."""
    sums: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"calls": 0, "new_tokens": 0, "prefilled_tokens": 0}
    )
    for conversation in conversations:
        for call in conversation["calls"]:
            if call["prefilled_tokens"] is not None:
                sums[call["cause"]]["calls"] += 1
                for key in ("new_tokens", "prefilled_tokens"):
                    sums[call["cause"]][key] += call[key]
    for total in sums.values():
        total["ratio"] = round(total["prefilled_tokens"] / total["new_tokens"], 3)
    return dict(sums)


def main() -> int:
    """Command line entry. Exit code 1 when a goal is missed."""
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    scripts = [json.loads(file.read_text()) for file in sorted(Path(CONVERSATIONS).glob("*.json"))]
    with sync_playwright() as driver, browser_engine(driver) as engine:
        loaded = engine.load("tiny")
        if loaded["state"] != "ready":
            raise RuntimeError(loaded)

        async def work(real: Engine) -> tuple[list[dict[str, Any]], dict[str, Any]]:
            done = [await converse(script, real, tokenizer) for script in scripts]
            return done, await logprobs(real)

        found, compared = engine.run(work)
    causes = by_cause(found)
    bounded = {name: total for name, total in causes.items() if name not in FREE}
    worst = max(total["ratio"] for total in bounded.values())
    difference = max(turn["max_difference"] for turn in compared["turns"])
    texts = [text for s in scripts for turn in s["turns"] for text in turn["answers"]]
    summary = {
        "causes": causes,
        "worst_ratio": worst,
        "goal_ratio": GOAL_RATIO,
        "max_logprob_difference": difference,
        "goal_logprob_difference": GOAL_LOGPROB,
        "turns": sum(len(script["turns"]) for script in scripts),
        "tool_calls": sum(text.count("<tool_call>") for text in texts),
    }
    print(json.dumps(summary, indent=1))
    print(write("prefix", [*found, compared], summary, seed=None).relative_to(ROOT))
    return 0 if worst <= GOAL_RATIO and difference <= GOAL_LOGPROB else 1


if __name__ == "__main__":
    sys.exit(main())
