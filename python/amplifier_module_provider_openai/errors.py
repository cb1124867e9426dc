"""What a server or the way to it can do wrong, as the kernel's errors with a way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sidelight.contract import ErrorData
from sidelight.jsontext import loads
from sidelight.kernel import (
    AccessDeniedError,
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    LLMError,
    LLMTimeoutError,
    NetworkError,
    NotFoundError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitError,
    StreamError,
    classify_error_message,
)
from sidelight.transport import TransportError

_SHOWN_CHARS = 300

#: kind -> code, what to do
_WAYS_OUT: dict[type[LLMError], tuple[str, str]] = {
    AuthenticationError: ("bad_api_key", "Check this server's API key."),
    AccessDeniedError: ("access_denied", "Check what this API key may use."),
    NotFoundError: ("unknown_model", "Check the model's name and the server's address."),
    ContextLengthError: ("context_too_long", "Shorten your message, or attach less of the page."),
    RateLimitError: ("rate_limited", "Wait a little, then try again."),
    QuotaExceededError: ("quota_exceeded", "Check the account of this API key."),
    InvalidRequestError: ("bad_request", "Ask in other words, or choose another model."),
    ProviderUnavailableError: ("server_failed", "Try again, or look at the server's own log."),
    LLMTimeoutError: ("server_slow", "Try again, or choose a smaller model."),
    NetworkError: (
        "server_unreachable",
        "Check that the server runs and that its address is right.",
    ),
    StreamError: ("stream_broken", "Try again. What arrived is kept."),
}
_RETRYABLE = (RateLimitError, ProviderUnavailableError, LLMTimeoutError, NetworkError, StreamError)


class Failures:
    """Builds the errors of one provider and model."""

    def __init__(self, server: str, provider: str, model: str) -> None:
        self._server = server
        self._provider = provider
        self._model = model

    def from_status(self, status: int, headers: Mapping[str, str], body: bytes) -> LLMError:
        """A response that is not 2xx."""
        detail, code = _detail(body)
        kind = classify_error_message(f"{code} {detail}", status_code=status)
        if status == 429 and "insufficient_quota" in code:
            kind = QuotaExceededError
        if status in (408, 504):
            kind = LLMTimeoutError
        if kind is LLMError:
            kind = InvalidRequestError
        said = f": {detail}" if detail else "."
        return self._make(
            kind,
            f"{self._server} answered with status {status}{said}",
            status_code=status,
            retry_after=retry_after_s(headers.get("retry-after")),
        )

    def from_transport(self, error: TransportError, *, begun: bool) -> LLMError:
        """No response, or one that broke off (``begun``)."""
        kind: type[LLMError] = NetworkError
        if error.reason == "timeout":
            kind = LLMTimeoutError
        elif begun:
            kind = StreamError
        # With advice it is a sentence for the user, who knows the server by its host.
        failure = self._make(kind, str(error) if error.hint else f"{self._server}: {error}")
        if error.reason == "refused":
            failure.retryable = False
            failure.error_data |= {"code": "network_refused", "retryable": False}
        if error.hint:
            failure.error_data["hint"] = error.hint
        return failure

    def not_a_stream(self, shown: str) -> LLMError:
        """Something else than events, such as a web page."""
        shown = " ".join(shown.split())[:_SHOWN_CHARS]
        failure = self._make(
            StreamError, f"{self._server} did not send a chat completion, but: {shown}"
        )
        failure.retryable = False
        return failure

    def cut(self) -> LLMError:
        """The stream ended before the answer did."""
        return self._make(StreamError, f"{self._server} closed the connection in mid answer.")

    def in_stream(self, error: Any) -> LLMError:
        """An error object inside the stream."""
        detail, code = _detail(json.dumps({"error": error}).encode())
        kind = classify_error_message(f"{code} {detail}")
        return self._make(
            ProviderUnavailableError if kind is LLMError else kind, f"{self._server}: {detail}"
        )

    def _make(self, kind: type[LLMError], message: str, **more: Any) -> LLMError:
        # By type, not by base: a used-up quota is a kind of rate limit, and waiting does not help.
        retryable = kind in _RETRYABLE
        error = kind(
            message, provider=self._provider, model=self._model, retryable=retryable, **more
        )
        code, hint = _WAYS_OUT.get(kind, ("server_failed", "Try again."))
        error.error_data = ErrorData(
            code=code,
            message=message,
            hint=hint,
            retryable=retryable,
            retry_after_s=error.retry_after,
        ).model_dump()
        return error


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header: a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _detail(body: bytes) -> tuple[str, str]:
    """(text, code) of an error body: JSON of any of the usual shapes, or plain text."""
    text = body.decode("utf-8", "replace").strip()
    code = ""
    try:
        value = loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict):
        error = value.get("error", value)
        if isinstance(error, dict):
            code = str(error.get("code") or error.get("type") or "")
            text = str(error.get("message") or error.get("detail") or text)
        else:
            text = str(error)
    return " ".join(text.split())[:_SHOWN_CHARS], code
