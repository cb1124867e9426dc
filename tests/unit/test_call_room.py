"""A call that is forced or repaired always ends before the window does."""

from __future__ import annotations

from typing import Any

import pytest
from amplifier_module_provider_webllm import WebLLMProvider
from amplifier_module_provider_webllm.choices import least_tokens, offered, within
from amplifier_module_tool_todo import AddTodoTool
from sidelight import budget
from sidelight.contract import EngineGenerate, ModelInfo, TurnOptions
from sidelight.grammar import tool_calls
from sidelight.kernel import ToolSpec
from sidelight.prompts import OfferedTool
from sidelight.prompts.base import schemas
from sidelight.schema import LADDER, MOST_CALL_BYTES, Limits, call_bytes, normalise
from sidelight.testing import MODELS, Answer, Rig, call, say
from sidelight.tokens import LARGE, MESSAGE_OVERHEAD_TOKENS

pytestmark = pytest.mark.unit

MODEL = MODELS["general"]
WINDOW = MODEL.context_window_tokens
SCHEMA = normalise(AddTodoTool.input_schema)
BROKEN = '<tool_call>{"name": "add_todo", "arguments": {"words": 1}}</tool_call>'
LONG = "b" * 40_000


def pairs(text: str) -> int:
    """A tokenizer that knows pairs of letters only."""
    return (len(text) + 1) // 2


def limits_of(request: EngineGenerate) -> Limits:
    """The bounds under which the request's grammar holds a call of add_todo."""
    for limits in LADDER:
        tool = OfferedTool("add_todo", AddTodoTool.description, SCHEMA, limits)
        if tool_calls(schemas([tool])) == request.options.grammar:
            return limits
    raise AssertionError(f"not held to add_todo: {request.options.grammar}")


def free_tokens(rig: Rig, request: EngineGenerate) -> int:
    """Tokens that the prompt leaves, as the engine counts them or as they are estimated."""
    if rig.engine.tokens_of:
        return WINDOW - rig.engine.prompt_tokens(request.messages)
    used = [LARGE.estimate(m.content) + MESSAGE_OVERHEAD_TOKENS for m in request.messages]
    return WINDOW - sum(used)


def fits(rig: Rig, request: EngineGenerate) -> Limits:
    """Check that the longest call and its end mark fit; the bounds that were chosen."""
    limits = limits_of(request)
    longest = call_bytes("add_todo", SCHEMA, limits)
    assert longest + 1 <= min(request.options.max_tokens, free_tokens(rig, request))
    assert request.options.stop == []
    return limits


def rig_with(tokens_of: Any, *answers: Answer) -> Rig:
    rig = Rig(*answers, say("Done."), decisions=["allow"])
    rig.engine.tokens_of = tokens_of
    return rig


@pytest.mark.parametrize("tokens_of", [pairs, None])
@pytest.mark.parametrize("max_tokens", [1, 64, 512])
async def test_a_forced_call_on_a_full_window_has_its_widest_bounds(
    tokens_of: Any, max_tokens: int
) -> None:
    rig = rig_with(tokens_of, call("add_todo", text="milk"))
    options = {"tool_choice": "add_todo", "max_tokens": max_tokens, "stop": ["milk"]}
    await rig.turn(LONG, options=options)
    assert rig.of("turn.notice")[0].code == "message_cut"
    assert fits(rig, rig.engine.requests[0]) == LADDER[0]
    assert [todo.text for todo in rig.host.todos] == ["milk"]


@pytest.mark.parametrize("tokens_of", [pairs, None])
@pytest.mark.parametrize("max_tokens", [1, 64, 160, 512])
async def test_a_repair_on_a_full_window_is_bounded_by_what_is_left(
    tokens_of: Any, max_tokens: int
) -> None:
    rig = rig_with(tokens_of, say(BROKEN), call("add_todo", text="milk"))
    await rig.turn(LONG, options={"max_tokens": max_tokens, "stop": ["milk"]})
    asked, repair = rig.engine.requests[:2]
    assert repair.messages == asked.messages
    limits = fits(rig, repair)
    assert (limits == LADDER[0]) == (max_tokens == 512)
    assert [todo.text for todo in rig.host.todos] == ["milk"]


