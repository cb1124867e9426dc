"""The threat model claims nothing without a test, and names only tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/threat-model.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
SECTIONS = ("Assets", "Actors", "Trust boundaries", "Defended", "Not defended yet")


def defined(path: Path) -> set[str]:
    """Names of the test functions in a file; empty when it is not there."""
    if not path.is_file():
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(path.read_text()).body
    return {node.name for node in body if isinstance(node, kinds) and node.name[:5] == "test_"}


def claims(document: str) -> list[str]:
    """The points under "Defended", each on one line."""
    part = re.search(r"^## Defended\n(.*?)(?=^## )", document, re.M | re.S)
    points = re.findall(r"^- (.*?)(?=^- |^#|\n\n|\Z)", part[1] if part else "", re.M | re.S)
    return [" ".join(point.split()) for point in points]


def findings(root: Path, document: str) -> list[str]:
    """What the document says without ground."""
    found = [f"no section {name}" for name in SECTIONS if f"\n## {name}\n" not in document]
    for file, name in NAMED.findall(document):
        if name and name not in defined(root / file):
            found.append(f"{file}::{name} does not exist")
        elif not (root / file).is_file():
            found.append(f"{file} does not exist")
    found += [
        f"no test shows: {claim}"
        for claim in claims(document)
        if not any(name for _, name in NAMED.findall(claim))
    ]
    return found


def test_each_claim_names_tests_that_exist() -> None:
    assert findings(ROOT, DOCUMENT) == []
    assert len(claims(DOCUMENT)) == DOCUMENT.split("## Not defended")[0].count("\n- ") - len(
        re.findall(r"^- ", DOCUMENT.split("## Defended")[0], re.M)
    )


def test_a_claim_without_a_test_is_seen() -> None:
    assert "no test shows: All is well." in findings(
        ROOT, DOCUMENT.replace("### Effects\n\n", "### Effects\n\n- All is well.\n")
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("::test_the_table`", "::test_the_tabl`"),
        ("tests/unit/test_policy.py::", "tests/unit/test_polity.py::"),
    ],
)
def test_a_test_that_is_not_there_is_seen(old: str, new: str) -> None:
    assert old in DOCUMENT
    found = findings(ROOT, DOCUMENT.replace(old, new))
    assert any("does not exist" in finding for finding in found), found


def test_a_missing_section_is_seen() -> None:
    changed = DOCUMENT.replace("## Not defended yet", "## Perfection")
    assert findings(ROOT, changed) == ["no section Not defended yet"]
