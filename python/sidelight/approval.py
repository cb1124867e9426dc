"""The session's approval system: asks the user through the offscreen document, keeps tickets."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from sidelight import ffi
from sidelight.contract import Approval, ApprovalDecision, AskApproval, Effect
from sidelight.errors import HostTimeoutError, SidelightError
from sidelight.host import Host
from sidelight.kernel import APPROVAL_DENIED, APPROVAL_GRANTED, ApprovalTimeoutError
from sidelight.turn import Refusal, StoppedError, Turn

ALLOW = "Allow"
DENY = "Deny"
#: how much longer than the user's time we wait for the offscreen document, which keeps the clock
GRACE_S = 10.0

_REFUSALS = {
    "user": Refusal("denied", "You did not allow it."),
    "timeout": Refusal("timed_out", "Nobody decided in time, so it was not done."),
    "page_changed": Refusal("denied", "The page changed, so it was not done."),
    "stop": Refusal("denied", "The answer was stopped, so it was not done."),
    "policy": Refusal("denied", "Sidelight's rules do not allow it, so it was not done."),
    "grant": Refusal("denied", "What you allowed before does not cover it, so it was not done."),
}

Emit = Callable[[str, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class PendingCall:
    """A tool call that the approval hook wants a ticket for.

    ``verdict``: what the policy said. With ``allow`` there is a card only where the offscreen
    document insists on one.
    """

    tool_call_id: str
    tool_name: str
    arguments: dict[str, Any]
    effect: Effect
    verdict: Literal["allow", "ask"] = "ask"


class Approvals:
    """Implements the kernel's ApprovalSystem. Anything unexpected is a denial."""

    def __init__(self, host: Host, turn: Callable[[], Turn | None]) -> None:
        self._host = host
        self._turn = turn
        self._expected: defaultdict[str, deque[PendingCall]] = defaultdict(deque)
        self.emit: Emit | None = None

    def expect(self, prompt: str, call: PendingCall) -> None:
        """Announce the call behind the next request with this prompt.

        The kernel passes on the prompt only; without this the ticket could not be bound to a call.
        """
        self._expected[prompt].append(call)

    def reset(self) -> None:
        """Forget announced calls of an earlier turn."""
        self._expected.clear()

    async def request_approval(
        self,
        prompt: str,
        options: list[str],
        timeout: float,  # noqa: ASYNC109 - the kernel's interface
        default: str,
    ) -> str:
        """Ask the user; ``Allow`` or ``Deny``. Raises ApprovalTimeoutError after ``timeout``
        seconds."""
        turn = self._turn()
        waiting = self._expected.get(prompt)
        if turn is None or not waiting:
            return DENY
        call = waiting.popleft()
        answer = await self._ask(turn, call, timeout)
        granted = isinstance(answer, str)
        if isinstance(answer, str):
            turn.tickets[call.tool_call_id] = answer
        else:
            turn.refusals[call.tool_call_id] = answer
        if self.emit:
            event = APPROVAL_GRANTED if granted else APPROVAL_DENIED
            data = {"tool_name": call.tool_name, "tool_call_id": call.tool_call_id}
            await self.emit(event, data)
        if isinstance(answer, Refusal) and answer.status == "timed_out":
            raise ApprovalTimeoutError(f"Nobody decided within {timeout:.0f} seconds")
        return ALLOW if granted else DENY

    async def _ask(self, turn: Turn, call: PendingCall, timeout_s: float) -> str | Refusal:
        """The ticket, or why there is none."""
        approval = Approval(
            approval_id=ffi.new_id("approval"),
            conversation_id=turn.request.conversation_id,
            turn_id=turn.request.turn_id,
            tool_call_id=call.tool_call_id,
            tool_name=call.tool_name,
            arguments=call.arguments,
            effect=call.effect,
            # A call that touches no page does not fall with one.
            page=turn.request.page if call.effect.target_origin else None,
            asked_at_ms=ffi.now_ms(),
            timeout_s=timeout_s,
        )
        request = self._host.request(
            AskApproval(type="offscreen.ask_approval", approval=approval, verdict=call.verdict),
            ApprovalDecision,
            timeout_s=timeout_s + GRACE_S,
        )
        try:
            decision = await turn.unless_stopped(request)
        except HostTimeoutError:
            return _REFUSALS["timeout"]
        except StoppedError:
            return _REFUSALS["stop"]
        except SidelightError as error:
            return Refusal("denied", f"It could not be put before you, so it was not done: {error}")
        if decision.decision == "allow" and decision.ticket_id:
            return decision.ticket_id
        return _REFUSALS[decision.decided_by]
