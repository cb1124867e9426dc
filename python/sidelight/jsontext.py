"""Reading JSON that others wrote.

``json`` recurses once per bracket, and in Pyodide ten thousand brackets end the whole worker, not
the call. The parser used here stops at a depth of 200.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

# An escape as a unit, so that the backslash of another escape is never taken for one.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


def loads(text: str) -> Any:
    """The value of a JSON text. Raises ValueError, also for NaN and for nesting over 200 deep.

    Halves of surrogate pairs, which a text cut in JavaScript can end with, become U+FFFD.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(lambda m: "\\ufffd" if m.group(1) else m.group(), text)
    return from_json(text, allow_inf_nan=False)
