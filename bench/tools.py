"""Required tool calls, any provider: valid, truncated and wrong, counted over all, none dropped.

``python -m bench.tools`` asks the WebLLM engine in Chromium with random weights, the worst model
there is: what it answers is decided by the grammar alone. ``--model tiny`` or ``starter`` counts
the correct calls on held-out requests instead. ``--provider openai --base-url ... --model ...``
asks a server. ``--part I/N`` runs one share of the calls; the last one writes the result.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.cases.requests import FIND, FINDING, REQUESTS, TOOLS
from bench.cases.schemas import REQUESTS as ASKED
from bench.cases.schemas import SCHEMAS
from bench.engine import RANDOM, browser_engine
from bench.report import ROOT, write

sys.path.insert(0, str(ROOT / "python"))

from amplifier_core.testing import MockCoordinator
from amplifier_module_provider_openai import OpenAIProvider
from amplifier_module_provider_webllm import WebLLMProvider
from playwright.sync_api import sync_playwright
from sidelight.contract import ModelInfo, TurnOptions
from sidelight.kernel import NOTICE, ChatRequest, HookResult, Message, ToolSpec
from sidelight.transport import TRANSPORT
from sidelight.turn import ENGINE, TURN

PARTS = ROOT / "build/bench-tools"
CALLS = 512
GOAL_VALID = 0.995
WINDOW_TOKENS = 2048
#: what decides whether a call is valid; a share that other sources made is counted apart
SOURCES = (
    *(f"python/sidelight/{name}.py" for name in ("grammar", "schema", "toolcalls", "jsontext")),
    "python/sidelight/budget.py",
    "python/amplifier_module_provider_webllm/choices.py",
    "python/amplifier_module_provider_webllm/provider.py",
    "bench/cases/schemas.py",
)


def source_hash() -> str:
    """Names the grammar and the checks that calls stand under."""
    texts = b"".join((ROOT / name).read_bytes() for name in SOURCES)
    return hashlib.sha256(texts).hexdigest()[:12]


def plan(calls: int) -> list[dict[str, Any]]:
    """Every call: its tools, its choice and its request; the same for the same count."""
    names = list(SCHEMAS)
    found = []
    for number in range(calls):
        name = names[number % len(names)]
        others = [names[(number * 7 + step) % len(names)] for step in (11, 23)]
        round_ = number // len(names)
        # One tool, one named among three, or any of three.
        offered = [name] if round_ % 3 == 0 else [others[0], name, others[1]]
        found.append(
            {
                "number": number,
                "schema": name,
                "tools": list(dict.fromkeys(offered)),
                "choice": name if round_ % 3 == 1 else "required",
                "text": ASKED[(number + round_) % len(ASKED)],
            }
        )
    return found


def held_out(model: str) -> list[dict[str, Any]]:
    """The requests with the call that is meant."""
    cases = [(TOOLS, *case) for case in REQUESTS]
    cases += [(FIND, *case) for case in FINDING] if model == "tiny" else []
    return [
        {
            "number": number,
            "tools": list(tools),
            "choice": "required",
            "text": text,
            "meant": {"name": name, "arguments": arguments},
        }
        for number, (tools, text, name, arguments) in enumerate(cases)
    ]


def specs(names: list[str]) -> list[ToolSpec]:
    """The tools of a case as a request names them."""
    found = []
    for name in names:
        described = (TOOLS | FIND).get(name)
        about, schema = described or (name.replace("_", " "), SCHEMAS[name])
        found.append(ToolSpec(name=name, description=about, parameters=schema))
    return found


class Asker:
    """One provider, asked call by call."""

    def __init__(self, options: argparse.Namespace, engine: Any = None) -> None:
        self.coordinator = MockCoordinator()
        self.turn: Any = None
        self.notices: list[str] = []
        self.texts: list[str] = []
        self.coordinator.hooks.register(NOTICE, self._on_notice, name="bench")
        self.coordinator.register_capability(TURN, lambda: self.turn)
        self.random = options.model == RANDOM
        if options.provider == "openai":
            from sidelight.console.http import AiohttpTransport

            self.coordinator.register_capability(TRANSPORT, AiohttpTransport())
            config = {"base_url": options.base_url, "model": options.model}
            config |= {"key_name": options.key_name, "context_window_tokens": 8192}
            self.provider: Any = OpenAIProvider(self.coordinator, config)
        else:
            self.coordinator.register_capability(ENGINE, engine)
            take = engine.on_message

            def on_message(message: Any) -> None:
                if message.type == "engine.done":
                    self.texts.append(message.text)
                take(message)

            engine.on_message = on_message
            self.provider = WebLLMProvider(self.coordinator, {})
        self.model = ModelInfo(
            model_id=options.model if options.provider == "webllm" else "server",
            label=options.model,
            family="general" if self.random else options.model,
            description="",
            size_bytes=0,
            context_window_tokens=WINDOW_TOKENS,
            embedded=True,
        )

    async def _on_notice(self, event: str, data: dict[str, Any]) -> HookResult:
        self.notices.append(str(data.get("message")))
        return HookResult(action="continue")

    async def ask(self, case: dict[str, Any]) -> dict[str, Any]:
        """One call and what came of it."""
        seed = case["number"] + 1
        options = TurnOptions(temperature=1.0 if self.random else 0.0, seed=seed)
        self.turn = SimpleNamespace(request=SimpleNamespace(model=self.model, options=options))
        choice: Any = case["choice"]
        if choice != "required":
            choice = {"type": "function", "function": {"name": choice}}
        request = ChatRequest(
            messages=[Message(role="user", content=case["text"])],
            tools=specs(case["tools"]),
            tool_choice=choice,
            metadata={"stream": False},
        )
        self.notices, self.texts = [], []
        started_s = time.monotonic()
        found: dict[str, Any] = {**case, "call": None}
        try:
            response = await asyncio.wait_for(self.provider.complete(request), 180)
        except Exception as error:
            return {**found, "outcome": "wrong", "error": f"{type(error).__name__}: {error}"[:300]}
        record = (response.metadata or {}).get("webllm") or {}
        reason = record.get("finish_reason", response.finish_reason)
        calls = self.provider.parse_tool_calls(response)
        found["tokens"] = response.usage.output_tokens if response.usage else None
        found["seconds"] = round(time.monotonic() - started_s, 2)
        if len(calls) == 1:
            found["call"] = {"name": calls[0].name, "arguments": calls[0].arguments}
            found["outcome"] = "valid"
        else:
            found["outcome"] = "truncated" if reason == "length" else "wrong"
            found |= {"texts": self.texts, "notices": self.notices}
        return found


def invalid_of(done: list[dict[str, Any]]) -> list[str]:
    """What Ajv, which shares no code with Python's validation, says of the accepted calls."""
    accepted = [case for case in done if case["outcome"] == "valid"]
    given = [
        {"schema": specs([case["call"]["name"]])[0].parameters, **case["call"]} for case in accepted
    ]
    wrong = [
        f"{case['number']}: {case['call']['name']} was not asked for"
        for case in accepted
        if case["call"]["name"] not in case["tools"]
        or case["choice"] not in ("required", case["call"]["name"])
    ]
    command = ["node", str(ROOT / "bench/validate.mjs")]
    text = json.dumps(given)
    ran = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=True)
    for case, error in zip(accepted, json.loads(ran.stdout), strict=True):
        if error:
            wrong.append(f"{case['number']}: {case['schema']}: {error}")
    return wrong


