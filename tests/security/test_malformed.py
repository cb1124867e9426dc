"""A malformed message gets an error or is dropped: no crash, no hang and no effect, anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sidelight import bridge as bridge_module
from sidelight.contract import PythonCancelTurn

from tests.security import boundaries
from tests.security.campaign import JAVASCRIPT, PYTHON, SEED, faults, javascript, python

CASES = 2_000
#: a whole turn per case: fewer cases than where a case is one message
FEWER = {"model_output": 200}


@pytest.mark.contract
@pytest.mark.parametrize("name", JAVASCRIPT)
def test_javascript_boundary(name: str) -> None:
    print(f"seed {SEED}")
    found = javascript(name, CASES)
    assert faults(found) == {}, found["examples"]
    assert found["cases"] == CASES and found["alive"] > 0
    assert found["refused"] + found["dropped"] > CASES / 3


@pytest.mark.unit
@pytest.mark.parametrize("name", PYTHON)
async def test_python_boundary(name: str) -> None:
    print(f"seed {SEED}")
    count = FEWER.get(name, CASES)
    found = await python(name, count)
    assert faults(found) == {}, found["examples"]
    assert found["cases"] == count and found["alive"] > 0
    assert found["refused"] + found["dropped"] > count / 3


@pytest.mark.contract
@pytest.mark.parametrize(
    "name", ["panel_port", "python_frames", "background", "page_results", "engine_port"]
)
def test_a_javascript_boundary_without_validation_is_caught(name: str) -> None:
    assert faults(javascript(name, 300, "--broken"))


@pytest.mark.unit
async def test_a_python_boundary_without_validation_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class AnyRequest:
        def validate_python(self, body: dict[str, Any]) -> PythonCancelTurn:
            return PythonCancelTurn(type="python.cancel_turn", turn_id="t", immediate=True)

    monkeypatch.setattr(bridge_module, "_REQUESTS", AnyRequest())
    assert "accepted" in (await boundaries.on_host(200, SEED)).faults


@pytest.mark.unit
async def test_a_bridge_that_raises_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = bridge_module.Bridge.on_engine

    def unguarded(self: bridge_module.Bridge, text: str) -> None:
        json.loads(text)
        real(self, text)

    monkeypatch.setattr(bridge_module.Bridge, "on_engine", unguarded)
    assert "crash" in (await boundaries.on_engine(200, SEED)).faults
