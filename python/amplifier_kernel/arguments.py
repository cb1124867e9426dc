"""Argument checks that give the native engine's errors for wrong types."""

from __future__ import annotations

from operator import index
from typing import NoReturn

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def require(value: object, kind: type, kind_name: str | None = None) -> None:
    """Raise TypeError in the native wording unless `value` is a `kind`."""
    if not isinstance(value, kind):
        got = "'None'" if value is None else f"'{type(value).__name__}' object"
        raise TypeError(f"{got} is not an instance of '{kind_name or kind.__name__}'")


def require_text(value: object) -> str:
    """Return `value` as a plain str; TypeError for others, UnicodeEncodeError beyond UTF-8.

    Of a subclass (a StrEnum's member) the text itself is returned, as natively.
    """
    if type(value) is not str:
        require(value, str)
        value = str.__str__(value)
    if not value.isascii():
        value.encode()
    return value


def require_optional_text(value: object) -> str | None:
    """Return `value` if it is None or a valid str."""
    return None if value is None else require_text(value)


def require_int(value: object, minimum: int, maximum: int) -> int:
    """Return `value` as an int inside the bounds; TypeError, OverflowError otherwise."""
    if isinstance(value, float):
        raise TypeError("'float' object cannot be interpreted as an integer")
    number = index(value)  # type: ignore[arg-type]
    if number > maximum:
        raise OverflowError("number too large to fit in target type")
    if number < minimum:
        raise OverflowError("number too small to fit in target type")
    return number


def require_unsigned(value: object) -> int:
    """Return `value` as an int of 0 to 64 bits."""
    number = index(value)  # type: ignore[arg-type]
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if number >= 2**64:
        raise OverflowError("Python int too large to convert to C unsigned long")
    return number


def require_float(value: object) -> float:
    """Return `value` as a float; TypeError unless it is a real number."""
    kind = type(value)
    # `float` alone would also read numbers out of str and bytes.
    if not (hasattr(kind, "__float__") or hasattr(kind, "__index__")):
        raise TypeError(f"must be real number, not {kind.__name__}")
    return float(value)  # type: ignore[arg-type]


def refuse_copy(self: object) -> NoReturn:
    """Stand in as `__reduce__` of the engine's objects: no copying, no pickling; TypeError."""
    raise TypeError(f"cannot pickle '{type(self).__name__}' object")


def closed_class(name: str) -> TypeError:
    """Return the error for an attempt to subclass one of the closed classes."""
    return TypeError(f"type '{name}' is not an acceptable base type")
