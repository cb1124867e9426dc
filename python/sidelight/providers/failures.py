"""What a server or the way to it can do wrong, as the kernel's errors with a way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sidelight.contract import ErrorData
from sidelight.jsontext import loads
from sidelight.kernel import (
    AccessDeniedError,
    AuthenticationError,
    ContentFilterError,
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
)
from sidelight.prompts.escape import clean
from sidelight.transport import TransportError

_SHOWN_CHARS = 300
NO_MODEL_SERVER = "not_a_model_server"


class _Words(NamedTuple):
    """``{server}``, ``{model}`` and ``{status}`` are filled in; the server's own words follow."""

    code: str
    happened: str
    hint: str


_WORDS: dict[type[LLMError], _Words] = {
    AuthenticationError: _Words(
        "bad_api_key",
        "{server} did not accept the API key{status}.",
        "Enter the API key of this server in its settings, then ask again.",
    ),
    AccessDeniedError: _Words(
        "access_denied",
        "{server} refused the request{status}.",
        "Check what this API key may use. Ollama lets extensions in when OLLAMA_ORIGINS "
        "contains chrome-extension://*.",
    ),
    NotFoundError: _Words(
        "unknown_model",
        "{server} does not know the model {model}{status}.",
        "Choose another model, or read the server's models again. If the model is there, check "
        "the server's address: most want it to end in /v1.",
    ),
    ContextLengthError: _Words(
        "context_too_long",
        "The conversation is longer than {model} at {server} can read{status}.",
        "Shorten your message, attach less of the page, or start a new chat.",
    ),
    RateLimitError: _Words(
        "rate_limited",
        "{server} takes no more requests for now{status}.",
        "Wait a little, then try again.",
    ),
    QuotaExceededError: _Words(
        "quota_exceeded",
        "The account of this API key at {server} is used up{status}.",
        "Check the account, or choose another model.",
    ),
    ContentFilterError: _Words(
        "content_filtered",
        "{server} refuses to answer this{status}.",
        "Ask in other words, or choose another model.",
    ),
    InvalidRequestError: _Words(
        "bad_request",
        "{server} could not use the request{status}.",
        "Ask in other words, or choose another model.",
    ),
    ProviderUnavailableError: _Words(
        "server_failed",
        "{server} failed{status}.",
        "Try again, or look at the server's own log.",
    ),
    LLMTimeoutError: _Words(
        "server_slow",
        "{server} took too long to answer{status}.",
        "Try again, or choose a smaller model.",
    ),
    NetworkError: _Words(
        "server_unreachable",
        "{server} cannot be reached.",
        "Check that the server runs and that its address is right.",
    ),
    StreamError: _Words(
        "stream_broken",
        "{server} broke off in the middle of its answer.",
        "Try again. What arrived is kept.",
    ),
}
_RETRYABLE = (RateLimitError, ProviderUnavailableError, LLMTimeoutError, NetworkError, StreamError)

_TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum context|too many tokens|prompt is too long"
    r"|token limit|exceed_context|input (is )?too long|max_model_len|number of tokens to keep",
    re.IGNORECASE,
)
_USED_UP = re.compile(
    r"insufficient_(quota|credits|balance)|billing|credit balance|exceeded your .*quota", re.I
)
_NO_MODEL = re.compile(
    r"model\b.{0,200}?\b(not found|does not exist|not exist|no longer available|not loaded)"
    r"|(not a valid|unknown|invalid|no such) model|model_not_found|no models? loaded",
    re.IGNORECASE | re.DOTALL,
)
_FILTERED = re.compile(r"content.?(filter|policy)|safety system|flagged|moderation", re.I)
_BAD_KEY = re.compile(r"api.?key|unauthori[sz]ed|authentication", re.I)
_BUSY = re.compile(r"rate.?limit|too many requests", re.I)
_OVERLOADED = re.compile(r"overloaded|api_error|server_error|unavailable|is loading", re.I)
_PAGE = re.compile(r"\s*(<\?xml|<!doctype|<html|<head|<body)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)

#: statuses that say it all
_STATUSES: dict[int, type[LLMError]] = {
    401: AuthenticationError,
    402: QuotaExceededError,
    404: NotFoundError,
    408: LLMTimeoutError,
    413: ContextLengthError,
    429: RateLimitError,
    504: LLMTimeoutError,
    524: LLMTimeoutError,
    529: ProviderUnavailableError,
}


class Failures:
    """Builds the errors of one provider and model. The user knows the server by its host."""

    def __init__(self, base_url: str, provider: str, model: str, has_key: bool = True) -> None:
        self._server = urlsplit(base_url).netloc or "The server"
        self._provider = provider
        self._model = model or "this model"
        self._has_key = has_key

    def from_status(self, status: int, headers: Mapping[str, str], body: bytes) -> LLMError:
        """A response that is not 2xx."""
        detail, code = _detail(body)
        return self._make(
            _kind(status, code, detail),
            detail,
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
        # With advice it is a sentence for the user already.
        words = str(error) if error.hint else f"{self._happened(kind)[:-1]} ({error})."
        failure = self._make(kind, message=words)
        if error.reason == "refused":
            failure.retryable = False
            failure.error_data |= {"code": "network_refused", "retryable": False}
        if error.hint:
            failure.error_data["hint"] = error.hint
        return failure

    def not_a_stream(self, shown: str) -> LLMError:
        """Something else than a model's answer, such as a web page."""
        failure = self._make(
            StreamError,
            _shown(shown),
            message=f"{self._server} answered, but not as a model server does.",
        )
        failure.retryable = False
        failure.error_data |= {
            "code": NO_MODEL_SERVER,
            "hint": "Check the server's address: most want it to end in /v1. A sign-in page or a "
            "proxy may stand before it.",
            "retryable": False,
        }
        return failure

    def cut(self) -> LLMError:
        """The stream ended before the answer did."""
        return self._make(StreamError)

    def in_stream(self, error: Any) -> LLMError:
        """An error object inside the stream."""
        detail, code = _fields(error)
        status = int(code) if re.fullmatch(r"[45]\d\d", code) else None
        kind = _kind(status, code, detail)
        # What a server notices only now is its own trouble, unless it says otherwise.
        if kind is InvalidRequestError and "invalid" not in code:
            kind = ProviderUnavailableError
        return self._make(kind, detail)

    def _happened(self, kind: type[LLMError], status: int | None = None) -> str:
        shown = f" (status {status})" if status else ""
        if kind is AuthenticationError and not self._has_key:
            return f"{self._server} wants an API key{shown}."
        return _WORDS[kind].happened.format(server=self._server, model=self._model, status=shown)

    def _make(
        self, kind: type[LLMError], detail: str = "", message: str = "", **more: Any
    ) -> LLMError:
        # By type, not by base: a used-up quota is a kind of rate limit, and waiting does not help.
        retryable = kind in _RETRYABLE
        words = _WORDS[kind]
        happened = message or self._happened(kind, more.get("status_code"))
        said = f"{happened} It said: “{detail}”." if detail else happened
        error = kind(said, provider=self._provider, model=self._model, retryable=retryable, **more)
        hint = words.hint
        if kind is RateLimitError and error.retry_after:
            hint = f"Wait {_duration(error.retry_after)}, then try again."
        error.error_data = ErrorData(
            code=words.code,
            message=said,
            hint=hint,
            retryable=retryable,
            retry_after_s=error.retry_after,
        ).model_dump()
        return error


def _kind(status: int | None, code: str, detail: str) -> type[LLMError]:
    said = f"{code} {detail}"
    # llama.cpp and LM Studio have sent an overflow with 400 and with 500.
    too_long = bool(_TOO_LONG.search(said)) and status in (None, 400, 413, 422, 500)
    used_up = bool(_USED_UP.search(said)) and status in (None, 400, 402, 403, 429)
    rules: list[tuple[bool, type[LLMError]]] = [
        (used_up, QuotaExceededError),
        (too_long, ContextLengthError),
        (status in _STATUSES, _STATUSES.get(status or 0, LLMError)),
        (bool(_FILTERED.search(said)), ContentFilterError),
        (bool(_NO_MODEL.search(said)), NotFoundError),
        (status == 403 or code == "permission_error", AccessDeniedError),
        ((status or 0) >= 500, ProviderUnavailableError),
        (bool(_BUSY.search(said)), RateLimitError),
        (bool(_BAD_KEY.search(said)), AuthenticationError),
        (bool(_OVERLOADED.search(said)), ProviderUnavailableError),
    ]
    return next((kind for holds, kind in rules if holds), InvalidRequestError)


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header: a number or a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return seconds if 0 <= seconds < 1e9 else None
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"


def _detail(body: bytes) -> tuple[str, str]:
    """(text, code) of an error body: JSON of any of the usual shapes, or plain text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = loads(text)
    except ValueError:
        return _shown(text), ""
    return _fields(value.get("error", value) if isinstance(value, dict) else value)


def _fields(error: Any) -> tuple[str, str]:
    if not isinstance(error, dict):
        return _shown(str(error)), ""
    code = str(error.get("code") or error.get("type") or "")
    text = error.get("message") or error.get("detail")
    return _shown(str(text or error)), code


def _shown(text: str) -> str:
    if _PAGE.match(text):
        title = _TITLE.search(text)
        return f"a web page, {_line(title.group(1))}" if title else "a web page"
    return _line(text)[:_SHOWN_CHARS]


def _line(text: str) -> str:
    return " ".join(clean(text).split())
