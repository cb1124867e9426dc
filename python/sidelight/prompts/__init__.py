"""Prompts per model family."""

from __future__ import annotations

from sidelight.prompts.base import Family, OfferedTool, ToolText
from sidelight.prompts.general import GeneralFamily
from sidelight.prompts.starter import StarterFamily
from sidelight.prompts.tiny import TinyFamily

_FAMILIES: dict[str, Family] = {
    family.name: family for family in (StarterFamily(), TinyFamily(), GeneralFamily())
}


def family_for(name: str) -> Family:
    """The family of ``ModelInfo.family``; an unknown one is treated as a general chat model."""
    return _FAMILIES.get(name, _FAMILIES["general"])


__all__ = ["Family", "OfferedTool", "ToolText", "family_for"]
