"""Argument checks that give the native engine's errors for wrong types."""

from __future__ import annotations

from operator import index

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def require(value: object, kind: type, kind_name: str | None = None) -> None:
    """Raise TypeError in the native wording unless `value` is a `kind`."""
    if not isinstance(value, kind):
        got = "'None'" if value is None else f"'{type(value).__name__}' object"
        raise TypeError(f"{got} is not an instance of '{kind_name or kind.__name__}'")


def require_text(value: object) -> str:
    """Return `value` if it is a str that UTF-8 can hold; TypeError, UnicodeEncodeError else."""
    if not isinstance(value, str):
        require(value, str)
    assert isinstance(value, str)
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
    if isinstance(value, str):
        raise TypeError("must be real number, not str")
    try:
        return float(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"must be real number, not {type(value).__name__}") from None


def closed_class(name: str) -> TypeError:
    """Return the error for an attempt to subclass one of the closed classes."""
    return TypeError(f"type '{name}' is not an acceptable base type")
