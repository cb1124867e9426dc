"""What holds for every input of the policy, written without a look at its table."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from sidelight.policy import Verdict, decide

from tests.unit.policy_space import COUNT, LEVELS, Point, facts, points

pytestmark = pytest.mark.unit

RANK = {"allow": 0, "ask": 1, "withdraw": 2, "deny": 3}
#: from the cleaner to the dirtier context
DIRTIER = [
    ("clean", "private"),
    ("clean", "untrusted"),
    ("private", "untrusted_private"),
    ("untrusted", "untrusted_private"),
]


@pytest.fixture(scope="module")
def verdicts() -> dict[Point, Verdict]:
    """The verdict on every input."""
    return {point: decide(facts(point)) for point in points()}


def at_least_as_strict(strict: Verdict, loose: Verdict) -> bool:
    if strict.decision != loose.decision:
        return RANK[strict.decision] > RANK[loose.decision]
    return (
        strict.grantable <= loose.grantable
        and strict.exact >= loose.exact
        and strict.payload >= loose.payload
    )


def test_the_space_is_whole(verdicts: dict[Point, Verdict]) -> None:
    counts = Counter(verdict.decision for verdict in verdicts.values())
    print(f"{len(verdicts):,} inputs: {dict(counts)}")
    assert len(verdicts) == COUNT == 97_776
    assert set(counts) == set(RANK)


def test_a_dirtier_context_is_never_looser(verdicts: dict[Point, Verdict]) -> None:
    pairs = 0
    for point, verdict in verdicts.items():
        for cleaner, dirtier in DIRTIER:
            if point.column == dirtier:
                pairs += 1
                clean = verdicts[point._replace(column=cleaner)]
                assert at_least_as_strict(verdict, clean), point
    assert pairs == COUNT


def test_a_lower_level_is_never_looser(verdicts: dict[Point, Verdict]) -> None:
    pairs = 0
    for point, verdict in verdicts.items():
        for lower, higher in itertools.pairwise(LEVELS):
            if point.level == lower:
                pairs += 1
                assert at_least_as_strict(verdict, verdicts[point._replace(level=higher)]), point
    assert pairs == COUNT // 3 * 2


def test_managed_limits_and_settings_never_loosen(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        for lower, higher in itertools.pairwise(LEVELS):
            if point.max_level == lower:
                freer = verdicts[point._replace(max_level=higher)]
                assert at_least_as_strict(verdict, freer), point
        if point.disabled:
            assert at_least_as_strict(verdict, verdicts[point._replace(disabled=False)]), point
            assert verdict.decision in ("withdraw", "deny"), point
        if point.local == "ask":
            assert at_least_as_strict(verdict, verdicts[point._replace(local="undo")]), point


def test_a_limit_is_as_good_as_the_level_itself(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        lowest = min(point.level, point.max_level, key=LEVELS.index)
        assert verdict == verdicts[point._replace(level=lowest, max_level="web")], point


def test_nothing_sends_at_level_device(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        if point.sends and "device" in (point.level, point.max_level):
            assert verdict.decision in ("withdraw", "deny"), point


def test_at_level_servers_only_named_servers_are_reached(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        if point.sends and "web" != min(point.level, point.max_level, key=LEVELS.index):
            if point.target not in ("server", "task_server"):
                assert verdict.decision in ("withdraw", "deny"), point


def test_nothing_goes_out_unasked_once_others_have_written(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        if point.sends and point.column.startswith("untrusted"):
            assert verdict.decision != "allow", point
            assert not verdict.grantable, point
            if verdict.decision == "ask":
                assert verdict.payload, point
                assert point.target in ("server", "granted", "task_granted", "task_server"), point


def test_private_and_untrusted_needs_an_exact_approval(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        leaves = point.sends or (point.declared is not None and point.declared[1] == "page")
        if leaves and point.column == "untrusted_private" and verdict.decision == "ask":
            assert verdict.exact and verdict.payload, point


def test_withdrawn_is_only_for_what_is_said(verdicts: dict[Point, Verdict]) -> None:
    """A switched off tool, a level that does not allow it, a site that was not allowed."""
    for point, verdict in verdicts.items():
        if verdict.decision == "withdraw":
            assert point.disabled or point.sends, point
        elif point.disabled:
            assert verdict.decision == "deny", point


def test_without_a_label_it_is_always_denied(verdicts: dict[Point, Verdict]) -> None:
    checked = 0
    for point, verdict in verdicts.items():
        if point.declared in (None, (None, None, None, False)):
            checked += 1
            assert verdict.decision == "deny", point
    assert checked == COUNT // 97 * 2


def test_every_verdict_has_a_reason_in_words(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        reason = verdict.reason
        assert reason[:1].isupper() and reason.endswith("."), point
        assert 10 < len(reason) < 500 and "_" not in reason, point


def test_only_questions_carry_what_a_card_needs(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        if verdict.decision != "ask":
            assert not (verdict.grantable or verdict.exact or verdict.payload), point


def test_a_call_that_says_nowhere_it_sends_to_is_denied(verdicts: dict[Point, Verdict]) -> None:
    for point, verdict in verdicts.items():
        writes_page = point.declared is not None and point.declared[1] == "page"
        if point.target == "none" and (point.sends or writes_page):
            assert verdict.decision == "deny", point


def test_it_is_pure(verdicts: dict[Point, Verdict]) -> None:
    for point in itertools.islice(points(), 0, None, 997):
        assert decide(facts(point)) == verdicts[point]
