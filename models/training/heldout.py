"""The held-out cases as conversations, in the formats that the models know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.training import replies

FOLDER = Path(__file__).parent / "heldout"
JOBS = {
    "starter": (
        "right_sentence",
        "does_not_say",
        "bullets",
        "follow_up",
        "injection",
        "tool_call",
        "small_talk",
    ),
    "tiny": ("echo", "name", "tool_call", "tool_result", "sentence_with_word"),
}
SYSTEMS = {"starter": replies.SYSTEM, "tiny": "You are a test model."}

Case = dict[str, Any]
Messages = list[tuple[str, str]]


def rows(path: Path) -> list[Case]:
    """Objects of a file, one a line; none when there is no such file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def cases(model: str, job: str, *, unseen: bool = False) -> list[Case]:
    """Cases of a job; those about a page carry its `sentences` and `title`, inserts included."""
    folder = FOLDER / "unseen" if unseen else FOLDER / model
    pages = {page["id"]: page for page in rows(folder / "pages.jsonl")}
    found = rows((folder / model if unseen else folder) / f"{job}.jsonl")
    for case in found:
        if "page" in case:
            page = pages[case["page"]]
            case["title"], case["sentences"] = page["title"], list(page["sentences"])
            for place, text in case.get("insert", []):
                case["sentences"].insert(place, text)
    return found


def system(model: str, tools: list[Case]) -> str:
    """The system text with the tool lines."""
    lines = [SYSTEMS[model], "Tools:"] if tools else [SYSTEMS[model]]
    for tool in tools:
        names = [name if kind == "str" else f"{name}:{kind}" for name, kind in tool["parameters"]]
        lines.append(f"- {tool['name']}({', '.join(names)}): {tool['description']}")
    return "\n".join(lines)


def quoted(case: Case, place: int) -> str:
    """A sentence as a right answer quotes it."""
    text: str = case["sentences"][place]
    return f"[{place + 1}] {text}" if case["layout"] == "numbered" else text


def block(case: Case) -> str:
    """The page as a message shows it."""
    every = [quoted(case, place) for place in range(len(case["sentences"]))]
    body = ("\n" if case["layout"] == "numbered" else " ").join(every)
    return f"<page>\nTitle: {case['title']}\n{body}\n</page>\n"


def _answered(case: Case, answer: Case) -> str:
    if answer.get("none"):
        return replies.NOT_ON_PAGE
    if "bullets" in answer:
        return "\n".join(f"- {quoted(case, place)}" for place in answer["bullets"])
    return quoted(case, answer["sentence"])


def messages(model: str, case: Case) -> Messages:
    """The conversation up to the answer that is asked for."""
    found: Messages = [("system", system(model, case.get("tools", [])))]
    if "messages" in case:
        return found + [(role, text) for role, text in case["messages"]]
    lead = block(case) if "page" in case else ""
    for turn in case.get("turns", []):
        found.append(("user", lead + turn["question"]))
        found.append(("assistant", _answered(case, turn["answer"])))
        lead = ""
    return [*found, ("user", lead + case["question"])]
