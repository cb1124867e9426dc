"""Reading JSON that others wrote.

``json`` recurses once per bracket, and in Pyodide ten thousand brackets end the whole worker, not
the call. The parser used here stops at a depth of 200.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from pydantic_core import from_json

# An escape as a unit, so that the backslash of another escape is never taken for one.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
# Only such a number can be beyond a double; anything else needs no second look.
_MAY_OVERFLOW = re.compile(r"[eE]\+?\d\d|\d{300}")
_MAX = sys.float_info.max
#: of values that are stored within others and read back with ``loads``
MAX_STORED_DEPTH = 100


def loads(text: str) -> Any:
    """The value of a JSON text. Raises ValueError, also for NaN, for nesting over 200 deep and for
    numbers beyond a double: the infinity they would become has no JSON to be passed on in.

    Halves of surrogate pairs, which a text cut in JavaScript can end with, become U+FFFD.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(lambda m: "\\ufffd" if m.group(1) else m.group(), text)
    try:
        value = from_json(text, allow_inf_nan=False)
    except TypeError as error:  # not text, or text with half a surrogate pair as it is
        raise ValueError(str(error)[:80]) from error
    if _MAY_OVERFLOW.search(text):
        _refuse_infinity(value)
    return value


def check_depth(value: Any, most: int = MAX_STORED_DEPTH) -> None:
    """Raises ValueError for a value of JSON nested deeper than ``most``."""
    layer = [value]
    for _ in range(most + 1):
        containers = [item for item in layer if isinstance(item, dict | list)]
        if not containers:
            return
        layer = [
            inner
            for item in containers
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    raise ValueError(f"nested more than {most} deep")


def _refuse_infinity(value: Any) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _refuse_infinity(item)
    elif isinstance(value, int | float) and abs(value) > _MAX:
        raise ValueError("number out of range")
