"""Runs turns: one AmplifierSession per open conversation."""

from __future__ import annotations

from sidelight.sessions.plan import MOUNT_PLAN, provider_of
from sidelight.sessions.sessions import Sessions

__all__ = ["MOUNT_PLAN", "Sessions", "provider_of"]
