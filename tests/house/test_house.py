"""The house rules hold, and each of them can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import house

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]


def test_the_tree_keeps_the_rules() -> None:
    assert house.findings(ROOT) == []


BROKEN = {
    "sidepanel/x.js": ('import { a } from "../offscreen/a.js";', "a process imports only itself"),
    "shared/x.js": ('import { a } from "../sidepanel/a.js";', "a process imports only itself"),
    "python/sidelight/errors.py": ("from sidelight.bridge import Bridge", "a higher layer"),
    "python/sidelight/nameless.py": ("x = 1", "has no layer"),
    "python/amplifier_module_a/__init__.py": (
        "from sidelight.sessions import Sessions",
        "a higher layer",
    ),
    "python/amplifier_module_b/__init__.py": (
        "from amplifier_module_a import mount",
        "never imported",
    ),
    "background/long.js": ("\n" * 400, "at most 300"),
    "docs/fast.md": ("It makes 99 tokens/s.", "a figure without a result file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_rule_finds_what_breaks_it(tmp_path: Path, name: str) -> None:
    text, complaint = BROKEN[name]
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(text + "\n")
    found = [
        finding
        for check in (
            house.long_files,
            house.process_imports,
            house.python_imports,
            house.module_imports,
            house.loose_figures,
        )
        for finding in check(tmp_path, [file])
    ]
    assert len(found) == 1, found
    assert complaint in found[0]
