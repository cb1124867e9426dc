"""Retry configuration, delay computation and classification of error texts."""

from __future__ import annotations

import math
import random
import warnings

from .arguments import closed_class, refuse_copy, require, require_float, require_int, require_text

UINT32_MAX = 2**32 - 1
_INITIAL_DELAY_S, _BACKOFF_FACTOR = 1.0, 2.0

_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "context_length",
        ("context length", "too many tokens", "maximum context", "token limit", "too long"),
    ),
    ("rate_limit", ("rate limit", "rate_limit", "too many requests", "429")),
    ("timeout", ("timeout", "timed out")),
    ("authentication", ("authentication", "api key", "unauthorized", "401")),
    ("content_filter", ("content filter", "safety", "blocked")),
    ("not_found", ("not found", "404")),
    ("provider_unavailable", ("overloaded", "503", "502", "unavailable")),
)


class RetryConfig:
    """How often and how long to wait between tries; delays in seconds, read-only."""

    __slots__ = (
        "__backoff_factor",
        "__honor_retry_after",
        "__initial_delay",
        "__jitter",
        "__max_delay",
        "__max_retries",
    )

    def __init__(
        self,
        max_retries: int = 3,
        initial_delay: float = _INITIAL_DELAY_S,
        max_delay: float = 60.0,
        backoff_factor: float = _BACKOFF_FACTOR,
        jitter: bool | float | None = None,
        honor_retry_after: bool = True,
        min_delay: float | None = None,
        backoff_multiplier: float | None = None,
    ) -> None:
        self.__max_retries = require_int(max_retries, 0, UINT32_MAX)
        self.__initial_delay = require_float(initial_delay)
        self.__max_delay = require_float(max_delay)
        self.__backoff_factor = require_float(backoff_factor)
        require(honor_retry_after, bool)
        self.__honor_retry_after = honor_retry_after
        self.__jitter = _jitter_switch(jitter)
        if min_delay is not None:
            value = require_float(min_delay)
            if self.__initial_delay == _INITIAL_DELAY_S:
                _deprecated("min_delay is deprecated, use initial_delay")
                self.__initial_delay = value
        if backoff_multiplier is not None:
            value = require_float(backoff_multiplier)
            if self.__backoff_factor == _BACKOFF_FACTOR:
                _deprecated("backoff_multiplier is deprecated, use backoff_factor")
                self.__backoff_factor = value

    def __init_subclass__(cls) -> None:
        raise closed_class("RetryConfig")

    __reduce__ = refuse_copy

    @property
    def max_retries(self) -> int:
        """Tries after the first one."""
        return self.__max_retries

    @property
    def initial_delay(self) -> float:
        """First delay."""
        return self.__initial_delay

    @property
    def max_delay(self) -> float:
        """Cap on the computed delay."""
        return self.__max_delay

    @property
    def backoff_factor(self) -> float:
        """Growth of the delay per attempt."""
        return self.__backoff_factor

    @property
    def jitter(self) -> float:
        """0.2 if delays are randomised, else 0.0."""
        return 0.2 if self.__jitter else 0.0

    @property
    def honor_retry_after(self) -> bool:
        """Whether the provider's retry_after is a lower bound."""
        return self.__honor_retry_after

    @property
    def min_delay(self) -> float:
        """Deprecated name of `initial_delay`."""
        _deprecated("min_delay is deprecated, use initial_delay")
        return self.__initial_delay

    @property
    def backoff_multiplier(self) -> float:
        """Deprecated name of `backoff_factor`."""
        _deprecated("backoff_multiplier is deprecated, use backoff_factor")
        return self.__backoff_factor


def _deprecated(text: str) -> None:
    warnings.warn(text, DeprecationWarning, stacklevel=3)


def _jitter_switch(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        warnings.warn(
            "passing a float for jitter is deprecated, use a bool",
            DeprecationWarning,
            stacklevel=3,
        )
        return value != 0
    warnings.warn(
        "jitter received an unexpected type; defaulting to True", UserWarning, stacklevel=3
    )
    return True


def compute_delay(
    config: RetryConfig,
    attempt: int,
    retry_after: float | None = None,
    delay_multiplier: float | None = None,
) -> float:
    """Return the seconds to wait before try number `attempt` (from 0).

    The cap applies before multiplier, retry_after and jitter, which may all exceed it.
    """
    require(config, RetryConfig)
    number = require_int(attempt, 0, UINT32_MAX)
    floor_s = None if retry_after is None else require_float(retry_after)
    factor = None if delay_multiplier is None else require_float(delay_multiplier)
    delay_s = _least(_grown(config, number), config.max_delay)
    if factor is not None and math.isfinite(factor) and factor > 0:
        delay_s *= factor
    if config.honor_retry_after and floor_s is not None and floor_s > delay_s:
        delay_s = floor_s
    if config.jitter:
        delay_s *= random.uniform(0.5, 1.5)
    return delay_s


def _grown(config: RetryConfig, attempt: int) -> float:
    # The native exponent is a signed 32-bit number.
    exponent = attempt if attempt < 2**31 else attempt - 2**32
    try:
        power = config.backoff_factor**exponent
    except (OverflowError, ZeroDivisionError):
        power = math.copysign(math.inf, config.backoff_factor if exponent % 2 else 1.0)
    return config.initial_delay * power


def _least(value: float, cap: float) -> float:
    if math.isnan(value):
        return cap
    return value if math.isnan(cap) or value <= cap else cap


def classify_error_message(message: str) -> str:
    """Return the category of an error text; "unknown" if no known phrase occurs."""
    text = require_text(message).lower()
    for category, phrases in _CLASSES:
        if any(phrase in text for phrase in phrases):
            return category
    return "unknown"
