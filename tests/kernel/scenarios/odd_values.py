"""Texts that are subclasses of str or not UTF-8, and results with values of other types."""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario
from tests.kernel.scenarios.session_setup import config_of, session_with

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


class Word(str, Enum):  # noqa: UP042 - a StrEnum would print its text
    """A member is a str whose str() and format() are not its text."""

    A = "tool:a"
    ALLOW = "allow"


class Loud(str):
    """A str that compares and prints as something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def _allowing(trace: Trace, answer: str) -> Any:
    def request_approval(*given: Any) -> str:
        trace.add("asked", given)
        return answer

    return SimpleNamespace(request_approval=request_approval)


@scenario
async def texts_of_subclasses_in_the_registry(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    for word in (Word.A, Loud("tool:a")):
        hooks = HookRegistry()
        handle = hooks.register(word, lambda event, data: trace.add("handler", event, data))
        trace.add(list(hooks.list_handlers(word)), list(hooks.list_handlers("tool:a")))
        hooks.register("tool:a", lambda event, data: None, 0, word)
        trace.add(repr(handle)[:24], hooks.list_handlers("tool:a")["tool:a"][1])
        await trace.call("emit", hooks.emit, word, {"k": word, word: 1})
        await trace.call("collect", hooks.emit_and_collect, word, {})
        hooks.unregister(word)
        trace.add(len(hooks.list_handlers("tool:a")["tool:a"]))


@scenario
async def texts_of_subclasses_in_the_coordinator(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    made = ModuleCoordinator(SimpleNamespace(session_id=Word.A, parent_id=Word.A, config={}))
    trace.add(made.session_id, made.parent_id)
    await made.mount("tools", 1, Word.A)
    await made.mount("tools", SimpleNamespace(name=Word.ALLOW))
    trace.add(list(made.mount_points["tools"]), made.get("tools", Word.A), made.to_dict())
    await made.unmount("tools", Word.A)
    made.register_capability(Word.A, 1)
    made.register_contributor(Word.A, Word.A, lambda: 1)
    trace.add(made.to_dict(), made.get_capability("tool:a"), made.channels)
    made.mount_points["context"] = SimpleNamespace(add_message=lambda m: trace.add("stored", m))
    made.display_system = SimpleNamespace(show_message=lambda *a: trace.add("shown", a))
    made.approval_system = _allowing(trace, Word.ALLOW)
    for result in (
        HookResult(action="inject_context", context_injection="text"),
        HookResult(user_message="m"),
        HookResult(action="ask_user", approval_prompt="p"),
    ):
        await trace.call("process", made.process_hook_result, result, Word.A, Word.A)


@scenario
async def texts_of_subclasses_in_a_session(trace: Trace) -> None:
    for answer in (Word.A, Loud("plain"), "a\ud800b"):
        session = session_with(trace, config_of(), session_id=Word.A, parent_id=Word.A)
        await session.initialize()
        trace.add(session.session_id, session.parent_id)

        async def answering(prompt: str, answer: Any = answer, **given: Any) -> Any:
            trace.add("prompt", prompt)
            return answer

        session.coordinator.mount_points["orchestrator"] = SimpleNamespace(execute=answering)
        await trace.call("execute", session.execute, Loud("p"))


@scenario
async def errors_with_lone_surrogates(trace: Trace) -> None:
    for cancelled in (False, True):
        session = session_with(trace, config_of())
        await session.initialize()
        if cancelled:
            session.coordinator.cancellation.request_graceful()

        async def failing(**given: Any) -> None:
            raise ValueError("\ud800")

        session.coordinator.mount_points["orchestrator"] = SimpleNamespace(execute=failing)
        await trace.call("execute", session.execute, "hi")


def _like(fields: dict[str, Any]) -> Any:
    return SimpleNamespace(**fields, model_dump=lambda *given, **named: fields)


@scenario
async def results_with_wrong_fields(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    made = ModuleCoordinator()
    made.approval_system = _allowing(trace, "Allow")
    made.mount_points["context"] = SimpleNamespace(add_message=lambda m: trace.add("stored", m))
    wrong: list[tuple[str, Any]] = [
        *(("approval_options", value) for value in ("ab", [1], 5, ("a", "b"), [])),
        *(("approval_timeout", value) for value in ("5", None, b"5", 5, True)),
        *(("approval_default", value) for value in (None, 5)),
        *(("approval_prompt", value) for value in (5, "\ud800")),
        *((key, 5) for key in ("user_message", "user_message_level", "user_message_source")),
        *(("suppress_output", value) for value in (None, "yes")),
        *(("context_injections", value) for value in (None, 5, [5])),
        *(("append_to_last_tool_result", value) for value in (None, 1)),
        *(("ephemeral", value) for value in (None, 1)),
        *(("context_injection_role", value) for value in (None, 5)),
    ]
    for action in ("continue", "deny", "ask_user", "inject_context", "other"):
        base = {**HookResult(context_injection="text").model_dump(), "action": action}
        for key, value in wrong:
            result = _like({**base, key: value})
            left = await trace.call(f"{action} {key}", made.process_hook_result, result, "e")
            trace.add("same", left is result, made._current_turn_injections)


@scenario
async def results_are_read_at_the_call(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    made = ModuleCoordinator()
    made.approval_system = _allowing(trace, "Allow")
    result = HookResult(action="ask_user", approval_prompt="before")
    waiting = made.process_hook_result(result, "e")
    result.approval_prompt = "after"
    made.approval_system = None
    trace.add(await waiting)
    stored: list[str] = []
    made.mount_points["context"] = SimpleNamespace(add_message=lambda m: stored.append("first"))
    result = HookResult(action="inject_context", context_injection="text")
    waiting = made.process_hook_result(result, "e")
    made.mount_points["context"] = SimpleNamespace(add_message=lambda m: stored.append("second"))
    await waiting
    trace.add(stored)


@scenario
async def services_of_other_kinds(trace: Trace) -> None:
    from amplifier_core import HookResult, ModuleCoordinator

    class Awaitable:
        def __await__(self) -> Any:
            trace.add("awaited")
            return asyncio.sleep(0).__await__()

    made = ModuleCoordinator()
    made.approval_system = SimpleNamespace(request_approval=lambda *a: Awaitable())
    await trace.call("ask", made.process_hook_result, HookResult(action="ask_user"), "e")
    injecting = HookResult(action="inject_context", context_injection="text")
    for add_message in (lambda message: Awaitable(), None, 5):
        made.mount_points["context"] = SimpleNamespace(add_message=add_message)
        await trace.call("inject", made.process_hook_result, injecting, "e")
    await trace.call("no name", made.mount, "tools", _Nameless())
    kinds: list[Any] = [[], None, 5, "x", {1: 2, "a": 3}]
    for tools in kinds:
        made.mount_points["tools"] = tools
        await trace.call("get", made.get, "tools", "a")
        await trace.call("to_dict", made.to_dict)


class _Nameless:
    @property
    def name(self) -> str:
        raise ValueError("no name")


@scenario
async def data_whose_dump_cannot_be_read(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    class Odd:
        @property
        def model_dump(self) -> Any:
            raise ValueError("no dump")

        def __str__(self) -> str:
            return "odd"

    hooks = HookRegistry()
    hooks.register("e", lambda event, data: trace.add("handler", data))
    await trace.call("emit", hooks.emit, "e", Odd())
    hooks.set_default_fields(self=1, event=2)
    await trace.call("defaults", hooks.emit, "e", {})


@scenario
async def tool_results_of_odd_json(trace: Trace) -> None:
    import amplifier_core._engine as engine

    show = engine._tool_result_safe_hook_presentation
    numbers = ("1e400", "-1e400", "-0", "-0.0", "1e-5", "-1.25e-5", "9.9e-5", "1e-6", "1e-7")
    for text in (*numbers, "1e16", "1e15", "5e-324", "1e400000", "9" * 5000, '"\\ud800"'):
        await trace.call(text[:20], show, f'{{"output":{text}}}')
    for text in (
        *("[true]", "[false]", "[true,1,null]", "[true,1,null,null]", "[null,1]", '[true,{"a":1}]'),
        *("[true,1,null,null,5]", "[1]", '[true,1,{"m":1},[{"type":"text","text":"t"}]]'),
        *('{"success":true,"success":false}', '{"other":1,"other":2}', '{"output":{"a":1,"a":2}}'),
        "\ud800",
    ):
        await trace.call(text, show, text)
    content = '[{"type":"text","text":"a","x":1e400}]'
    for text in (content, "\ud800", '[{"type":"text","text":"a","text":"b"}]'):
        try:
            found = engine._normalize_tool_result_content(text)
        except ValueError as error:
            trace.add(text, error)
        else:
            trace.add(text, json.loads(found))
    await trace.call("class", engine.classify_error_message, "\ud800")
    for value in (b"3", bytearray(b"3"), memoryview(b"3"), "3"):
        await trace.call("number", lambda v=value: engine.ProviderError("m", retry_after=v))
        await trace.call("number", lambda v=value: engine.RetryConfig(initial_delay=v))
