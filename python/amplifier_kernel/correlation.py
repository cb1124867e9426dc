"""Hand-off to the published correlation policy, which decides about request ids."""

from __future__ import annotations

from typing import Any

_FAMILIES = ("llm:", "provider:")


def stamp_request_id(event: str, data: dict[str, Any]) -> None:
    """Set `data["request_id"]` when the policy gives this event one.

    Must run in the context of the emitter: the policy keeps the open call in a context
    variable, and a handler's task has only a copy of it.
    """
    if not event.startswith(_FAMILIES):
        return
    from amplifier_core.correlation import REQUEST_ID_FIELD, resolve_request_id

    given = data.get(REQUEST_ID_FIELD)
    explicit = given if isinstance(given, str) and given else None
    request_id = resolve_request_id(event, explicit)
    if request_id is not None:
        data[REQUEST_ID_FIELD] = request_id
