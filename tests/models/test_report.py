"""docs/models.md is what the generator makes of the result files, and every figure has one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.library import report

pytestmark = pytest.mark.unit


def test_the_document_is_generated() -> None:
    assert report.DOCUMENT.read_text() == report.document()


def test_figures_follow_the_result_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = tmp_path / "results"
    results.mkdir()
    for path in report.RESULTS.glob("models-*.json"):
        (results / path.name).write_text(path.read_text())
    speed = json.loads((results / f"{report.SPEED}.json").read_text())
    speed["cases"][0]["prefill_tokens_per_s"] = 98765.4
    (results / f"{report.SPEED}.json").write_text(json.dumps(speed))
    monkeypatch.setattr(report, "RESULTS", results)
    changed = report.document()
    assert "98765" in changed and "98765" not in report.DOCUMENT.read_text()
