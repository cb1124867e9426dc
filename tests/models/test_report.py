"""docs/models.md is what the generator makes of the result files, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.library import report

pytestmark = pytest.mark.unit


def test_the_document_is_generated() -> None:
    assert report.DOCUMENT.read_text() == report.document()


def test_figures_come_from_the_result_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert "tok/s" not in report.document()
    speed = {
        "machine": {"cores": 2},
        "summary": {"runs": 3, "new_tokens": 32, "load_before": 0.5},
        "cases": [
            {
                "model": "tiny",
                "prompt_tokens": 77,
                "prefill_tokens_per_s": 98765.4,
                "decode_tokens_per_s": 321.0,
            }
        ],
    }
    (tmp_path / f"{report.SPEED}.json").write_text(json.dumps(speed))
    family = {
        "architecture": "Someone-1B",
        "family": "llama",
        "prompt_tokens": 50,
        "decoded_tokens": 4,
        "worst_logprob_error": 0.00012,
    }
    (tmp_path / "models-Someone-1B.json").write_text(json.dumps({"cases": [family]}))
    told = report.document()
    assert "| `tiny` | 77 | 98765 | 321 |" in told
    assert "| `Someone-1B` | llama | 50 | 4 | 1.2e-04 |" in told
