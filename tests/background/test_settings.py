"""The user's own personas are kept, beside whatever else changes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


def test_personas_are_kept_beside_other_changes() -> None:
    command = ["node", "tests/background/settings.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["before"] == {"level": "servers", "personas": []}
    assert told["answered"][0] == {"level": "servers", "personas": ["Terse", "Kind"]}
    assert told["after"] == {"level": "device", "personas": ["Terse", "Kind"]}
    assert told["answered"][1] == told["after"]
    assert told["kept"][0]["max_tokens"] == 60
