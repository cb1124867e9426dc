"""Tool module: the user's to-do list, kept by the JavaScript side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidelight.contract import Effect, PageRef, Todo
from sidelight.effects import Effects, make_effect
from sidelight.executor import execute_on_host
from sidelight.kernel import ToolResult
from sidelight.prompts.escape import one_line

__amplifier_module_type__ = "tool"

MAX_TEXT_CHARS = 200
MAX_LISTED = 30
_TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_CHARS}},
    "required": ["text"],
}


class _TodoTool:
    """Common part: sends the call, turns the answer into text for the model."""

    name = ""
    done = ""
    effects = Effects(writes="local", private_result=False)
    input_schema: dict[str, Any] = _TEXT

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator

    async def execute(self, input: dict[str, Any]) -> ToolResult:
        """Run the call with exactly the arguments that were approved."""
        output = await execute_on_host(self._coordinator, self.name, input)
        if isinstance(output, ToolResult):
            return output
        return ToolResult(output=self._result(output.todos or []))

    def _result(self, todos: list[Todo]) -> str:
        return self.done


class AddTodoTool(_TodoTool):
    """``add_todo(text)``"""

    name = "add_todo"
    description = "Add an item to the to-do list"
    done = "added"

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect:
        """Shows the exact item."""
        return make_effect(
            self.effects,
            "Add a to-do",
            f"Adds this item to your to-do list on this device: “{arguments.get('text', '')}”",
            undoable=True,
        )


class CompleteTodoTool(_TodoTool):
    """``complete_todo(text)``"""

    name = "complete_todo"
    description = "Mark a to-do item as done"
    done = "done"

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect:
        """Shows the exact item."""
        return make_effect(
            self.effects,
            "Mark a to-do as done",
            f"Marks this item of your to-do list as done: “{arguments.get('text', '')}”",
            undoable=True,
        )


class ListTodosTool(_TodoTool):
    """``list_todos()``"""

    name = "list_todos"
    description = "List the items on the to-do list"
    effects = Effects(reads="own")
    input_schema: dict[str, Any] = {"type": "object", "properties": {}, "required": []}

    def effect(self, arguments: Mapping[str, Any], page: PageRef | None) -> Effect:
        """Says what is shown to the model."""
        return make_effect(
            self.effects,
            "List your to-dos",
            "Shows your to-do list to the model on this device.",
        )

    def _result(self, todos: list[Todo]) -> str:
        if not todos:
            return "[]"
        lines = [
            f"{todo.number}. {one_line(todo.text, MAX_TEXT_CHARS)}{' (done)' if todo.done else ''}"
            for todo in todos[:MAX_LISTED]
        ]
        if more := len(todos) - MAX_LISTED:
            lines += [f"and {more} more"] if more > 0 else []
        return "\n".join(lines)


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the three tools in the order that the prompt lists them."""
    for tool in (
        AddTodoTool(coordinator),
        ListTodosTool(coordinator),
        CompleteTodoTool(coordinator),
    ):
        await coordinator.mount("tools", tool, name=tool.name)
