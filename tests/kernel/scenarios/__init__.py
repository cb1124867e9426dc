"""Scenarios by hand: one or more for every rule of the engine's contract."""

from __future__ import annotations

from tests.kernel.scenarios import (
    cancellation,
    coordinator,
    crossing,
    helpers,
    hooks_emit,
    hooks_registry,
    hooks_results,
    loading,
    processing,
    session_life,
    session_setup,
    surface,
)
from tests.kernel.scenarios.registry import SCENARIOS

__all__ = [
    "SCENARIOS",
    "cancellation",
    "coordinator",
    "crossing",
    "helpers",
    "hooks_emit",
    "hooks_registry",
    "hooks_results",
    "loading",
    "processing",
    "session_life",
    "session_setup",
    "surface",
]
