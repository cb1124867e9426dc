"""The frozen corpus of hostile texts, one JSON object a line: id, family, text.

What a text runs when it executes is ``__xss=1``, ``alert``, ``confirm`` or ``prompt``; what it
loads is from ``outside.test``, which no resolver knows.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("corpus.jsonl")
SHA256 = "13a262a6ce23a06a93a3c29696b1b304280959b924a635a75d9666926fa9e2e1"
SEED = 20261123

_PAYLOAD = re.compile(r"(?:top\.|parent\.|window\.)?__xss=1|(?:alert|confirm|prompt)\(1\)")
_REMOTE = re.compile(r"outside\.test/[\w.-]*")


@dataclass(frozen=True)
class Vector:
    """One hostile text."""

    id: str
    family: str
    text: str

    @property
    def technique(self) -> str:
        """The text without its payload and the name of what it loads."""
        return _REMOTE.sub("outside.test/", _PAYLOAD.sub("@", self.text))

    def cut(self, pieces: int = 4) -> dict[str, Any]:
        """For turns.js: id, text and where to cut it, in UTF-16 units, the last one its length."""
        length = len(self.text.encode("utf-16-le", "surrogatepass")) // 2
        dice = random.Random(f"{SEED} {self.id}")
        inner = sorted(dice.randint(1, length) for _ in range(pieces - 1))
        return {"id": self.id, "text": self.text, "cuts": [*inner, length]}


def load() -> list[Vector]:
    """All vectors, in order."""
    return [Vector(**json.loads(line)) for line in FILE.read_text().splitlines()]


def digest() -> str:
    """SHA-256 of the file, in hex."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
