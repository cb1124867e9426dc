"""What a published family's prompts look like, from `models/families/`. Needs no TVM.

A file has the tokenizer's kind, the chat template as WebLLM takes it in mlc-chat-config.json, and
how results of tools are written into the message that its `tool` role opens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from models.library.places import MODELS

FAMILIES = MODELS / "families"


def families() -> dict[str, dict[str, Any]]:
    """All families by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FAMILIES.glob("*.json"))}


def family_of(model: str) -> str:
    """The family of a published model or architecture by its name; raises KeyError."""
    for name, family in families().items():
        if model.startswith(tuple(family["models"])):
            return name
    raise KeyError(f"{model} belongs to no family in models/families/")


def tool_results(family: dict[str, Any], results: Sequence[str]) -> str:
    """The results of one round as one message of the role `tool`."""
    rule = family["tool_result"]
    return str(rule["between"]).join(rule["before"] + text + rule["after"] for text in results)