def run(
    options: argparse.Namespace, cases: list[dict[str, Any]], kept: Path | None = None
) -> list[dict[str, Any]]:
    """Ask all cases in order. ``kept`` takes each as it is done, and has those of a run that was
    cut short: a share that is killed goes on where it was."""
    source = source_hash()
    lines = kept.read_text().splitlines() if kept and kept.exists() else []
    before = [case for line in lines if (case := json.loads(line))["source"] == source]
    known = {case["number"] for case in before}
    cases = [case for case in cases if case["number"] not in known]
    if not cases:
        return before

    async def work(engine: Any) -> list[dict[str, Any]]:
        asker = Asker(options, engine)
        done = before
        for case in cases:
            done.append({**await asker.ask(case), "source": source})
            if kept:
                with kept.open("a") as file:
                    file.write(json.dumps(done[-1], ensure_ascii=False) + "\n")
            if sys.stderr.isatty() or case["number"] % 32 == 0:
                print(case["number"], done[-1]["outcome"], file=sys.stderr, flush=True)
        return done

    if options.provider == "openai":
        return asyncio.run(work(None))
    with sync_playwright() as driver, browser_engine(driver, options.seed) as engine:
        loaded = engine.load_random() if options.model == RANDOM else engine.load(options.model)
        if loaded["state"] != "ready":
            raise RuntimeError(loaded)
        return engine.run(work)


