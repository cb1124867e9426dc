"""The structured provider error: a plain object, not an exception."""

from __future__ import annotations

import math
import unicodedata
from decimal import Decimal

from .arguments import (
    closed_class,
    refuse_copy,
    require,
    require_float,
    require_optional_text,
    require_text,
)

_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\0": "\\0",
}
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})


class ProviderError:
    """What went wrong at a provider; read-only, equal only to itself."""

    __slots__ = (
        "__delay_multiplier",
        "__error_type",
        "__message",
        "__model",
        "__provider",
        "__retry_after",
        "__retryable",
    )

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        retry_after: float | None = None,
        delay_multiplier: float | None = None,
        retryable: bool = False,
        error_type: str = "Other",
    ) -> None:
        self.__message = require_text(message)
        self.__provider = require_optional_text(provider)
        self.__model = require_optional_text(model)
        self.__retry_after = None if retry_after is None else require_float(retry_after)
        self.__delay_multiplier = (
            None if delay_multiplier is None else require_float(delay_multiplier)
        )
        require(retryable, bool)
        self.__retryable = retryable
        self.__error_type = require_text(error_type)

    def __init_subclass__(cls) -> None:
        raise closed_class("ProviderError")

    __reduce__ = refuse_copy

    @property
    def message(self) -> str:
        """The message."""
        return self.__message

    @property
    def provider(self) -> str | None:
        """Name of the provider."""
        return self.__provider

    @property
    def model(self) -> str | None:
        """Name of the model."""
        return self.__model

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, as the provider asked."""
        return self.__retry_after

    @property
    def delay_multiplier(self) -> float | None:
        """Factor on the computed delay."""
        return self.__delay_multiplier

    @property
    def retryable(self) -> bool:
        """Whether trying again can help."""
        return self.__retryable

    @property
    def error_type(self) -> str:
        """Kind of error."""
        return self.__error_type

    def __str__(self) -> str:
        return self.__message

    def __repr__(self) -> str:
        parts = [quoted(self.__message)]
        if self.__provider is not None:
            parts.append(f"provider={quoted(self.__provider)}")
        if self.__model is not None:
            parts.append(f"model={quoted(self.__model)}")
        if self.__retry_after is not None:
            parts.append(f"retry_after={plain_number(self.__retry_after)}")
        if self.__delay_multiplier is not None:
            parts.append(f"delay_multiplier={plain_number(self.__delay_multiplier)}")
        if self.__retryable:
            parts.append("retryable=True")
        return f"ProviderError({', '.join(parts)})"


def quoted(text: str) -> str:
    """Return `text` in double quotes with Rust's debug escapes."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char != " " and unicodedata.category(char) in _HIDDEN:
        return f"\\u{{{ord(char):x}}}"
    return char


def plain_number(value: float) -> str:
    """Return a float without exponent and without a trailing ".0"."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")
