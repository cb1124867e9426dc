"""Which tests may run beside each other when there are several workers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from xdist.scheduler import LoadScopeScheduling

from tests.support.limits import WAIT_MS

expect.set_options(timeout=WAIT_MS)


class Lanes(LoadScopeScheduling):
    """A file stays in one worker, and so do all files with the extension in a real browser.

    Two engines on software WebGPU at once would starve each other of both cores.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "e2e" if file.startswith("tests/e2e/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    """Used with ``--dist loadscope``."""
    return Lanes(config, log)
