"""The unit tests of python/, again, inside the Pyodide and the bundle that we ship."""

from __future__ import annotations

import pytest

from tests.pyodide.running import pytest_in_pyodide
from tests.pyodide.selection import choices, runnable

pytestmark = pytest.mark.pyodide

Outcomes = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def outcomes() -> Outcomes:
    """Every test's outcome; Pyodide is started once for all files."""
    return pytest_in_pyodide(runnable())


@pytest.mark.parametrize("file", runnable())
def test_a_unit_test_file_passes_in_pyodide(file: str, outcomes: Outcomes) -> None:
    mine = {name: found for name, found in outcomes.items() if name.split("::")[0] == file}
    assert mine, f"no test of {file} ran"
    bad = {name: found["text"] for name, found in mine.items() if found["outcome"] == "failed"}
    assert not bad, "\n\n".join(f"{name}\n{text}" for name, text in bad.items())


def test_only_files_that_need_more_than_the_bundle_stay_out() -> None:
    """A reason names modules; a file that imports only our own code is never left out."""
    for file, reason in choices().items():
        assert reason is None or not reason.startswith("sidelight"), f"{file}: {reason}"
