"""Which tool calls may run: one pure function over tables.

Python decides here; the JavaScript side enforces with tickets whatever was decided.
"""

from __future__ import annotations

from sidelight.policy.rules import Facts, decide, origin_of
from sidelight.policy.table import Decision, Verdict

__all__ = ["Decision", "Facts", "Verdict", "decide", "origin_of"]
