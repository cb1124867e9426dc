"""Runs scenarios and generated programs on the engine of its own interpreter.

As a process: one JSON request per line on stdin, one JSON answer per line on stdout. The same
module runs inside Pyodide. Only the standard library and amplifier_core are needed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
import warnings
from typing import Any

from tests.kernel import program
from tests.kernel.scenarios import SCENARIOS
from tests.kernel.trace import LogCapture, Trace

LIMIT_S = 20.0


async def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"steps", "logs"} of one request, or {"broken"} if the scenario itself failed."""
    trace, logs = Trace(), LogCapture()
    root = logging.getLogger()
    root.addHandler(logs)
    try:
        if "scenario" in request:
            work = SCENARIOS[request["scenario"]](trace)
        else:
            work = program.run(request["program"], trace)
        await asyncio.wait_for(work, LIMIT_S)
    except BaseException:
        return {"broken": traceback.format_exc(), "steps": trace.steps}
    finally:
        root.removeHandler(logs)
    return {"steps": trace.steps, "logs": sorted(logs.take())}


def _quiet() -> None:
    warnings.simplefilter("ignore")
    logging.raiseExceptions = False
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def _engine_file() -> str:
    import amplifier_core._engine as engine

    return str(engine.__file__)


async def run_text(text: str) -> str:
    """Answer a JSON list of requests; for Pyodide, on its own loop."""
    _quiet()
    # A task each: what a program leaves in context variables is not for the next one.
    tasks = (asyncio.ensure_future(answer(request)) for request in json.loads(text))
    return json.dumps([await task for task in tasks])


def main() -> None:
    """Answer requests until stdin ends. The first line out names the engine."""
    _quiet()
    # Whatever a module prints must not get between the answers.
    out, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"engine": _engine_file(), "python": sys.version.split()[0]}), file=out)
    out.flush()
    for line in sys.stdin:
        print(json.dumps(asyncio.run(answer(json.loads(line)))), file=out, flush=True)


if __name__ == "__main__":
    main()
