"""What runs inside Pyodide when the unit tests run there."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

INI = """[pytest]
markers =
    unit
    contract
    kernel
    pyodide
    e2e
    servers
    firefox
    campaign
    asyncio
addopts = --strict-markers -p no:cacheprovider -p no:faulthandler -m "not campaign"
"""


class _Outcomes:
    """Collects every test's outcome: "passed", "failed" or "skipped", with the failure's text."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before = self.found.get(report.nodeid)
        if before is None or before["outcome"] == "passed":
            self.found[report.nodeid] = {"outcome": report.outcome, "text": report.longreprtext}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.outcome != "passed":
            self.found[report.nodeid] = {"outcome": "failed", "text": report.longreprtext}


def run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Run pytest; return its exit status and the outcomes by node id as JSON."""
    import pytest

    with open("/tmp/pytest.ini", "w") as file:
        file.write(INI)
    outcomes = _Outcomes()
    # Pyodide marks its own loop as running for good; tests bring their own.
    web_loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        status = pytest.main(
            [
                *("-c", "/tmp/pytest.ini", "--rootdir", "/repo"),
                *("-p", "tests.pyodide.async_plugin", "-q", "--no-header"),
                *arguments,
            ],
            plugins=[outcomes],
        )
    finally:
        asyncio._set_running_loop(web_loop)
    return int(status), json.dumps(outcomes.found)
