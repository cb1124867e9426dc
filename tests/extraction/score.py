"""The score of a page: token F1 of what was read against the main text, and forbidden text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parent / "corpus"
#: Scripts without spaces between words count by character.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W_]+")


@dataclass(frozen=True)
class Score:
    """All between 0 and 1, except ``leaks``: forbidden texts that were read."""

    f1: float
    precision: float
    recall: float
    leaks: list[str]


def tokens(text: str) -> list[str]:
    """Words and numbers; marks of Markdown and punctuation do not count."""
    plain = re.sub(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]", r" \g<0> ", _normal(text))
    return _TOKEN.findall(plain)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def score(read: str, truth: dict[str, Any]) -> Score:
    """Compare bags of tokens, and look for each forbidden text."""
    got, want = Counter(tokens(read)), Counter(tokens(truth["main"]))
    common = sum((got & want).values())
    precision = common / got.total() if got else 0.0
    recall = common / want.total() if want else 1.0
    f1 = 2 * precision * recall / (precision + recall) if common else 0.0
    flat = f" {' '.join(tokens(read))} "
    leaks = [text for text in truth["never"] if f" {' '.join(tokens(text))} " in flat]
    return Score(round(f1, 4), round(precision, 4), round(recall, 4), leaks)


def truths(folder: Path) -> dict[str, dict[str, Any]]:
    """Page name -> truth, for the pages of one folder."""
    found = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in found}
