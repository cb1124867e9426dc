"""What our providers share: how a model call is reported, and how a server is spoken to."""

from __future__ import annotations

from sidelight.providers.base import ModelCall, Outcome, ProviderBase, mount_provider
from sidelight.providers.failures import Failures
from sidelight.providers.server import ServerCall, ServerProvider

__all__ = [
    "Failures",
    "ModelCall",
    "Outcome",
    "ProviderBase",
    "ServerCall",
    "ServerProvider",
    "mount_provider",
]
