"""The JSON boundary: what event data, results and configurations become on their way in.

The native engine turns every payload into JSON and back. Handlers therefore never share
objects with the emitter or with each other, and what JSON cannot hold is refused at the call.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, NoReturn

logger = logging.getLogger("_engine.helpers")

MAX_DEPTH = 127
#: More than any double has. Python refuses to read very long integers, in words of its own.
MAX_DIGITS = 400
_ENCODER = json.JSONEncoder(default=str)
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
_LONG_DIGITS = re.compile(r"\d{19}")


class InvalidJson(ValueError):
    """Text that Python's json writes or reads but strict JSON does not allow."""


def refuse_constant(name: str) -> NoReturn:
    """Raise InvalidJson for NaN and the infinities."""
    raise InvalidJson(f"{name} is not a JSON value")


def bounded_int(digits: str) -> int | float:
    """Return the number; a float beyond 64 bits, InvalidJson beyond a double."""
    if len(digits) > MAX_DIGITS:
        raise InvalidJson("number out of range")
    number = int(digits)
    if -(2**63) <= number < 2**64:
        return number
    try:
        return float(number)
    except OverflowError:
        raise InvalidJson("number out of range") from None


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)
_DECODER_BIG = json.JSONDecoder(parse_constant=refuse_constant, parse_int=bounded_int)


def encode(value: Any) -> str:
    """Return `value` as JSON text: models are dumped, what JSON lacks becomes `str(value)`."""
    try:
        dump = getattr(value, "model_dump", None)
    except Exception as error:
        logger.debug("model_dump cannot be read: %s", error)
        dump = None
    if dump is not None:
        value = _dump_model(value, dump)
    return _ENCODER.encode(value)


def _dump_model(value: Any, dump: Any) -> Any:
    for options in ({"mode": "json"}, {}):
        try:
            return dump(**options)
        except Exception as error:
            logger.debug("model_dump(%s) failed: %s", options, error)
    return value


def decode(text: str, decoder: json.JSONDecoder | None = None) -> Any:
    """Parse JSON text strictly.

    `decoder` may read objects and numbers in a way of its own; by default integers beyond 64
    bits become floats. Raises InvalidJson for NaN, infinities, lone surrogates, numbers beyond
    a double, and more than 127 levels.
    """
    if decoder is None:
        decoder = _DECODER_BIG if _LONG_DIGITS.search(text) else _DECODER
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise InvalidJson("recursion limit exceeded")
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(str(error)) from None
    if "\\u" in text and ("\\ud" in text or "\\uD" in text):
        try:
            _CANONICAL.encode(value).encode()
        except UnicodeEncodeError:
            raise InvalidJson("lone surrogate in a string") from None
    return value


def _depth(text: str) -> int:
    deepest = level = 0
    in_text = skip = False
    for char in text:
        if skip:
            skip = False
        elif in_text:
            if char == "\\":
                skip = True
            elif char == '"':
                in_text = False
        elif char == '"':
            in_text = True
        elif char in "{[":
            level += 1
            deepest = max(deepest, level)
        elif char in "}]":
            level -= 1
    return deepest


def cross(value: Any, what: str = "JSON") -> Any:
    """Return the strict JSON copy of `value`; RuntimeError "Invalid JSON: ..." if there is none."""
    text = encode(value)
    try:
        return decode(text)
    except InvalidJson as error:
        raise RuntimeError(f"Invalid {what}: {error}") from None


def canonical(value: Any) -> str:
    """Return compact-ordered JSON text of an already crossed value: keys sorted at every level."""
    return _CANONICAL.encode(value)


def copy_of(text: str) -> Any:
    """Return a fresh object from text made by `canonical`."""
    return _DECODER_PLAIN.decode(text)


_DECODER_PLAIN = json.JSONDecoder()
