"""One session, used in one event loop after the other, on both engines."""

from __future__ import annotations

import pytest

from tests.kernel.engines import run_script
from tools.python_bundle.bundle import kernel_folder

SCRIPT = """
import asyncio
from amplifier_core._engine import RustSession
from tests.kernel.scenarios.session_setup import config_of
from tests.kernel.program_modules import SpecLoader
from tests.kernel.trace import Trace

session = RustSession(config_of())
session.coordinator.loader = SpecLoader(Trace(), session.coordinator)
session.coordinator.register_cleanup(lambda: asyncio.sleep(0.01))

async def use():
    await session.initialize()
    answer = await session.execute("hi")
    await asyncio.gather(session.cleanup(), session.cleanup())
    return answer

print([asyncio.run(use()) for _ in range(3)], session.initialized)
"""


@pytest.mark.kernel
def test_a_session_outlives_its_loop() -> None:
    assert (
        run_script(SCRIPT)
        == run_script(SCRIPT, kernel_folder())
        == "['done', 'done', 'done'] False\n"
    )
