"""``./dev models evaluate NAME``: greedy answers to the held-out cases, without a grammar.

Interrupted runs go on: every answer is kept in build/models/ until the result is written.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.report import write
from models.library.places import BUILD, MODELS
from models.training import heldout
from models.training.scoring import score

SEED = 4
MOST_TOKENS = {"starter": 320, "tiny": 96}

#: answers to conversations, at most so many tokens each
Answering = Callable[[list[heldout.Messages], int], list[str]]


def packaged(model: str) -> Path:
    """The packaged model's folder."""
    return MODELS / f"prebuilt/{model}/resolve/main"


def chosen(model: str, per_job: int | None, *, unseen: bool = False) -> list[heldout.Case]:
    """All cases, or a seeded draw of `per_job` from each job in the files' order."""
    found: list[heldout.Case] = []
    for job in heldout.JOBS[model]:
        cases = heldout.cases(model, job, unseen=unseen)
        if per_job is not None and per_job < len(cases):
            places = random.Random(f"{SEED}:{job}").sample(range(len(cases)), per_job)
            cases = [cases[place] for place in sorted(places)]
        found += cases
    return found


def summary_of(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Shares of every score per job, and of `right` per kind and layout."""
    groups: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for name, value in row["score"].items():
            groups[row["job"]][name].append(value)
        for part in ("kind", "layout"):
            if row.get(part):
                groups[f"{row['job']}, {row[part]}"]["right"].append(row["score"]["right"])
    return {
        group: {"cases": len(scores["right"])}
        | {name: round(sum(values) / len(values), 4) for name, values in scores.items()}
        for group, scores in groups.items()
    }


def _row(case: heldout.Case, answer: str) -> dict[str, Any]:
    parts = {key: case[key] for key in ("id", "job", "kind", "layout") if key in case}
    return parts | {"answer": answer, "score": score(case, answer)}


def evaluate(
    model: str,
    folder: Path,
    answering: Answering,
    *,
    at_once: int = 1,
    per_job: int | None = None,
    seconds: float | None = None,
    result: str | None = None,
    unseen: bool = False,
) -> Path | None:
    """Answer the cases and write bench/results/quality-MODEL.json, or `result`.json.

    Stops after `seconds` and returns None when cases are left; the next call goes on.
    """
    weights = hashlib.sha256((folder / "params_shard_0.bin").read_bytes()).hexdigest()
    part = "-unseen" if unseen else ""
    kept = BUILD / f"quality-{model}{part}-{weights[:12]}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    known = {(row["job"], row["id"]): row["answer"] for row in heldout.rows(kept)}
    cases = chosen(model, per_job, unseen=unseen)
    left = [case for case in cases if (case["job"], case["id"]) not in known]
    # Those of one length together: what answers many at once computes the longest for all.
    left.sort(key=lambda case: sum(len(text) for _, text in heldout.messages(model, case)))
    started = time.monotonic()
    with kept.open("a") as log:
        for start in range(0, len(left), at_once):
            if seconds is not None and time.monotonic() - started > seconds:
                return None
            group = left[start : start + at_once]
            asked = [heldout.messages(model, case) for case in group]
            for case, answer in zip(group, answering(asked, MOST_TOKENS[model]), strict=True):
                row = {"job": case["job"], "id": case["id"], "answer": answer}
                log.write(json.dumps(row, ensure_ascii=False) + "\n")
                known[case["job"], case["id"]] = answer
            log.flush()
    rows = [_row(case, known[case["job"], case["id"]]) for case in cases]
    frozen = hashlib.sha256((heldout.FOLDER / "frozen.json").read_bytes()).hexdigest()
    told: dict[str, Any] = {
        "weights_sha256": weights,
        "heldout_sha256": frozen,
        "cases_per_job": "all" if per_job is None else per_job,
        "groups": summary_of(rows),
    }
    return write(result or f"quality-{model}", rows, told, SEED)
