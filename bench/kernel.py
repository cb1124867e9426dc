"""``./dev bench kernel``: our engine against the native one, interleaved in one process.

Both use the same published Python layer; only `_engine` differs. Figures are the median of
rounds, in microseconds per call. Fails when emit with one handler takes more than 3x native.
"""

from __future__ import annotations

import asyncio
import logging
import random
import statistics
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from bench.report import write

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

import amplifier_core._engine as native
import amplifier_kernel as ours

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SEED = 7
ROUNDS = 15
LIMIT_RATIO = 3.0
CONFIG = {
    "session": {"orchestrator": "loop", "context": "context"},
    "providers": [{"module": "provider-p"}],
    "tools": [{"module": "tool-t"}],
    "hooks": [{"module": "hooks-h"}],
}
DATA = {
    "tool_name": "read_page",
    "tool_input": {"url": "https://example.org/", "limits": [1, 2, 3]},
    "text": "some words of a page " * 10,
}


class _Loader:
    """Loads trivial modules without touching the disk."""

    async def load(self, module_id: str, *_: Any, **__: Any) -> Any:
        async def mount(coordinator: Any) -> None:
            point = {"loop": "orchestrator", "context": "context"}.get(module_id)
            if point:
                await coordinator.mount(point, _Loop())
            elif module_id != "hooks-h":
                kind = "providers" if module_id.startswith("provider") else "tools"
                await coordinator.mount(kind, SimpleNamespace(), name=module_id)

        return mount

    def get_on_session_ready_queue(self) -> list[Any]:
        return []

    def clear_on_session_ready_queue(self) -> None:
        """Nothing is queued."""


class _Loop:
    async def execute(self, prompt: str, **_: Any) -> str:
        return prompt


def _session(engine: ModuleType) -> Any:
    session = engine.RustSession(CONFIG, session_id="bench")
    session.coordinator.loader = _Loader()
    return session


def _registry(engine: ModuleType, handlers: int) -> Any:
    async def handle(event: str, data: Any) -> None:
        return None

    hooks = engine.RustHookRegistry()
    for _ in range(handlers):
        hooks.register("tool:pre", handle)
    return hooks


async def _emit(engine: ModuleType, handlers: int, calls: int) -> float:
    hooks = _registry(engine, handlers)
    started_s = time.perf_counter()
    for _ in range(calls):
        await hooks.emit("tool:pre", DATA)
    return (time.perf_counter() - started_s) / calls


async def _initialize(engine: ModuleType, calls: int) -> float:
    sessions = [_session(engine) for _ in range(calls)]
    started_s = time.perf_counter()
    for session in sessions:
        await session.initialize()
    return (time.perf_counter() - started_s) / calls


async def _execute(engine: ModuleType, calls: int) -> float:
    session = _session(engine)
    await session.initialize()
    started_s = time.perf_counter()
    for _ in range(calls):
        await session.execute("hi")
    return (time.perf_counter() - started_s) / calls


CASES: dict[str, Callable[[ModuleType], Awaitable[float]]] = {
    "emit, 0 handlers": lambda engine: _emit(engine, 0, 200),
    "emit, 1 handler": lambda engine: _emit(engine, 1, 100),
    "emit, 10 handlers": lambda engine: _emit(engine, 10, 30),
    "initialize, 5 modules": lambda engine: _initialize(engine, 10),
    "execute, trivial orchestrator": lambda engine: _execute(engine, 50),
}


async def measure() -> list[dict[str, Any]]:
    """Return one entry per case: medians, ratio, and every round of both engines."""
    rng = random.Random(SEED)
    engines = {"native": native, "ours": ours}
    found: dict[str, dict[str, list[float]]] = {
        case: {name: [] for name in engines} for case in CASES
    }
    for number in range(ROUNDS + 1):
        for case, run in CASES.items():
            for name in rng.sample(sorted(engines), len(engines)):
                took_us = await run(engines[name]) * 1e6
                if number:  # the first round warms up
                    found[case][name].append(round(took_us, 1))
    return [
        {
            "case": case,
            **{f"{name}_us": statistics.median(took) for name, took in rounds.items()},
            "ratio": round(
                statistics.median(rounds["ours"]) / statistics.median(rounds["native"]), 3
            ),
            "rounds_us": rounds,
        }
        for case, rounds in found.items()
    ]


def main() -> int:
    """Measure, print and write bench/results/kernel.json; 1 when too slow."""
    logging.disable(logging.CRITICAL)
    cases = asyncio.run(measure())
    for case in cases:
        print(
            f"{case['case']:32} native {case['native_us']:8.1f} us"
            f"   ours {case['ours_us']:8.1f} us   {case['ratio']:.2f}x"
        )
    ratio = next(case["ratio"] for case in cases if case["case"] == "emit, 1 handler")
    summary = {"emit_one_handler_ratio": ratio, "limit": LIMIT_RATIO, "ok": ratio <= LIMIT_RATIO}
    print(write("kernel", cases, summary, SEED))
    return 0 if ratio <= LIMIT_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
