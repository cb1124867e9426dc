"""Hook module: puts tool calls before the policy and, where it says so, before the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidelight import ffi
from sidelight.approval import ALLOW, DENY, Approvals, PendingCall
from sidelight.effects import LabelledTool
from sidelight.kernel import APPROVAL_REQUIRED, TOOL_PRE, HookResult
from sidelight.policy import decide
from sidelight.turn import APPROVALS, TURN, Turn

__amplifier_module_type__ = "hook"

NAME = "sidelight-approval"
#: after every hook that may still change the arguments (redaction runs at 10)
PRIORITY = 10_000


class ApprovalHook:
    """Handles ``tool:pre``. Without a turn or an approval system everything is denied."""

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator

    async def on_tool_pre(self, event: str, data: dict[str, Any]) -> HookResult:
        """Continue, deny or ask the user about the final arguments."""
        approvals: Approvals | None = self._coordinator.get_capability(APPROVALS)
        current = self._coordinator.get_capability(TURN)
        turn: Turn | None = current() if current else None
        name = str(data.get("tool_name", ""))
        arguments = data.get("tool_input")
        tool = (self._coordinator.get("tools") or {}).get(name)
        if turn is None or approvals is None or not isinstance(arguments, dict) or tool is None:
            return HookResult(action="deny", reason="the call cannot be shown for approval")
        labelled = tool if isinstance(tool, LabelledTool) else None
        verdict = decide(name, labelled.effects if labelled else None)
        if verdict.decision == "allow":
            return HookResult(action="continue")
        if verdict.decision == "deny" or labelled is None:
            return HookResult(action="deny", reason=verdict.reason)
        effect = labelled.effect(arguments, turn.request.page)
        if effect is None:
            # Nothing to ask about: it fails by itself, and executors refuse what has no ticket.
            return HookResult(action="continue")
        prompt = f"{effect.title}: {effect.detail}"
        call_id = str(data.get("tool_call_id") or ffi.new_id("call"))
        approvals.expect(prompt, PendingCall(call_id, name, arguments, effect))
        await self._coordinator.hooks.emit(
            APPROVAL_REQUIRED, {"tool_name": name, "tool_call_id": call_id}
        )
        return HookResult(
            action="ask_user",
            # The kernel hands on the winner's data only: without it, arguments that an earlier hook
            # changed would be lost, and something else than the approved call would run.
            data=data,
            approval_prompt=prompt,
            approval_options=[ALLOW, DENY],
            approval_timeout=turn.request.options.approval_timeout_s,
            approval_default="deny",
        )


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> Callable[[], None]:
    """Register the hook."""
    hook = ApprovalHook(coordinator)
    unregister: Callable[[], None] = coordinator.hooks.register(
        TOOL_PRE, hook.on_tool_pre, priority=PRIORITY, name=NAME
    )
    return unregister
