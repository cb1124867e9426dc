"""What the offscreen document does in the browser, for a terminal: approvals, effects, events."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import TypeAdapter

from sidelight.contract import (
    PROTOCOL_VERSION,
    AskApproval,
    ContextBlock,
    ExecuteTool,
    PythonEvents,
    PythonToOffscreen,
    Todo,
    ToolOutput,
    TurnEventBody,
)
from sidelight.errors import SidelightError

_BODIES: TypeAdapter[Any] = TypeAdapter(PythonToOffscreen)

Ask = Callable[[AskApproval], Awaitable[bool]]
Show = Callable[[TurnEventBody], None]


class RefusedError(SidelightError):
    """An effect that was not approved, or that this terminal cannot have."""

    code = "not_approved"
    hint = "Allow the call when you are asked."


class ConsoleHost:
    """Takes frames from Python and answers them; no effect without a ticket from ``ask``."""

    def __init__(self, ask: Ask, show: Show, page: ContextBlock | None = None) -> None:
        self.deliver: Callable[[str], None] = lambda text: None
        self.todos: list[Todo] = []
        self._ask = ask
        self._show = show
        self._page = page
        self._tickets: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, text: str) -> None:
        """One frame from Python."""
        frame = json.loads(text)
        if "reply_to" in frame:
            return
        body = _BODIES.validate_python(frame["body"])
        if isinstance(body, PythonEvents):
            for event in body.events:
                self._show(event)
            return
        task = asyncio.ensure_future(self._answer(str(frame["id"]), body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request_id: str, body: Any) -> None:
        reply: dict[str, Any] = {"v": PROTOCOL_VERSION, "reply_to": request_id, "ok": True}
        try:
            if isinstance(body, AskApproval):
                reply["result"] = await self._decide(body)
            elif not isinstance(body, ExecuteTool):
                raise RefusedError(f"{body.type} cannot be done here.", code="not_here", hint="")
            else:
                reply["result"] = self._execute(body).model_dump(mode="json")
        except SidelightError as error:
            reply |= {"ok": False, "error": error.data.model_dump(mode="json")}
        self.deliver(json.dumps(reply))

    async def _decide(self, body: AskApproval) -> dict[str, Any]:
        if not await self._ask(body):
            return {"decision": "deny", "decided_by": "user", "ticket_id": None}
        ticket = secrets.token_hex(16)
        call = body.approval
        self._tickets[ticket] = _fingerprint(call.tool_call_id, call.tool_name, call.arguments)
        return {"decision": "allow", "decided_by": "user", "ticket_id": ticket}

    def _execute(self, call: ExecuteTool) -> ToolOutput:
        if call.tool_name == "list_todos":
            return ToolOutput(todos=self.todos)
        approved = self._tickets.pop(call.ticket_id or "", None)
        if approved != _fingerprint(call.tool_call_id, call.tool_name, call.arguments):
            raise RefusedError("The call was not approved.")
        text = str(call.arguments.get("text", "")).strip()
        if call.tool_name == "read_page" and self._page:
            return ToolOutput(block=self._page)
        if call.tool_name == "add_todo" and text:
            self.todos.append(Todo(number=len(self.todos) + 1, text=text, done=False))
            return ToolOutput(todos=self.todos)
        if call.tool_name == "complete_todo":
            for index, todo in enumerate(self.todos):
                if not todo.done and todo.text.lower() == text.lower():
                    self.todos[index] = todo.model_copy(update={"done": True})
                    return ToolOutput(todos=self.todos)
            raise RefusedError("No open to-do has that text.", code="not_found", hint="List them.")
        raise RefusedError(f"{call.tool_name} cannot run here.", code="unknown_tool", hint="")


def _fingerprint(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True)
