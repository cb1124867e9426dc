"""Rotary factors that are part of a model's weights, for architectures that come without them.

Phi-3.5 divides each rotary frequency by a trained factor. The published weights carry two lists of
them in their configuration; a library has one of the two in its code.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

KINDS = ("short_factor", "long_factor")
LENGTHS = ("original_max_position_embeddings", "max_position_embeddings")


class FactorsError(Exception):
    """An architecture lacks factors, or a configuration does not have them; says what to do."""


def lacks_factors(c: dict[str, Any]) -> bool:
    """Whether an architecture needs factors that its file does not have."""
    scaling = c.get("rope_scaling") or {}
    return scaling.get("rope_type") == "longrope" and any(kind not in scaling for kind in KINDS)


def read_config(path: Path) -> dict[str, Any]:
    """A configuration file; raises FactorsError when it cannot be read."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise FactorsError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise FactorsError(f"{path} is no model's configuration.")
    return found


def completed(c: dict[str, Any], config: dict[str, Any] | None) -> dict[str, Any]:
    """The architecture with the factors of `config`, which is a published model's config.json or
    mlc-chat-config.json; unchanged where it lacks none. Raises FactorsError."""
    if not lacks_factors(c):
        return c
    if config is None:
        raise FactorsError(
            "This architecture's rotary factors are part of its weights.\n"
            "Name the weights' configuration: --config FOLDER/mlc-chat-config.json"
        )
    whole = config.get("model_config", config)
    theirs = whole.get("rope_scaling")
    if not isinstance(theirs, dict):
        raise FactorsError("The configuration has no rope_scaling: it is of another model.")
    for length in LENGTHS:
        told = theirs.get(length, whole.get(length))
        if told is not None and told != c["rope_scaling"][length]:
            raise FactorsError(
                f"The configuration's {length} is {told}, the architecture's "
                f"{c['rope_scaling'][length]}: it is of another model."
            )
    half = c["head_size"] // 2
    found = {kind: _checked(theirs, kind, half) for kind in KINDS}
    return {**c, "rope_scaling": {**c["rope_scaling"], **found}}


def _checked(scaling: dict[str, Any], kind: str, count: int) -> list[float]:
    values = scaling.get(kind)
    if not isinstance(values, list) or len(values) != count:
        raise FactorsError(f"The configuration's {kind} must be a list of {count} numbers.")
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value <= 0:
            raise FactorsError(f"The configuration's {kind} holds {value!r}, no factor.")
    return [float(value) for value in values]
