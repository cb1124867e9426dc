"""A click's grant reaches the page's process a moment after the extension: that is waited for."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


def test_a_grant_that_arrives_late_is_waited_for_and_nothing_else_is() -> None:
    command = ["node", "tests/background/probe.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "at_once": ["D", 1],
        "late": ["D", 4],
        "never": ["needs_click", 5],
        "no_grant": ["needs_click", 1],
        "a_file": ["needs_click", 1],
        "gone": ["page_gone", 1],
    }
