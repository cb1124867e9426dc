"""The WebLLM provider: streaming events, thinking, tool calls and their repair, errors."""

from __future__ import annotations

from typing import Any

import pytest
from sidelight.contract import ErrorData
from sidelight.kernel import HookResult
from sidelight.testing import Answer, Rig, call, say

pytestmark = pytest.mark.unit


async def test_thinking_streams_apart_and_stays_out_of_the_text() -> None:
    rig = Rig(say("<think>Let me see.</think>\n\nYes."), say("Ok."))
    finished = await rig.turn("Hi")
    assert finished.text == "Yes."
    kinds = [(event.block_index, event.block_type) for event in rig.of("turn.block_start")]
    assert kinds == [(0, "thinking"), (1, "text")]
    texts = {0: "", 1: ""}
    for delta in rig.of("turn.delta"):
        texts[delta.block_index] += delta.text
    assert texts == {0: "Let me see.", 1: "Yes."}
    # The history repeats what the engine has in its cache.
    await rig.turn("More")
    assert rig.engine.requests[1].messages[2].content == "<think>Let me see.</think>\n\nYes."


async def test_a_call_is_hidden_from_the_text() -> None:
    rig = Rig(
        say('Sure. <tool_call>{"name": "list_todos", "arguments": {}}</tool_call>'), say("A.")
    )
    finished = await rig.turn("List")
    assert finished.text == "Sure. \n\nA."
    assert "tool_call" not in "".join(delta.text for delta in rig.of("turn.delta"))


@pytest.mark.parametrize(
    "broken",
    [
        "<tool_call>{name: list_todos}</tool_call>",
        '<tool_call>{"name": "list_todo", "arguments": {}}</tool_call>',
        '<tool_call>{"name": "list_todos", "arguments": {"x": 1}}</tool_call>',
        '<tool_call>{"name": "list_todos", "argu',
    ],
)
async def test_one_repair_round_under_a_grammar(broken: str) -> None:
    rig = Rig(say(broken), call("list_todos"), say("Empty."))
    finished = await rig.turn("List")
    assert finished.text == "Empty."
    first, repair, _ = rig.engine.requests
    assert first.options.grammar is None
    assert repair.options.grammar is not None
    assert "list_todos" in repair.options.grammar
    assert repair.messages == first.messages
    assert finished.transcript[1]["metadata"]["webllm"]["raw"] == (
        '<tool_call>{"name": "list_todos", "arguments": {}}</tool_call>'
    )
    assert finished.usage is not None
    assert len(rig.engine.requests) == 3


@pytest.mark.parametrize(
    ("copied", "repaired", "runs"),
    [("buy milk", None, "buy milk"), ("tibuy milk", "buy milk", "buy milk"), ("x y", "{", "x y")],
)
async def test_the_starter_repairs_what_it_miscopied(
    copied: str, repaired: str | None, runs: str
) -> None:
    again = [] if repaired is None else [call("add_todo", text=repaired)]
    if repaired == "{":
        again = [say("<tool_call>{</tool_call>")]
    answers = [call("add_todo", text=copied), *again, say("Done.")]
    rig = Rig(*answers, decisions=["allow"])
    await rig.turn("Add buy milk to my list", family="starter")
    assert [todo.text for todo in rig.host.todos] == [runs]
    if repaired:
        grammar = rig.engine.requests[1].options.grammar
        assert grammar is not None and "buy" in grammar and "list_todos" not in grammar


async def test_after_a_failed_repair_the_user_is_told_and_nothing_runs() -> None:
    rig = Rig(say("Well. <tool_call>{</tool_call>"), say("<tool_call>{</tool_call>"), say("Hi."))
    finished = await rig.turn("List")
    assert finished.status == "completed"
    assert finished.text == "Well. "
    assert [notice.code for notice in rig.of("turn.notice")] == ["tool_call_invalid"]
    assert rig.of("turn.tool_call") == []
    await rig.turn("Hi")
    assert "tool_call" not in "".join(m.content for m in rig.engine.requests[-1].messages[1:])


