"""Errors inside Python and their form on the wire: what happened, why, and what to do."""

from __future__ import annotations

from sidelight.contract import ErrorData


class SidelightError(Exception):
    """Base of errors that a user may meet; ``data`` is what crosses to the other side."""

    code = "internal"
    hint = "Try again. If it happens again, reload the extension."
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.data = ErrorData(
            code=code or self.code,
            message=message,
            hint=self.hint if hint is None else hint,
            retryable=self.retryable if retryable is None else retryable,
            retry_after_s=retry_after_s,
        )


class BadMessageError(SidelightError):
    """A frame or message that does not match the contract."""

    code = "bad_message"
    hint = "Reload the extension: its parts may be of different versions."
    retryable = False


class RemoteError(SidelightError):
    """An error that the other side sent as data (the offscreen document or the engine)."""

    def __init__(self, data: ErrorData) -> None:
        super().__init__(
            data.message,
            code=data.code,
            hint=data.hint,
            retryable=data.retryable,
            retry_after_s=data.retry_after_s,
        )


class HostTimeoutError(SidelightError):
    """The offscreen document did not answer a request in time."""

    code = "host_timeout"
    hint = "Try again. If it happens again, close and reopen the panel."


class BusyError(SidelightError):
    """The conversation already has a running turn."""

    code = "conversation_busy"
    hint = "Wait for the running answer or stop it, then ask again."


class WindowExceededError(SidelightError):
    """A message alone is larger than the model's context window."""

    code = "context_too_long"
    hint = "Shorten your message, or attach less of the page."
    retryable = False


class NoServerError(SidelightError):
    """The server of the chosen model, or the model on it, is not in the settings (any more)."""

    code = "no_server"
    hint = "Choose another model, or connect the server again under Privacy."
    retryable = False


class ModuleLoadError(SidelightError):
    """A part of the Amplifier session could not be loaded."""

    code = "session_failed"
    hint = "Reload the extension. If it stays so, install it again."


def to_error_data(error: BaseException) -> ErrorData:
    """Any exception as error data; unknown ones become ``internal`` with their type named."""
    if isinstance(error, SidelightError):
        return error.data
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ErrorData(
        code=SidelightError.code,
        message=f"Something went wrong inside Sidelight: {detail[:400]}",
        hint=SidelightError.hint,
        retryable=True,
    )
