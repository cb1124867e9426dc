"""Deterministic malformed messages for Python: valid samples, broken in one to three places."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

DEEP = 5_000
HUGE_CHARS = 1_000_000
SMALL: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    -float("inf"),
    2**53,
    -(2**63),
    10**400,
    1e308,
    "",
    "\0",
    "a\0b",
    "\ud800",
    "x\udc00y",
    "__proto__",
    "constructor",
    "toString",
    "__class__",
    [],
    {},
    [[], {}, None],
    {"__proto__": {"ok": True}},
    {"constructor": {"prototype": 1}},
    {"__class__": "x", "model_config": {}},
)
NOT_FRAMES = ("", "null", "[]", "0", '"x"', "{", "NaN", "\0", "{}", "[" * DEEP, '{"a":' * DEEP)


def hostile(rng: random.Random) -> Any:
    """A value that no field expects."""
    roll = rng.random()
    if roll < 0.0008:
        return "A" * HUGE_CHARS
    if roll < 0.003:
        return "NEST"  # written as 5,000 brackets by ``spoilt_text``: json.dumps recurses
    return copy.deepcopy(rng.choice(SMALL))


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    rest = [value]
    while rest:
        at = rest.pop()
        keys = list(at) if isinstance(at, dict) else range(len(at)) if isinstance(at, list) else ()
        for key in keys:
            found.append((at, key))
            rest.append(at[key])
    return found


def mutate(valid: Any, rng: random.Random) -> Any:
    """A broken copy of a JSON value. It may by chance stay valid: an oracle decides."""
    value = copy.deepcopy(valid)
    if rng.random() < 0.02:
        return hostile(rng)
    for _ in range(rng.randint(1, 3)):
        places = _places(value)
        if not places:
            return hostile(rng)
        holder, key = rng.choice(places)
        kind = rng.randrange(6)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[rng.choice(["extra", "__proto__", "constructor", "", "v", "id"])] = holder[key]
        elif kind == 2:
            holder[key] = [holder[key]]
        elif kind == 3:
            holder[key] = str(holder[key])[:200]
        else:
            holder[key] = hostile(rng)
    return value


def spoilt_text(value: Any, rng: random.Random) -> str:
    """JSON text of a value, sometimes cut or spoilt."""
    roll = rng.random()
    if roll < 0.02:
        return rng.choice(NOT_FRAMES)
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    text = text.replace('"NEST"', "[" * DEEP + "1" + "]" * DEEP)
    if roll < 0.06:
        return text[: rng.randrange(len(text))]
    if roll < 0.08:
        return text.replace(": 1", rng.choice([": 1e999", ": -1e999", ": NaN", ": " + "9" * 5_000]))
    if roll < 0.09:
        return text + rng.choice(["}", "\0", text, ","])
    return text
