"""Pins, personas and generation settings on their way from the panel's message to Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    """Question -> what Python was asked to run."""
    command = ["node", "tests/offscreen/asking.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_pin_of_the_message_or_of_an_attachment_is_a_pin(asked: dict[str, Any]) -> None:
    pinned = {name: body["pinned"] for name, body in asked.items()}
    names = ("plain", "message", "attachment", "unpinned", "persona")
    assert pinned == dict(zip(names, (False, True, True, False, False), strict=True))


def test_a_persona_and_the_settings_behind_it_arrive(asked: dict[str, Any]) -> None:
    body = asked["persona"]
    assert body["options"] == {"persona": "poet", "max_tokens": 9}
    assert body["settings"]["personas"][0]["temperature"] == 1.2
