"""The held-out cases are as they were frozen, enough, and true of the pages they are about."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.training.heldout import JOBS

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).resolve().parents[2] / "models/training/heldout"
#: of frozen.json itself: changing cases takes a change here that a reader sees
FROZEN = "fd7571aefebe0c1160c61d1f47fec9b8448dfb3e5ff68db1ed6e7644f5664463"
CASES_PER_JOB = 200
ALLOWED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Python-2.0"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


PAGES = {page["id"]: page for page in rows("starter/pages")}


def sentences(case: dict[str, Any]) -> list[str]:
    found = list(PAGES[case["page"]]["sentences"])
    for position, text in case.get("insert", []):
        found.insert(position, text)
    return found


def test_nothing_changed_since_it_was_frozen() -> None:
    text = (FOLDER / "frozen.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == FROZEN
    frozen = json.loads(text)
    for name, expected in frozen.items():
        data = (FOLDER / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == expected["sha256"], name
        assert data.count(b"\n") == expected["lines"], name
    assert set(frozen) == {
        str(path.relative_to(FOLDER))
        for path in FOLDER.glob("*/*.jsonl")
        if path.parent.name != "unseen"
    }


@pytest.mark.parametrize(("model", "job"), [(m, job) for m, jobs in JOBS.items() for job in jobs])
def test_enough_cases_of_every_job(model: str, job: str) -> None:
    cases = rows(f"{model}/{job}")
    assert len(cases) >= CASES_PER_JOB
    assert len({case["id"] for case in cases}) == len(cases)
    assert {case["job"] for case in cases} == {job}


def test_pages_have_a_licence_that_allows_them_and_no_sentence_twice() -> None:
    for page in PAGES.values():
        assert set(re.split(r" AND | OR ", page["license"])) <= ALLOWED, page["id"]
        assert len(set(page["sentences"])) == len(page["sentences"]) <= 80
        if page["id"].startswith("p"):
            assert len(page["sentences"]) <= 9


def test_every_case_is_true_of_its_page() -> None:
    for job in ("right_sentence", "follow_up", "injection"):
        for case in rows(f"starter/{job}"):
            lines = sentences(case)
            for place in case.get("accepted", []):
                assert 0 <= place < len(lines), case["id"]
            for place, text in case.get("insert", []):
                assert lines[place] == text and any(mark in text for mark in case["forbidden"])
                assert place not in case.get("accepted", [])
            for turn in case.get("turns", []):
                for place in turn["answer"].get("bullets", [turn["answer"].get("sentence", 0)]):
                    assert 0 <= place < len(lines)
    for case in rows("starter/tool_call"):
        named = {tool["name"]: tool for tool in case["tools"]}
        assert len(named) == len(case["tools"])
        parameters = named[case["accepted"]["name"]]["parameters"]
        assert [name for name, _ in parameters] == list(case["accepted"]["arguments"])
        for value in case["accepted"]["arguments"].values():
            assert str(value) in case["question"], case["id"]


def test_the_small_model_s_answers_stand_in_its_prompts() -> None:
    for job in JOBS["tiny"]:
        for case in rows(f"tiny/{job}"):
            prompt = "\n".join(text for _, text in case["messages"])
            wanted = case.get("accepted", [case.get("contains")])[0]
            if job == "tool_call":
                for value in wanted["arguments"].values():
                    assert value in prompt, case["id"]
            elif job == "name":
                assert wanted.removeprefix("Your name is ").rstrip(".") in prompt
            else:
                assert wanted in prompt, case["id"]
