"""Scenarios by hand: one or more for every rule of the engine's contract."""

from __future__ import annotations

from tests.kernel.scenarios import (
    cancellation,
    coordinator,
    crossing,
    differences,
    helpers,
    hooks_emit,
    hooks_registry,
    hooks_results,
    loading,
    odd_modules,
    odd_values,
    processing,
    session_life,
    session_setup,
    surface,
)
from tests.kernel.scenarios.registry import SCENARIOS

#: Scenarios in which all engines must do the same.
COMPARED = sorted(name for name in SCENARIOS if not name.startswith("differences."))

__all__ = [
    "COMPARED",
    "SCENARIOS",
    "cancellation",
    "coordinator",
    "crossing",
    "differences",
    "helpers",
    "hooks_emit",
    "hooks_registry",
    "hooks_results",
    "loading",
    "odd_modules",
    "odd_values",
    "processing",
    "session_life",
    "session_setup",
    "surface",
]
