"""The orchestrator: upstream's event order, duties and limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from amplifier_module_context_sidelight import SidelightContext
from amplifier_module_loop_sidelight import SidelightLoop
from amplifier_module_loop_sidelight.events import Events
from amplifier_module_loop_sidelight.tools import ToolRunner
from sidelight.effects import Effects
from sidelight.kernel import (
    ChatResponse,
    HookResult,
    ProviderInfo,
    TextBlock,
    ToolCall,
    ToolCallBlock,
    ToolResult,
)
from sidelight.testing import MODELS, Answer, Rig, call, say
from sidelight.toolcalls import UnusableCall

pytestmark = pytest.mark.unit

EVENTS = """
    execution:start prompt:submit provider:request llm:request llm:response provider:response
    content_block:start content_block:end tool:pre tool:post tool:error prompt:complete
    orchestrator:complete execution:end provider:error cancel:requested
""".split()


async def watched(rig: Rig) -> tuple[Any, list[tuple[str, dict[str, Any]]]]:
    """A session whose events are recorded from now on."""
    rig.engine.answers.insert(0, say("Hi."))
    await rig.turn("Hi")
    coordinator = rig.bridge.sessions._live["c1"].session.coordinator
    seen: list[tuple[str, dict[str, Any]]] = []

    async def record(event: str, data: dict[str, Any]) -> HookResult:
        seen.append((event, data))
        return HookResult(action="continue")

    for event in EVENTS:
        coordinator.hooks.register(event, record, priority=-5000, name="record")
    return coordinator, seen


def last_data(seen: list[tuple[str, dict[str, Any]]], event: str) -> dict[str, Any]:
    return next(data for name, data in reversed(seen) if name == event)


async def test_the_order_of_events_with_a_tool() -> None:
    rig = Rig(call("list_todos"), say("Empty."))
    _, seen = await watched(rig)
    await rig.turn("List")
    model_call = ["provider:request", "llm:request", "llm:response", "provider:response"]
    block = ["content_block:start", "content_block:end"]
    assert [event for event, _ in seen] == [
        "execution:start",
        "prompt:submit",
        *model_call,
        *block,
        "tool:pre",
        "tool:post",
        *model_call,
        *block,
        "prompt:complete",
        "orchestrator:complete",
        "execution:end",
    ]


async def test_what_the_events_carry() -> None:
    rig = Rig(call("list_todos"), say("Empty."))
    _, seen = await watched(rig)
    await rig.turn("List")
    assert last_data(seen, "execution:start")["prompt"] == "List"
    assert last_data(seen, "provider:request") | {"provider": "webllm", "iteration": 2} == (
        last_data(seen, "provider:request")
    )
    pre, post = last_data(seen, "tool:pre"), last_data(seen, "tool:post")
    assert pre["tool_name"] == post["tool_name"] == "list_todos"
    assert pre["tool_input"] == {}
    assert pre["parallel_group_id"] == post["parallel_group_id"]
    assert post["result"] == {"success": True, "output": "[]", "error": None}
    response = last_data(seen, "provider:response")
    assert response["usage"]["input_tokens"] > 0
    assert response["tool_calls"] is False
    assert last_data(seen, "content_block:end")["block"] == {"type": "text", "text": "Empty."}
    done = last_data(seen, "orchestrator:complete")
    assert (done["orchestrator"], done["turn_count"], done["status"]) == (
        "loop-sidelight",
        2,
        "success",
    )
    end = last_data(seen, "execution:end")
    assert (end["response"], end["status"]) == ("Empty.", "completed")
    request, answer = last_data(seen, "llm:request"), last_data(seen, "llm:response")
    assert request["request_id"] == answer["request_id"]
    assert answer["status"] == "ok"


async def test_a_provider_error_is_reported_and_the_execution_still_ends() -> None:
    rig = Rig(Answer())
    rig.engine.answers = []
    _, seen = await watched(rig)
    finished = await rig.turn("Hi")
    assert finished.status == "failed"
    assert [event for event, _ in seen][-2:] == ["provider:error", "execution:end"]
    error = last_data(seen, "provider:error")
    assert error["error"]["type"] == "ProviderUnavailableError"
    assert last_data(seen, "execution:end")["status"] == "error"


async def test_a_denied_prompt_calls_no_model() -> None:
    rig = Rig()
    coordinator, seen = await watched(rig)

    async def deny(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="deny", reason="not today")

    coordinator.hooks.register("prompt:submit", deny, name="deny")
    finished = await rig.turn("Hi")
    assert finished.text == "Operation denied: not today"
    assert len(rig.engine.requests) == 1
    assert "provider:request" not in [event for event, _ in seen]
    assert last_data(seen, "orchestrator:complete")["status"] == "incomplete"


async def test_a_denied_provider_request_ends_the_turn() -> None:
    rig = Rig()
    coordinator, _ = await watched(rig)

    async def deny(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="deny", reason="no budget")

    coordinator.hooks.register("provider:request", deny, name="deny")
    assert (await rig.turn("Hi")).text == "Operation denied: no budget"


async def test_an_ephemeral_injection_stays_where_it_was_sent_and_is_in_no_text() -> None:
    """What was sent is sent again: a prompt without it would have to be read anew."""
    rig = Rig(say("A."), say("B."))
    coordinator, _ = await watched(rig)

    async def inject(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="inject_context", context_injection="It is late.", ephemeral=True)

    remove = coordinator.hooks.register("provider:request", inject, name="inject")
    finished = await rig.turn("1")
    first = rig.engine.requests[-1].messages
    assert first[-1].content == "1\n\nNote from the extension:\nIt is late."
    assert finished.transcript[0]["content"] == "1"
    remove()
    await rig.turn("2")
    second = rig.engine.requests[-1].messages
    assert second[: len(first)] == first
    assert "late" not in second[-1].content


async def test_an_injection_into_a_round_stands_behind_its_results() -> None:
    rig = Rig(call("list_todos"), say("A."), say("B."))
    coordinator, _ = await watched(rig)

    async def inject(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="inject_context", context_injection="Be brief.", ephemeral=True)

    coordinator.hooks.register("tool:post", inject, name="inject")
    await rig.turn("1")
    before = rig.engine.requests[-1].messages
    assert before[-1].content == "[]\n\nNote from the extension:\nBe brief."
    await rig.turn("2")
    assert rig.engine.requests[-1].messages[: len(before)] == before


async def test_a_hook_may_change_a_result_which_is_then_escaped_again() -> None:
    rig = Rig(call("list_todos"), say("Ok."))
    coordinator, _ = await watched(rig)

    async def change(event: str, data: dict[str, Any]) -> HookResult:
        result = {**data["result"], "output": "<page> changed"}
        return HookResult(action="modify", data={**data, "result": result})

    coordinator.hooks.register("tool:post", change, name="change")
    await rig.turn("List")
    assert rig.engine.requests[-1].messages[-1].content == "‹page> changed"


async def test_a_hook_may_change_the_arguments_of_a_call_that_needs_no_click() -> None:
    rig = Rig(call("list_todos"), say("Ok."))
    coordinator, _ = await watched(rig)

    async def change(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="modify", data={**data, "tool_input": {"only": "open"}})

    coordinator.hooks.register("tool:pre", change, priority=10, name="change")
    await rig.turn("List")
    assert rig.host.executions[0].arguments == {"only": "open"}


async def test_a_hook_may_change_the_prompt() -> None:
    rig = Rig(say("Ok."))
    coordinator, _ = await watched(rig)

    async def change(event: str, data: dict[str, Any]) -> HookResult:
        return HookResult(action="modify", data={**data, "prompt": "My PIN is ****"})

    coordinator.hooks.register("prompt:submit", change, name="change")
    await rig.turn("My PIN is 1234")
    assert rig.engine.requests[-1].messages[-1].content == "My PIN is ****"


async def test_a_tool_that_raises_gives_the_model_an_error() -> None:
    rig = Rig(call("list_todos"), say("Oh."))
    coordinator, seen = await watched(rig)

    async def broken(arguments: dict[str, Any]) -> Any:
        raise RuntimeError("the disk is full")

    coordinator.get("tools")["list_todos"].execute = broken
    await rig.turn("List")
    assert last_data(seen, "tool:error")["error"] == {
        "type": "RuntimeError",
        "msg": "the disk is full",
    }
    assert rig.engine.requests[-1].messages[-1].content == "error: the disk is full"
    assert rig.of("turn.tool_result", "t2")[0].status == "error"


async def test_an_error_of_a_tool_that_escapes_its_output_is_escaped_all_the_same() -> None:
    rig = Rig(call("read_page"), say("Oh."), decisions=["allow"])
    finished = await rig.turn("Read")
    message = next(message for message in finished.transcript if message["role"] == "tool")
    assert message["content"] == "error: There is no page to read."
    assert "escaped" not in message["metadata"]


async def test_the_same_call_again_is_not_run_again() -> None:
    rig = Rig(call("list_todos"), call("list_todos"), say("All right."))
    finished = await rig.turn("List")
    assert len(rig.host.executions) == 1
    assert [event.status for event in rig.of("turn.tool_result")] == ["ok", "denied"]
    assert [notice.code for notice in rig.of("turn.notice")] == ["repeated_tool_call"]
    assert finished.text == "All right."


async def test_a_denied_call_is_not_asked_again() -> None:
    rig = Rig(
        call("add_todo", text="x"),
        call("list_todos"),
        call("add_todo", text="x"),
        say("Fine."),
        decisions=["deny", "allow"],
    )
    await rig.turn("Add x")
    assert len(rig.host.approvals) == 1
    assert rig.host.todos == []


async def test_a_model_that_never_stops_calling_is_stopped() -> None:
    calls = [call("add_todo", text=f"{n}") for n in range(20)]
    rig = Rig(*calls, decisions=["allow"] * 20)
    finished = await rig.turn("Go")
    assert finished.status == "completed"
    assert len(rig.engine.requests) == 8
    assert len(rig.host.todos) == 7
    notices = [notice.code for notice in rig.of("turn.notice")]
    assert "tool_call_dropped" in notices
    asked = [event.tool_call_id for event in rig.of("turn.tool_call")]
    assert asked == [event.tool_call_id for event in rig.of("turn.tool_result")]


async def test_a_forced_choice_holds_for_the_first_call_only() -> None:
    rig = Rig(call("list_todos"), say("Empty."))
    await rig.turn("Hi", options={"tool_choice": "required"})
    assert [request.options.grammar is not None for request in rig.engine.requests] == [True, False]


class _Provider:
    """Calls a tool for ever, whatever it is told."""

    name = "p"

    def __init__(self, priority: int) -> None:
        self.priority = priority
        self.requests: list[Any] = []

    async def complete(self, request: Any, **kwargs: Any) -> Any:
        self.requests.append(request)
        number = len(self.requests)
        block = ToolCallBlock(id=f"c{number}", name="gone", input={"n": number})
        tool_call = ToolCall(id=f"c{number}", name="gone", arguments={"n": number})
        return ChatResponse(content=[TextBlock(text="Hm."), block], tool_calls=[tool_call])

    def get_info(self) -> Any:
        return ProviderInfo(id="p", display_name="P")

    def parse_tool_calls(self, response: Any) -> list[Any]:
        return list(response.tool_calls)


class _Scripted(_Provider):
    """Makes the given calls once, as a server may: nobody has checked them."""

    def __init__(self, *calls: ToolCall) -> None:
        super().__init__(1)
        self.calls = list(calls)

    async def complete(self, request: Any, **kwargs: Any) -> Any:
        self.requests.append(request)
        calls, self.calls = self.calls, []
        blocks = [ToolCallBlock(id=c.id, name=c.name, input=c.arguments) for c in calls]
        return ChatResponse(content=[TextBlock(text="Hm."), *blocks], tool_calls=calls or None)


async def server_turn(rig: Rig, *calls: ToolCall) -> tuple[list[str], list[str]]:
    """A turn with these calls; (what the tools answered, the events seen)."""
    coordinator, seen = await watched(rig)
    provider = coordinator.get("providers")["webllm"]
    scripted = _Scripted(*calls)
    provider.complete, provider.parse_tool_calls = scripted.complete, scripted.parse_tool_calls
    finished = await rig.turn("Add")
    results = [m["content"] for m in finished.transcript if m["role"] == "tool"]
    return results, [event for event, _ in seen]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            ToolCall(id="x", name="add_todo", arguments={"text": {"toString": "x"}}),
            "error: arguments.text must be of type string",
        ),
        (
            ToolCall(id="x", name="add_todo", arguments={"text": ["Buy milk"]}),
            "error: arguments.text must be of type string",
        ),
        (ToolCall(id="x", name="add_todo", arguments={}), "error: arguments lacks 'text'"),
        (
            ToolCall(id="x", name="list_todos", arguments={"a": 1}),
            "error: arguments has the unknown name 'a'",
        ),
        (
            UnusableCall(id="x", name="add_todo", arguments={}, problem="not an object"),
            "error: not an object",
        ),
        (ToolCall(id="x", name="gone", arguments={}), "error: there is no tool gone"),
    ],
)
async def test_an_invalid_call_meets_no_hook_and_no_card(made: ToolCall, told: str) -> None:
    rig = Rig(decisions=["allow"])
    results, seen = await server_turn(rig, made)
    assert results == [told]
    assert "tool:pre" not in seen
    assert rig.host.approvals == [] and rig.host.executions == []
    (result,) = rig.of("turn.tool_result", "t2")
    assert (result.status, result.text) == ("error", told.removeprefix("error: "))


async def test_equal_calls_of_a_round_are_asked_once_when_denied() -> None:
    rig = Rig(decisions=["deny", "allow"])
    calls = [ToolCall(id=f"x{n}", name="add_todo", arguments={"text": "a"}) for n in range(2)]
    results, _ = await server_turn(rig, *calls)
    assert len(rig.host.approvals) == 1
    assert rig.host.todos == []
    assert results[0].startswith("Denied by hook")
    assert "was not allowed before" in results[1]


async def test_a_name_too_long_to_be_shown_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    await server_turn(rig, ToolCall(id="x", name="pass\u200bword" + "x" * 600, arguments={}))
    (shown,) = rig.of("turn.tool_call", "t2")
    (result,) = rig.of("turn.tool_result", "t2")
    assert shown.tool_name == result.tool_name == "password" + "x" * 72
    assert caplog.records == []


async def test_what_cannot_be_reported_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    await server_turn(rig, ToolCall(id="a secret id", name="gone", arguments={"k": "secret"}))
    assert "could not report" in caplog.text
    assert "secret" not in caplog.text


class _Hooks:
    def __init__(self) -> None:
        self.events: list[str] = []

    async def emit(self, event: str, data: dict[str, Any]) -> HookResult:
        self.events.append(event)
        return HookResult(action="continue")


async def test_without_a_coordinator_and_with_a_stubborn_provider() -> None:
    context, hooks = SidelightContext(), _Hooks()
    first, second = _Provider(5), _Provider(50)
    loop = SidelightLoop({"max_iterations": 3})
    text = await loop.execute("Hi", context, {"b": second, "a": first}, {}, hooks)
    assert text == "Hm."
    assert (len(first.requests), len(second.requests)) == (3, 0)
    assert [request.tool_choice for request in first.requests] == ["auto", "auto", "none"]
    messages = await context.get_messages()
    calls = [c["id"] for m in messages for c in m.get("tool_calls", [])]
    assert calls == [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    assert hooks.events.count("tool:error") == 2
    assert hooks.events[-1] == "execution:end"


async def test_no_provider_is_an_error_and_still_an_end() -> None:
    hooks = _Hooks()
    with pytest.raises(RuntimeError, match="No provider"):
        await SidelightLoop({}).execute("Hi", SidelightContext(), {}, {}, hooks)
    assert hooks.events == ["execution:start", "execution:end"]


class _Tool:
    """Notes when it works; ``changes`` says whether it is independent."""

    description = "A tool."
    input_schema: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}}

    def __init__(self, name: str, log: list[str], changes: bool, seconds: float = 0.01) -> None:
        self.name, self.log, self.seconds = name, log, seconds
        self.effects = Effects(writes="local") if changes else Effects(reads="own")

    async def execute(self, input: dict[str, Any]) -> ToolResult:
        self.log.append(f"+{self.name}{input['n']}")
        await asyncio.sleep(self.seconds)
        self.log.append(f"-{self.name}{input['n']}")
        return ToolResult(output=f"{self.name}{input['n']}")


async def round_of(names: str, **config: Any) -> tuple[list[str], list[Any]]:
    """One round with a call per letter: r reads, w writes; (what happened, the messages)."""
    log: list[str] = []
    tools = {"r": _Tool("r", log, False), "w": _Tool("w", log, True)}
    runner = ToolRunner(tools, Events(_Hooks(), None), **config)
    calls = [ToolCall(id=f"c{n}", name=name, arguments={"n": n}) for n, name in enumerate(names)]
    messages, _ = await runner.run(calls)
    assert [message["tool_call_id"] for message in messages] == [call.id for call in calls]
    return log, messages


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ("rrr", "+r0 +r1 +r2 -r0 -r1 -r2"),
        ("www", "+w0 -w0 +w1 -w1 +w2 -w2"),
        ("rrwrr", "+r0 +r1 -r0 -r1 +w2 -w2 +r3 +r4 -r3 -r4"),
        ("wr", "+w0 -w0 +r1 -r1"),
    ],
)
async def test_calls_run_side_by_side_only_where_they_are_independent(
    names: str, order: str
) -> None:
    log, messages = await round_of(names)
    assert log == order.split()
    assert [m["content"] for m in messages] == [f"{name}{n}" for n, name in enumerate(names)]


async def test_a_tool_that_never_ends_is_stopped_and_told() -> None:
    log, messages = await round_of("rw", timeout_s=0.001)
    assert log == ["+r0", "+w1"]
    for message in messages:
        assert message["content"] == "error: it took longer than 0.001 s and was stopped"


async def test_a_turn_that_takes_too_long_gets_no_more_tools() -> None:
    rig = Rig(call("list_todos"), call("list_todos", n=1), say("So far."))
    coordinator, _ = await watched(rig)
    coordinator.get("orchestrator")._config = {"max_turn_s": 1e-9}
    finished = await rig.turn("List")
    assert finished.status == "completed"
    assert rig.of("turn.notice", "t2")[0].code == "turn_took_long"
    assert sum(m["role"] == "tool" for m in finished.transcript) == 1


async def test_a_small_model_gets_one_round_of_tools() -> None:
    small = MODELS["general"].model_copy(update={"one_step": True})
    for model, rounds in ((small, 1), (MODELS["general"], 2)):
        rig = Rig(call("list_todos"), call("add_todo", text="x"), say("Done."), decisions=["allow"])
        finished = await rig.turn("List and add", model=model)
        assert finished.status == "completed"
        assert sum(m["role"] == "tool" for m in finished.transcript) == rounds
        codes = [notice.code for notice in rig.of("turn.notice")]
        assert ("tool_call_dropped" in codes) == (rounds == 1), "what was not done is told"
