"""From the engine's error data to the kernel's error vocabulary."""

from __future__ import annotations

from sidelight.contract import ErrorData
from sidelight.kernel import (
    ContextLengthError,
    InvalidRequestError,
    LLMError,
    NotFoundError,
    ProviderUnavailableError,
    StreamError,
)

_TYPES: dict[str, type[LLMError]] = {
    "context_too_long": ContextLengthError,
    "bad_request": InvalidRequestError,
    "bad_grammar": InvalidRequestError,
    "unknown_tool": InvalidRequestError,
    "tool_too_long": InvalidRequestError,
    "unknown_model": NotFoundError,
    "device_lost": StreamError,
    "engine_failed": StreamError,
}


def to_llm_error(data: ErrorData, provider: str, model: str) -> LLMError:
    """An LLMError that carries the original data as ``error_data``."""
    kind = _TYPES.get(data.code, ProviderUnavailableError)
    error = kind(
        data.message,
        provider=provider,
        model=model,
        retryable=data.retryable,
        retry_after=data.retry_after_s,
    )
    error.error_data = data.model_dump()
    return error


def no_engine() -> ErrorData:
    """The session was built without an engine."""
    return ErrorData(
        code="no_engine",
        message="The model engine is not connected.",
        hint="Reload the extension.",
        retryable=True,
    )
