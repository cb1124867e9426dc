"""The policy: from what is known of a call to its verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

from sidelight.contract import Level, Settings
from sidelight.effects import Effects, ToolClass, classes_of
from sidelight.labels import Column
from sidelight.policy.table import (
    ASK_LOCAL,
    DEVICE_ONLY,
    DISABLED,
    INDEX,
    NO_TARGET,
    NOT_ATTACHED,
    NOT_THE_TASKS,
    SERVERS_ONLY,
    STRICTNESS,
    TABLE,
    UNLABELLED,
    Row,
    Verdict,
)

_LEVELS: dict[Level, int] = {"device": 0, "servers": 1, "web": 2}
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Browsers read such addresses in other ways than urlsplit does.
_AMBIGUOUS = re.compile(r"[\s\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Facts:
    """All that a verdict depends on.

    ``effects``: the tool's own label, None when it has none. ``column``: what is in the
    conversation. ``task_origins``: pages the user attached to it. ``granted_origins``: sites the
    user allowed for it, beside the servers of the settings.
    """

    tool_name: str
    effects: Effects | None
    column: Column
    settings: Settings
    target_origin: str | None = None
    task_origins: frozenset[str] = frozenset()
    granted_origins: frozenset[str] = frozenset()


def decide(facts: Facts) -> Verdict:
    """The verdict on a call: the strictest of those that apply. Pure."""
    classes = classes_of(facts.effects)
    if "unlabelled" in classes:
        return UNLABELLED
    found = [verdict for name in sorted(classes) for verdict in _of_class(name, facts)]
    if facts.tool_name in facts.settings.disabled_tools:
        found.append(DISABLED)
    return _strictest(found)


def _of_class(name: ToolClass, facts: Facts) -> Iterator[Verdict]:
    target, settings = facts.target_origin, facts.settings
    in_task = target is not None and target in facts.task_origins
    row = cast(Row, name)
    sends = name in ("send", "open_url")
    if sends:
        servers = _server_origins(settings)
        yield from _limits(target, servers, settings)
        if target in facts.granted_origins | servers:
            row = "send_granted" if name == "send" else "open_url_granted"
    verdict = TABLE[row][INDEX[facts.column]]
    if sends and facts.column == "private":
        verdict = verdict._replace(payload=True)
    yield verdict
    if verdict.task_only and not in_task:
        yield NOT_THE_TASKS
    if name == "write_page" and target is None:
        yield NO_TARGET
    if name == "read_page" and not in_task:
        yield NOT_ATTACHED
    if name == "write_local" and settings.local_changes == "ask":
        yield ASK_LOCAL


def _limits(target: str | None, servers: frozenset[str], settings: Settings) -> Iterator[Verdict]:
    """What the level and the administrator's limit of it say to something that sends."""
    if target is None:
        yield NO_TARGET
    level = min(settings.level, settings.max_level, key=lambda name: _LEVELS[name])
    if level == "device":
        yield DEVICE_ONLY
    elif level == "servers" and target not in servers:
        yield SERVERS_ONLY


def _server_origins(settings: Settings) -> frozenset[str]:
    return frozenset(filter(None, (origin_of(server.base_url) for server in settings.servers)))


def _strictest(verdicts: list[Verdict]) -> Verdict:
    decision = max((verdict.decision for verdict in verdicts), key=lambda name: STRICTNESS[name])
    decisive = [verdict for verdict in verdicts if verdict.decision == decision]
    asks = decision == "ask"
    return Verdict(
        decision,
        " ".join(dict.fromkeys(verdict.reason for verdict in decisive)),
        grantable=asks and all(verdict.grantable for verdict in decisive),
        exact=asks and any(verdict.exact for verdict in decisive),
        payload=asks and any(verdict.payload for verdict in decisive),
        task_only=any(verdict.task_only for verdict in decisive),
    )


@lru_cache(maxsize=64)
def origin_of(url: str) -> str | None:
    """``https://host`` or ``http://host:port`` as browsers write it; None for anything doubtful."""
    if _AMBIGUOUS.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
        return None
    host = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}"
    return f"{scheme}://{host}{shown}"