async def test_a_tool_that_is_not_there_is_not_guessed() -> None:
    rig = Rig(call("find", text="moon"))
    finished = await rig.turn("Find moon on the page.", family="tiny")
    assert finished.status == "completed"
    assert len(rig.engine.requests) == 1
    (notice, empty) = rig.of("turn.notice")
    assert "there is no tool named 'find'" in notice.message
    assert empty.code == "empty_answer"


async def test_a_call_is_dropped_when_none_is_allowed() -> None:
    rig = Rig(say('A. <tool_call>{"name": "list_todos", "arguments": {}}</tool_call>'))
    finished = await rig.turn("List", options={"tool_choice": "none"})
    assert finished.text == "A. "
    assert [notice.code for notice in rig.of("turn.notice")] == ["tool_call_dropped"]
    assert rig.host.executions == []


@pytest.mark.parametrize(
    ("choice", "family", "constrained"),
    [
        ("auto", "general", False),
        ("required", "general", True),
        ("list_todos", "general", True),
        ("required", "tiny", True),
        ("auto", "tiny", False),
        ("auto", "starter", True),
        ("none", "starter", True),
        ("required", "starter", True),
    ],
)
async def test_tool_choice_acts_through_the_grammar(
    choice: str, family: str, constrained: bool
) -> None:
    rig = Rig(call("list_todos"), say("The list is empty."))
    await rig.turn("List", family=family, options={"tool_choice": choice})
    grammar = rig.engine.requests[0].options.grammar
    assert (grammar is not None) is constrained
    if choice == "list_todos":
        assert grammar is not None and "add_todo" not in grammar


async def test_a_choice_that_is_not_offered_is_an_error() -> None:
    rig = Rig()
    finished = await rig.turn("Go", options={"tool_choice": "fly"})
    assert finished.status == "failed"
    assert finished.error is not None
    assert finished.error.code == "unknown_tool"
    assert "fly" in finished.error.message


async def test_options_reach_the_engine() -> None:
    rig = Rig(say("x"))
    options = {"temperature": 0.5, "top_p": 0.9, "seed": 7, "max_tokens": 33}
    await rig.turn("Hi", options=options)
    sent = rig.engine.requests[0].options
    assert (sent.temperature, sent.top_p, sent.seed, sent.max_tokens) == (0.5, 0.9, 7, 33)


async def test_an_engine_error_keeps_its_data_and_aborts_the_stream() -> None:
    rig = Rig(say("Hi."))
    await rig.turn("Hi")
    coordinator = rig.bridge.sessions._live["c1"].session.coordinator
    seen: list[tuple[str, Any]] = []

    async def record(event: str, data: dict[str, Any]) -> HookResult:
        seen.append((event, data))
        return HookResult(action="continue")

    for event in ("llm:stream_aborted", "llm:response", "provider:error"):
        coordinator.hooks.register(event, record, name="record")
    error = ErrorData(code="context_too_long", message="Too long.", hint="Cut.", retryable=False)
    rig.engine.answers = [Answer(("Part",), error=error)]
    finished = await rig.turn("Go")
    assert finished.error == error
    assert finished.text == "Part"
    assert [event for event, _ in seen] == ["llm:stream_aborted", "llm:response", "provider:error"]
    assert seen[1][1]["status"] == "error"
    assert seen[2][1]["error"]["type"] == "ContextLengthError"


async def test_usage_adds_up_over_the_calls_of_a_turn() -> None:
    rig = Rig(call("list_todos"), say("Empty."))
    finished = await rig.turn("List")
    prompts = [sum(len(m.content) for m in r.messages) for r in rig.engine.requests]
    assert finished.usage is not None
    assert finished.usage.prompt_tokens == sum(prompts)
    assert finished.usage.prefilled_tokens == sum(prompt // 2 for prompt in prompts)
    assert finished.usage.model_calls == 2
    assert finished.usage.decode_tokens_per_s == 50.0


async def test_provider_info_names_the_window_of_the_turns_model() -> None:
    rig = Rig(say("Hi."))
    await rig.turn("Hi")
    live = rig.bridge.sessions._live["c1"]
    provider = live.session.coordinator.get("providers")["webllm"]
    assert await provider.list_models() == []
    assert provider.get_info().defaults["context_window"] == 4096
