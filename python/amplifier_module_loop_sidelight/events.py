"""Emits kernel events for one execution and keeps what hooks want added to the next request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from sidelight.kernel import NOTICE, HookResult
from sidelight.prompts.escape import neutralise

T = TypeVar("T")


@dataclass
class Events:
    """Every emit goes through here, and every result that may decide through the kernel."""

    hooks: Any
    coordinator: Any | None
    injections: list[dict[str, Any]] = field(default_factory=list)
    #: whether hooks ever added text to a request; it is in no message and has no label
    injected: bool = False

    async def emit(self, event: str, data: dict[str, Any], source: str = "orchestrator") -> Any:
        """Emit and let the kernel process the result.

        Returns the processed HookResult. Its ``data``, if any, is what the hooks made of ``data``,
        also when the user was asked and allowed it; the kernel reports a change as ``continue``.
        """
        raw = await self.hooks.emit(event, data)
        if self.coordinator is None or raw is None:
            return raw or HookResult(action="continue")
        result = await self.coordinator.process_hook_result(raw, event, source)
        if result.action == "inject_context":
            self._keep(result)
        if raw.action == "ask_user" and result.action == "continue":
            return HookResult(action="continue", data=raw.data)
        return result

    @staticmethod
    def changed(result: Any, name: str, value: T) -> T:
        """What the hooks made of the field ``name``; ``value`` when they left it alone."""
        data = result.data if isinstance(result.data, dict) else {}
        made = data.get(name, value)
        return made if isinstance(made, type(value)) else value

    async def notice(self, code: str, message: str) -> None:
        """Tell the user something through the observer."""
        await self.hooks.emit(NOTICE, {"code": code, "message": message})

    def _keep(self, result: Any) -> None:
        # What is left after the kernel stored the lasting ones is for one request only.
        items = [
            (item.role, item.content, item.append_to_last_tool_result)
            for item in result.context_injections or []
        ]
        if not items and result.context_injection:
            to_tool = result.append_to_last_tool_result
            items = [(result.context_injection_role, result.context_injection, to_tool)]
        for role, content, to_tool in items:
            # It may stand in a tool's result, whose own marks are trusted.
            self.injections.append(
                {"role": role, "content": neutralise(content), "to_tool": to_tool}
            )

    async def keep_injections(self, context: Any) -> None:
        """Hand the kept injections to a context that sends them again as they were sent: a prompt
        that lacks what the last one had would cost reading the whole conversation again."""
        keep = getattr(context, "keep_added", None)
        if keep is None:
            return
        items, self.injections = self.injections, []
        self.injected = self.injected or bool(items)
        for item in items:
            note = "" if item["role"] == "user" else "Note from the extension:\n"
            await keep(f"{note}{item['content']}")

    def take_injections(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``messages`` with the kept injections, which are then forgotten."""
        messages = [dict(message) for message in messages]
        self.injected = self.injected or bool(self.injections)
        for item in self.injections:
            last = messages[-1] if messages else {}
            if item["to_tool"] and last.get("role") == "tool":
                last["content"] = f"{last['content']}\n\n{item['content']}"
            else:
                messages.append({"role": item["role"], "content": item["content"]})
        self.injections = []
        return messages
