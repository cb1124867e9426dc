"""Hook module: puts tool calls before the policy and, where it says so, before the user."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

from sidelight import ffi, labels
from sidelight.approval import ALLOW, DENY, Approvals, PendingCall
from sidelight.contract import Effect
from sidelight.effects import Effects, LabelledTool
from sidelight.kernel import APPROVAL_REQUIRED, TOOL_PRE, HookResult
from sidelight.labels import ContextLabels
from sidelight.policy import Facts, Verdict, decide
from sidelight.turn import APPROVALS, TURN, Turn

__amplifier_module_type__ = "hook"

logger = logging.getLogger("sidelight")

NAME = "sidelight-approval"
#: after every hook that may still change the arguments (redaction runs at 10)
PRIORITY = 10_000
WITHDRAWN = "tool_withdrawn"
UNCHECKED = "the call could not be checked, so it was not run"


class ApprovalHook:
    """Handles ``tool:pre``. Without a turn or an approval system everything is denied."""

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator

    async def on_tool_pre(self, event: str, data: dict[str, Any]) -> HookResult:
        """Continue, deny or get a ticket for the final arguments."""
        try:
            return await self._decide(data)
        except Exception as error:
            # The kernel would skip a hook that raises, and the call would go on undecided. Its text
            # may quote the call, which belongs in no log.
            logger.error("A tool call could not be checked: %s", type(error).__name__)
            return HookResult(action="deny", reason=UNCHECKED)

    async def _decide(self, data: dict[str, Any]) -> HookResult:
        approvals: Approvals | None = self._coordinator.get_capability(APPROVALS)
        current = self._coordinator.get_capability(TURN)
        turn: Turn | None = current() if current else None
        name = str(data.get("tool_name", ""))
        arguments = data.get("tool_input")
        tool = (self._coordinator.get("tools") or {}).get(name)
        if turn is None or approvals is None or not isinstance(arguments, dict) or tool is None:
            return HookResult(action="deny", reason="the call cannot be shown for approval")
        labelled = tool if isinstance(tool, LabelledTool) else None
        effect = labelled.effect(arguments, turn.request.page) if labelled else None
        seen = await labels.of_context(self._coordinator.get("context"))
        effects = labelled.effects if labelled else None
        verdict = decide(_facts(name, effects, effect, seen, turn))
        if verdict.decision == "withdraw":
            turn.notice(WITHDRAWN, f"The model wanted to use {name}. {verdict.reason}")
        if verdict.decision in ("withdraw", "deny") or labelled is None:
            return HookResult(action="deny", reason=verdict.reason)
        if effect is None or not labelled.effects.needs_ticket:
            # Nothing to decide: without a ticket, executors refuse whatever needs one.
            return HookResult(action="continue")
        effect = _for_card(effect, labelled.effects, verdict, seen)
        return await self._ask(approvals, turn, data, effect, verdict)

    async def _ask(
        self,
        approvals: Approvals,
        turn: Turn,
        data: dict[str, Any],
        effect: Effect,
        verdict: Verdict,
    ) -> HookResult:
        name, arguments = data["tool_name"], data["tool_input"]
        call_id = str(data.get("tool_call_id") or ffi.new_id("call"))
        prompt = f"{effect.title}: {effect.detail}"
        asks = verdict.decision == "ask"
        # A copy: nobody may change afterwards what is put before the user.
        call = PendingCall(
            call_id, name, copy.deepcopy(arguments), effect, "ask" if asks else "allow"
        )
        approvals.expect(prompt, call)
        if asks:
            await self._coordinator.hooks.emit(
                APPROVAL_REQUIRED, {"tool_name": name, "tool_call_id": call_id}
            )
        return HookResult(
            action="ask_user",
            # The kernel hands on the winner's data only: without it, arguments that an earlier hook
            # changed would be lost, and something else than the approved call would run.
            data=copy.deepcopy(data),
            approval_prompt=prompt,
            approval_options=[ALLOW, DENY],
            approval_timeout=turn.request.options.approval_timeout_s,
            approval_default="deny",
        )


def _facts(
    name: str, effects: Effects | None, effect: Effect | None, seen: ContextLabels, turn: Turn
) -> Facts:
    return Facts(
        tool_name=name,
        effects=effects,
        column=seen.column,
        settings=turn.request.settings,
        target_origin=effect.target_origin if effect else None,
        task_origins=seen.task_origins,
    )


def _for_card(effect: Effect, effects: Effects, verdict: Verdict, seen: ContextLabels) -> Effect:
    """The effect with what only the policy knows. A call that just reads carries nothing."""
    carries: list[str] = []
    if effects.sends or effects.writes or effects.runs_code:
        carries = seen.words(own_words=effects.sends is not None)
    # Should the other side ask about what the table allows, a site may be allowed for good.
    allowed_on_site = verdict.decision == "allow" and effect.target_origin is not None
    grantable = verdict.grantable or allowed_on_site
    return effect.model_copy(update={"carries": carries, "grantable": grantable})


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> Callable[[], None]:
    """Register the hook."""
    hook = ApprovalHook(coordinator)
    unregister: Callable[[], None] = coordinator.hooks.register(
        TOOL_PRE, hook.on_tool_pre, priority=PRIORITY, name=NAME
    )
    return unregister
