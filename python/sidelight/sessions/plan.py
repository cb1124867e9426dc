"""What a session is made of: the modules, and the provider that the turn's model needs."""

from __future__ import annotations

from typing import Any

from sidelight.contract import ModelInfo, PythonRunTurn, Server
from sidelight.errors import NoServerError

MOUNT_PLAN: dict[str, Any] = {
    "session": {
        "orchestrator": {"module": "loop-sidelight"},
        "context": {"module": "context-sidelight"},
    },
    # The order in which prompts list them; it must never change within a conversation.
    "tools": [{"module": "tool-read-page"}, {"module": "tool-todo"}],
    "hooks": [{"module": "hooks-approval"}, {"module": "hooks-observer"}],
}
#: prompts and limits of a model on a server, whose family nobody knows
SERVER_FAMILY = "general"


def provider_of(request: PythonRunTurn) -> dict[str, Any]:
    """The plan's entry for the model of a turn. Equal entries can share a session.

    Raises NoServerError when the model's server, or the model on it, is gone.
    """
    model = request.model
    if model.provider in ("webllm", "builtin"):
        return {"module": f"provider-{model.provider}"}
    server = request.server
    if server is None or server.server_id != model.server_id:
        raise NoServerError(f"The server of the model {model.label} is not in your settings.")
    return {
        "module": f"provider-{server.kind}",
        "config": {
            "base_url": server.base_url,
            "model": _name(model, server),
            "key_name": server.server_id if server.has_key else None,
            "context_window_tokens": model.context_window_tokens,
            "images": model.images,
            "tools": model.tools,
        },
    }


def family_of(model: ModelInfo) -> str:
    """The name of the model's prompt family."""
    return model.family if model.provider == "webllm" else SERVER_FAMILY


def _name(model: ModelInfo, server: Server) -> str:
    """What the server calls the model. Ids have a narrow alphabet, so the label is the name."""
    if any(offered.name == model.label for offered in server.models):
        return model.label
    raise NoServerError(f"The server {server.label} no longer offers the model {model.label}.")
