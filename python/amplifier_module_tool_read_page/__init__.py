"""Tool module: reads the page in the current tab, as numbered sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidelight.contract import ContextBlock, Effect, PageRef
from sidelight.effects import Effects, make_effect
from sidelight.executor import execute_on_host, failed
from sidelight.kernel import ToolResult
from sidelight.prompts.page import RenderedBlock, render_block
from sidelight.reading import tell_read
from sidelight.room import scale_for
from sidelight.tokens import LARGE
from sidelight.turn import TURN, Turn

__amplifier_module_type__ = "tool"

NO_PAGE = "this page cannot be read; the line above the message box says why"
_FALLBACK_TOKENS = 800
_SPARE_TOKENS = 24


class ReadPageTool:
    """``read_page()``: asks the JavaScript side for the page's text."""

    name = "read_page"
    description = "Read the text of the page in the current tab"
    input_schema: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    effects = Effects(reads="page")
    #: its result is escaped and numbered here, so prompts take it as it is
    escapes_output = True

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect | None:
        """Names the origin that will be read."""
        if page is None:
            return None
        return make_effect(
            self.effects,
            "Read this page",
            f"Reads the text of the page at {page.origin} so that the model on this device can "
            "use it.",
            page.origin,
        )

    async def execute(self, input: dict[str, Any]) -> ToolResult:
        """The page block, cut to what the context window still holds."""
        turn = self._turn()
        if turn and turn.request.page is None:
            return failed("no_page", NO_PAGE)
        output = await execute_on_host(self._coordinator, self.name, {}, on_page=True)
        if isinstance(output, ToolResult):
            return output
        if output.block is None:
            return ToolResult(success=False, output="error: the page could not be read")
        return ToolResult(output=(await self._render(output.block)).text)

    async def _render(self, block: ContextBlock) -> RenderedBlock:
        provider: Any = next(iter((self._coordinator.get("providers") or {}).values()), None)
        scale = getattr(provider, "scale", LARGE)
        budget = _FALLBACK_TOKENS
        if hasattr(provider, "room_tokens"):
            budget = await provider.room_tokens() - _SPARE_TOKENS
            scale = await scale_for(provider, block.text, budget)
        rendered = render_block(block, scale, budget_tokens=budget)
        turn = self._turn()
        if turn:
            tell_read(turn, block, rendered)
        return rendered

    def _turn(self) -> Turn | None:
        current = self._coordinator.get_capability(TURN)
        turn: Turn | None = current() if current else None
        return turn


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the tool."""
    tool = ReadPageTool(coordinator)
    await coordinator.mount("tools", tool, name=tool.name)