async def test_older_turns_make_room_for_a_forced_call() -> None:
    rig = rig_with(pairs, *[say("Yes.")] * 4, call("add_todo", text="milk"))
    for _ in range(4):
        await rig.turn("c" * 1600, options={"max_tokens": 160})
    assert free_tokens(rig, rig.engine.requests[-1]) < budget.call_tokens(MODEL)
    await rig.turn("Add milk", options={"max_tokens": 160, "tool_choice": "required"})
    forced = rig.engine.requests[4]
    assert free_tokens(rig, forced) >= budget.call_tokens(MODEL)
    assert [notice.code for notice in rig.of("turn.notice", "t5")] == ["older_messages_left_out"]


async def test_what_a_prompt_keeps_free_is_for_the_longest_tool() -> None:
    options = TurnOptions(max_tokens=40)
    assert budget.kept_tokens(MODEL, options) == 40
    assert budget.kept_tokens(MODEL, options, 90) == 90
    forced = options.model_copy(update={"tool_choice": "add_todo"})
    assert budget.kept_tokens(MODEL, forced, 90) == budget.call_tokens(MODEL)
    assert budget.kept_tokens(MODEL, forced) == 40
    tool = OfferedTool("add_todo", "", SCHEMA)
    least = least_tokens([tool])
    assert within([tool], least)[0] == [OfferedTool("add_todo", "", SCHEMA, LADDER[-1])]
    assert within([tool], least - 1) == ([], ["add_todo"])


# ------------------------------------------------------------ tools that fit no window


class WideTool:
    """A tool that may be registered, whose call is too long for a small window."""

    name = "fill_form"
    description = "Fill a form"
    input_schema = {
        "type": "object",
        "properties": {f"field_{n}": {"type": "string"} for n in range(20)},
    }


def small(window_tokens: int) -> ModelInfo:
    return MODEL.model_copy(update={"context_window_tokens": window_tokens})


async def rig_with_wide_tool(*answers: Answer, window_tokens: int = 2048, **options: Any) -> Rig:
    rig = Rig(say("Hi."), *answers)
    await rig.turn("Hi")
    tools = rig.bridge.sessions._live["c1"].session.coordinator
    await tools.mount("tools", WideTool(), name=WideTool.name)
    await rig.turn("Fill it", model=small(window_tokens), options=options)
    return rig


async def test_a_tool_that_fits_no_window_is_told_once() -> None:
    longest = call_bytes(WideTool.name, normalise(WideTool.input_schema), LADDER[-1])
    assert budget.call_tokens(small(2048)) <= longest < MOST_CALL_BYTES
    rig = await rig_with_wide_tool(say("No."), say("No."))
    (notice,) = rig.of("turn.notice", "t2")
    assert notice.code == "tool_too_long"
    assert "fill_form" in notice.message and "2,048" in notice.message
    assert "fill_form" not in rig.engine.requests[-1].messages[0].content
    await rig.turn("And now?", model=small(2048))
    assert rig.of("turn.notice", "t3") == []


async def test_a_tool_that_fits_is_not_told_of() -> None:
    rig = await rig_with_wide_tool(say("No."), window_tokens=8192)
    assert rig.of("turn.notice", "t2") == []


async def test_asking_for_a_tool_that_fits_no_window_says_why() -> None:
    rig = await rig_with_wide_tool(tool_choice="fill_form")
    finished = rig.host.finished("t2")
    assert finished is not None and finished.error is not None
    assert finished.error.code == "tool_too_long"
    assert "fill_form" in finished.error.message and "larger" in finished.error.hint


@pytest.mark.parametrize("left_tokens", [0, 10])
async def test_where_no_call_fits_none_is_asked_for(
    left_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ToolSpec(name="add_todo", description="", parameters=AddTodoTool.input_schema)
    assert offered([spec], 10) == ([], ["add_todo"])

    async def left(*_: Any) -> int:
        return left_tokens

    monkeypatch.setattr(WebLLMProvider, "_left_tokens", left)
    rig = Rig(say(BROKEN), say("Never asked for."))
    await rig.turn("Add milk")
    assert len(rig.engine.requests) == 1
    assert [notice.code for notice in rig.of("turn.notice")][:1] == ["tool_call_invalid"]
    finished = await rig.turn("Add milk", options={"tool_choice": "add_todo"})
    assert finished.error is not None and finished.error.code == "tool_too_long"
    assert len(rig.engine.requests) == 1
