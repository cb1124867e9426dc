"""How a tool has its effect: the JavaScript side executes it, if the ticket allows."""

from __future__ import annotations

from typing import Any

from sidelight import labels
from sidelight.contract import ExecuteTool, ToolOutput
from sidelight.errors import SidelightError
from sidelight.host import Host
from sidelight.kernel import ToolResult
from sidelight.toolcalls import current_call
from sidelight.turn import HOST, TURN, StoppedError, Turn

TIMEOUT_S = 60.0
#: an effect that is under way is worth waiting for after a stop, but not for long
STOP_GRACE_S = 3.0


async def execute_on_host(
    coordinator: Any, tool_name: str, arguments: dict[str, Any], *, on_page: bool = False
) -> ToolOutput | ToolResult:
    """Run a tool's effect. A failure comes back as a ToolResult that the model can read.

    Python does not judge here: without a ticket the call is sent with ``ticket_id`` None, and the
    executor refuses what needs one. ``on_page`` binds the call to the page of the turn.
    """
    host: Host | None = coordinator.get_capability(HOST)
    current = coordinator.get_capability(TURN)
    turn: Turn | None = current() if current else None
    call_id = current_call.get()
    if host is None or turn is None or call_id is None:
        return failed("not_available", "the tool can only run inside a conversation")
    request = ExecuteTool(
        type="offscreen.execute_tool",
        conversation_id=turn.request.conversation_id,
        turn_id=turn.request.turn_id,
        tool_call_id=call_id,
        tool_name=tool_name,
        arguments=arguments,
        page=turn.request.page if on_page else None,
        ticket_id=turn.tickets.pop(call_id, None),
    )
    try:
        work = host.request(request, ToolOutput, timeout_s=TIMEOUT_S)
        output = await turn.unless_stopped(work, STOP_GRACE_S)
    except StoppedError:
        return failed("stopped", "stopped by the user; it may have been done")
    except SidelightError as error:
        return failed(error.data.code, str(error))
    if output.block:
        labels.note(labels.of_block(output.block))
    return output


def failed(code: str, message: str) -> ToolResult:
    """A failure that the model can read and the user is shown."""
    return ToolResult(
        success=False, output=f"error: {message}", error={"type": code, "message": message}
    )