def summarise(model: str, done: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts over all calls."""
    counts = Counter(case["outcome"] for case in done)
    found: dict[str, Any] = {
        "model": model,
        "calls": len(done),
        "schemas": len({name for case in done for name in case["tools"]}),
        **{name: counts[name] for name in ("valid", "truncated", "wrong")},
        "valid_share": round(counts["valid"] / len(done), 4),
        "invalid_accepted": len(invalid_of(done)),
        "sources": dict(Counter(case["source"] for case in done)),
    }
    if "meant" in done[0]:
        correct = sum(case["call"] == case["meant"] for case in done)
        named = sum((case["call"] or {}).get("name") == case["meant"]["name"] for case in done)
        found |= {"correct": correct, "correct_share": round(correct / len(done), 4)}
        found["right_tool_share"] = round(named / len(done), 4)
    return found


def files_of(options: argparse.Namespace, parts: int) -> list[Path]:
    """The files of all shares."""
    name = f"{options.model.replace('/', '_')}-{options.calls}-{options.seed}"
    return [PARTS / f"{name}-{part}-of-{parts}.json" for part in range(1, parts + 1)]


def collected(options: argparse.Namespace, parts: int) -> list[dict[str, Any]]:
    """Every call of the shares that are there, in order."""
    files = [file for file in files_of(options, parts) if file.exists()]
    found = [case for file in files for case in json.loads(file.read_text())]
    return sorted(found, key=lambda case: case["number"])


def parts_of(options: argparse.Namespace, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run this share; all the shares' results once the last one is there, else nothing."""
    part, parts = (int(number) for number in options.part.split("/"))
    PARTS.mkdir(parents=True, exist_ok=True)
    files = files_of(options, parts)
    kept = files[part - 1].with_suffix(".jsonl")
    done = run(options, cases[part - 1 :: parts], kept)
    files[part - 1].write_text(json.dumps(done, ensure_ascii=False))
    kept.unlink()
    return collected(options, parts) if all(map(Path.exists, files)) else []


def main() -> int:
    """Command line entry. Exit code 1 when a random model's calls miss the goal."""
    parser = argparse.ArgumentParser(prog="./dev bench tools", description=__doc__)
    parser.add_argument("--provider", choices=["webllm", "openai"], default="webllm")
    parser.add_argument("--model", default=RANDOM)
    parser.add_argument("--base-url")
    parser.add_argument("--key-name")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    parser.add_argument(
        "--collect", type=int, help="of so many shares, write the result of those that are there"
    )
    parser.add_argument("--only", help="numbers of calls to run again, with commas; writes nothing")
    options = parser.parse_args()
    schemas = options.model == RANDOM or options.provider == "openai"
    cases = plan(options.calls) if schemas else held_out(options.model)
    if options.collect:
        done = collected(options, options.collect)
    elif options.only:
        numbers = {int(number) for number in options.only.split(",")}
        again = run(options, [case for case in cases if case["number"] in numbers])
        print(json.dumps(again, indent=1, ensure_ascii=False))
        return 0
    else:
        done = parts_of(options, cases)
    if not done:
        return 0
    summary = summarise(options.model, done)
    name = "tools" if options.model == RANDOM else f"tools-{options.model.replace('/', '_')}"
    print(json.dumps(summary, indent=1))
    print(write(name, done, summary, options.seed).relative_to(ROOT))
    good = summary["valid_share"] >= GOAL_VALID or options.model != RANDOM
    return 0 if good and not summary["invalid_accepted"] else 1


if __name__ == "__main__":
    sys.exit(main())
