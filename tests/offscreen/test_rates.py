"""How fast a model read here is kept, once it read enough to tell."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


def test_a_speed_is_kept_when_it_says_something() -> None:
    command = ["node", "tests/offscreen/rates.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "unknown": None,
        "measured": 123.4,
        "after_little": 123.4,
        "other": None,
        "no_disk": None,
        "nonsense": 123.4,
    }
