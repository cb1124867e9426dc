"""Both languages accept and refuse the same messages, and what is generated is current."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sidelight import contract

from tests.contract.golden import VALID, spoiled

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
JUDGE = """
import { byType } from "./shared/contract-check.js";
let text = "";
for await (const part of process.stdin) text += part;
const verdicts = JSON.parse(text).map(({ type, body }) =>
  Object.hasOwn(byType, type) && byType[type](body) === true);
console.log(JSON.stringify(verdicts));
"""


def model_of(wire_type: str) -> type[contract.Model] | None:
    """The pydantic model with that ``type``."""
    for value in vars(contract).values():
        if isinstance(value, type) and issubclass(value, contract.Model):
            field = value.model_fields.get("type")
            if field is not None and field.annotation is not None:
                names = getattr(field.annotation, "__args__", ())
                if wire_type in names:
                    return value
    return None


def python_accepts(wire_type: str, body: dict[str, Any]) -> bool:
    """Pydantic's verdict, from JSON as on the wire."""
    model = model_of(wire_type)
    if model is None:
        return False
    try:
        model.model_validate_json(json.dumps(body), strict=True)
    except ValidationError:
        return False
    return True


def javascript_accepts(cases: list[tuple[str, dict[str, Any]]]) -> list[bool]:
    """The precompiled validator's verdicts, in one Node process."""
    payload = json.dumps([{"type": t, "body": b} for t, b in cases])
    result = subprocess.run(
        ["node", "--input-type=module", "-e", JUDGE],
        input=payload,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    verdicts: list[bool] = json.loads(result.stdout)
    return verdicts


def test_generated_files_are_current() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tools.contract", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_is_an_example_of_every_request() -> None:
    javascript_side = {t for t in contract.RESULTS if not t.startswith("python.")}
    assert set(VALID) == javascript_side


def test_good_messages_are_accepted_by_both() -> None:
    cases = [(t, {"type": t, **body}) for t, body in VALID.items()]
    assert [t for t, b in cases if not python_accepts(t, b)] == []
    refused = [t for (t, _), ok in zip(cases, javascript_accepts(cases), strict=True) if not ok]
    assert refused == []


def test_spoiled_messages_get_the_same_verdict_from_both() -> None:
    cases = [
        (wire_type, how, spoilt)
        for wire_type, body in VALID.items()
        for how, spoilt in spoiled({"type": wire_type, **body})
    ]
    verdicts = javascript_accepts([(t, b) for t, _, b in cases])
    differ = [
        f"{wire_type} {how}: JavaScript {'accepts' if js else 'refuses'}"
        for (wire_type, how, body), js in zip(cases, verdicts, strict=True)
        if js != python_accepts(wire_type, body)
    ]
    assert differ == []
    assert sum(not v for v in verdicts) > len(cases) * 0.7, "the spoiling does not spoil"


def test_no_discriminator_has_a_default() -> None:
    for value in vars(contract).values():
        if isinstance(value, type) and issubclass(value, contract.Model):
            field = value.model_fields.get("type")
            assert field is None or field.is_required(), value.__name__


def test_the_validator_needs_no_code_from_strings() -> None:
    text = (ROOT / "shared/contract-check.js").read_text()
    assert "new Function" not in text
    assert "eval(" not in text
