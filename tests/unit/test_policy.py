"""The policy's table, cell by cell, and what is around it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sidelight.contract import Server, Settings
from sidelight.effects import Effects, classes_of, make_effect
from sidelight.policy import Facts, decide, origin_of

pytestmark = pytest.mark.unit

TASK = "https://news.example"
COLUMNS = ("clean", "untrusted", "untrusted_private")


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "level": "web",
        "max_level": "web",
        "servers": [],
        "local_changes": "undo",
        "disabled_tools": [],
        "managed": [],
    }
    return Settings(**{**values, **changes})


def facts(effects: Effects | None, column: Any = "clean", **changes: Any) -> Facts:
    values: dict[str, Any] = {
        "tool_name": "tool",
        "effects": effects,
        "column": column,
        "settings": settings(),
        "target_origin": TASK,
        "task_origins": frozenset({TASK}),
    }
    return Facts(**{**values, **changes})


# Written from design section 6, at the level Web, with undo switched on. A row: what the tool
# declares, whether the site was allowed for the task, and the three columns. "exact" and "payload"
# say what the card is about; "withdraw until" is the table's "withdrawn until Allow ... on SITE":
# the same row with the site allowed follows right below it. In the last column of that row an
# approval of the exact payload comes on top of the site's permission, not in its place: a dirtier
# context is never treated more loosely.
READ_PAGE = Effects(reads="page")
GOLDEN: list[tuple[str, Effects | None, bool, tuple[str, str, str]]] = [
    ("read this page", READ_PAGE, False, ("allow", "allow", "allow")),
    ("read other tabs", Effects(reads="other"), False, ("ask", "ask", "ask")),
    ("read the own list", Effects(reads="own"), False, ("allow", "allow", "allow")),
    ("write locally", Effects(writes="local"), False, ("allow", "allow", "allow")),
    ("write memory", Effects(writes="memory"), False, ("ask", "ask", "ask")),
    (
        "write to a page",
        Effects(writes="page"),
        False,
        ("ask exact", "ask exact task", "ask exact payload task"),
    ),
    (
        "send to a new host",
        Effects(sends="request"),
        False,
        ("ask grantable", "withdraw", "withdraw"),
    ),
    (
        "send to an allowed host",
        Effects(sends="request"),
        True,
        ("allow", "ask payload", "ask exact payload"),
    ),
    ("open a URL", Effects(sends="url"), False, ("ask", "withdraw", "withdraw")),
    (
        "open a URL of an allowed host",
        Effects(sends="url"),
        True,
        ("ask", "ask payload", "ask exact payload"),
    ),
    ("run code", Effects(runs_code=True), False, ("allow", "allow", "allow")),
    ("no label", None, False, ("deny", "deny", "deny")),
    ("an empty label", Effects(), False, ("deny", "deny", "deny")),
]


@pytest.mark.parametrize(("row", "effects", "granted", "cells"), GOLDEN)
def test_the_table(
    row: str, effects: Effects | None, granted: bool, cells: tuple[str, str, str]
) -> None:
    for column, expected in zip(COLUMNS, cells, strict=True):
        allowed = frozenset({TASK}) if granted else frozenset[str]()
        verdict = decide(facts(effects, column, granted_origins=allowed))
        decision, *words = expected.split()
        assert verdict.decision == decision, (row, column)
        said = {name for name in ("grantable", "exact", "payload") if getattr(verdict, name)}
        assert said == set(words) - {"task"}, (row, column)
        if "task" in words:
            elsewhere = decide(facts(effects, column, target_origin="https://other.example"))
            assert elsewhere.decision == "deny", (row, column)


def test_private_alone_is_like_clean_but_what_is_sent_is_named() -> None:
    for _, effects, granted, _ in GOLDEN:
        allowed = frozenset({TASK}) if granted else frozenset[str]()
        clean = decide(facts(effects, "clean", granted_origins=allowed))
        private = decide(facts(effects, "private", granted_origins=allowed))
        sent = effects is not None and effects.sends is not None and private.decision == "ask"
        assert private == clean._replace(payload=clean.payload or sent)


def test_a_page_that_the_user_did_not_attach_is_asked_about() -> None:
    for column, task in itertools.product(COLUMNS, (frozenset[str](), frozenset({"https://b.c"}))):
        verdict = decide(facts(READ_PAGE, column, task_origins=task))
        assert (verdict.decision, verdict.grantable) == ("ask", True)


def test_local_changes_ask_unless_the_user_prefers_undo() -> None:
    verdict = decide(facts(Effects(writes="local"), settings=settings(local_changes="ask")))
    assert (verdict.decision, verdict.grantable) == ("ask", False)


def test_a_tool_with_several_effects_gets_the_strictest_verdict_and_every_reason() -> None:
    both = decide(facts(Effects(reads="other", writes="memory")))
    assert both.decision == "ask"
    assert "did not attach" in both.reason and "remembers" in both.reason
    assert decide(facts(Effects(reads="own", sends="url"), "untrusted")).decision == "withdraw"


def test_a_switched_off_tool_is_withdrawn() -> None:
    verdict = decide(facts(READ_PAGE, settings=settings(disabled_tools=["tool"])))
    assert verdict.decision == "withdraw"
    assert "switched off" in verdict.reason


@pytest.mark.parametrize(
    ("level", "max_level", "target", "decision"),
    [
        ("device", "web", "http://localhost:8080", "withdraw"),
        ("device", "web", "https://other.example", "withdraw"),
        ("servers", "web", "http://localhost:8080", "allow"),
        ("servers", "web", "http://localhost:8081", "withdraw"),
        ("servers", "web", "https://localhost:8080", "withdraw"),
        ("servers", "web", "https://other.example", "withdraw"),
        ("web", "web", "http://localhost:8080", "allow"),
        ("web", "web", "https://other.example", "ask"),
        ("web", "servers", "https://other.example", "withdraw"),
        ("web", "device", "http://localhost:8080", "withdraw"),
        ("web", "web", None, "deny"),
    ],
)
def test_levels(level: Any, max_level: Any, target: str | None, decision: str) -> None:
    server = Server(
        server_id="s", label="S", base_url="http://LOCALHOST:8080/v1", has_key=False, models=[]
    )
    chosen = settings(level=level, max_level=max_level, servers=[server])
    verdict = decide(facts(Effects(sends="request"), settings=chosen, target_origin=target))
    assert verdict.decision == decision


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Host.example/a?b#c", "https://host.example"),
        ("https://host.example:443/", "https://host.example"),
        ("http://host.example:443", "http://host.example:443"),
        ("http://[::1]:80/v1", "http://[::1]"),
        ("https://user@host.example", None),
        ("https://good.example\\@evil.example", None),
        ("https://good.example /", None),
        ("https://", None),
        ("https://host:port", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_origins(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "effects",
    [
        Effects(reads=True),  # type: ignore[arg-type]
        Effects(writes="everything"),  # type: ignore[arg-type]
        Effects(reads="own", sends=["url"]),  # type: ignore[arg-type]
        Effects(reads="own", runs_code=1),  # type: ignore[arg-type]
        {"reads": "own"},
        "own",
        None,
    ],
)
def test_a_label_that_cannot_be_read_is_none(effects: Any) -> None:
    assert classes_of(effects) == {"unlabelled"}
    assert decide(facts(effects)).decision == "deny"


def test_which_effects_need_a_ticket() -> None:
    free = [Effects(reads="own")]
    bound = [effects for _, effects, _, _ in GOLDEN if effects and effects not in free]
    assert not any(effects.needs_ticket for effects in free)
    assert all(effects.needs_ticket for effects in bound)
    assert Effects(reads="own", writes="local").needs_ticket


def test_the_card_shows_no_invisible_text() -> None:
    effect = make_effect(Effects(writes="local"), "Add", "Adds “a\u202eb\x00c”" + "x" * 9000)
    assert effect.detail.startswith("Adds “abc”")
    assert len(effect.detail) == 4000
    assert effect.writes and not effect.sends
