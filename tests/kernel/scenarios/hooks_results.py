"""2.2: what handlers return, and how results of several handlers become one."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


async def _emit(trace: Trace, label: str, *results: Any, event: str = "e") -> Any:
    """Emit to one handler per result."""
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    for number, result in enumerate(results):
        hooks.register(event, lambda event, data, result=result: result, 0, f"h{number}")
    return await trace.call(label, hooks.emit, event, {"given": 1})


FULL: dict[str, Any] = {
    "data": {"z": {"b": 1, "a": 2}},
    "reason": "why",
    "context_injection": "scalar",
    "context_injection_role": "user",
    "ephemeral": True,
    "approval_prompt": "may I?",
    "approval_options": ["yes", "no"],
    "approval_timeout": 3,
    "approval_default": "allow",
    "suppress_output": True,
    "user_message": "hello",
    "user_message_level": "error",
    "user_message_source": "source",
    "append_to_last_tool_result": True,
}
ACTIONS = ("continue", "deny", "modify", "inject_context", "ask_user")


@scenario
async def things_that_are_no_result(trace: Trace) -> None:
    from amplifier_core import HookResult

    class Attributes:
        action = "deny"

        def __str__(self) -> str:
            return "attributes"

    class Dumped:
        def model_dump(self, mode: str = "python") -> dict[str, str]:
            return {"action": "deny", "reason": mode}

    things = [True, "deny", [], [{}], {}, 5, 5.0, b"x", (), HookResult, Attributes(), Dumped()]
    for thing in (*things, HookResult(action="deny", reason="model"), {1: 2}):
        await _emit(trace, "thing", thing)


@scenario
async def every_field_of_a_wrong_kind(trace: Trace) -> None:
    wrong: tuple[Any, ...] = (
        None,
        True,
        0,
        1.5,
        "text",
        [],
        ["a"],
        [1],
        {},
        {"a": 1},
        "deny",
        "user",
    )
    for key, value in product(("action", *FULL, "context_injections", "unknown"), wrong):
        await _emit(trace, f"{key} = {value!r}", {"action": "deny", key: value})


@scenario
async def values_that_json_lacks(trace: Trace) -> None:
    for value in (float("nan"), float("inf"), "\ud800", 10**400, 2**70):
        await _emit(trace, "in data", {"action": "modify", "data": {"a": value}})
        await _emit(trace, "in an unknown field", {"action": "deny", "unknown": value})
        await _emit(trace, "as timeout", {"action": "ask_user", "approval_timeout": value})


@scenario
async def injection_items_of_a_wrong_kind(trace: Trace) -> None:
    good = {"content": "text"}
    keys = ("content", "role", "ephemeral", "append_to_last_tool_result", "hook_name", "event")
    wrong: tuple[Any, ...] = (None, True, 1, "tool", "user", [])
    for key, value in product((*keys, "unknown"), wrong):
        item = {**good, key: value}
        await _emit(trace, str(item), {"action": "inject_context", "context_injections": [item]})
    lists: list[Any] = [[{}], [good, {"role": "user"}], ["text"], [None], [[]]]
    for items in lists:
        await _emit(trace, str(items), {"action": "inject_context", "context_injections": items})


@scenario
async def injection_items_as_bare_values(trace: Trace) -> None:
    whole = ["text", "user", True, True, "mine", "mine"]
    wrong: list[list[Any]] = [["text", "tool"], ["text", None], ["text", "user", 1], [1], [None]]
    for item in [*(whole[:length] for length in range(7)), [*whole, "more"], *wrong]:
        await _emit(trace, str(item), {"action": "inject_context", "context_injections": [item]})


@scenario
async def words_as_the_key_of_an_object(trace: Trace) -> None:
    words: list[dict[str, Any]] = [{"deny": None}, {"deny": []}, {"deny": None, "more": None}]
    for word in (*words, {}, {"tool": None}):
        await _emit(trace, str(word), {"action": word})
    for role in ({"user": None}, {"tool": None}, {"user": 0}):
        item = {"content": "text", "role": role}
        result = {"action": "inject_context", "context_injection": "text"}
        await _emit(trace, str(role), {**result, "context_injection_role": role})
        await _emit(trace, f"item {role}", {**result, "context_injections": [item]})
    for key, known in (("approval_default", "allow"), ("user_message_level", "error")):
        for value in ({known: None}, {"other": None}):
            result = {"action": "ask_user", "approval_prompt": "May I?", "user_message": "text"}
            await _emit(trace, f"{key} {value}", {**result, key: value})


@scenario
async def one_handler_with_every_field(trace: Trace) -> None:
    for action in ACTIONS:
        result = await _emit(trace, action, {"action": action, **FULL})
        trace.add(type(result).__name__, sorted(result.model_fields_set))
        items = [{"content": "one", "hook_name": "mine", "event": "mine"}, {"content": "two"}]
        await _emit(
            trace, f"{action} with items", {"action": action, **FULL, "context_injections": items}
        )


@scenario
async def every_pair_of_actions(trace: Trace) -> None:
    for first, second in product(ACTIONS, ACTIONS):
        one = {"action": first, **FULL, "data": {"first": 1}, "reason": "first"}
        two = {"action": second, **FULL, "data": {"second": 1}, "reason": "second"}
        await _emit(trace, f"{first}, {second}", one, two)
        await _emit(trace, f"bare {first}, {second}", {"action": first}, {"action": second})


@scenario
async def modification_reaches_the_next_handler(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    hooks.set_default_fields(default=1)
    steps: list[Any] = [{"a": 1}, None, {}, {"timestamp": "mine", "b": (1,)}]
    for data in steps:

        def modify(event: str, given: Any, data: Any = data) -> Any:
            trace.add("saw", given)
            return {"action": "modify", "data": data}

        hooks.register("e", modify)
    await trace.call("last", hooks.emit, "e", {"original": 1})
    await trace.call("list", hooks.emit, "e", [1])


@scenario
async def denial_stops_everything(trace: Trace) -> None:
    from amplifier_core import HookRegistry

    hooks = HookRegistry()
    hooks.register("e", lambda event, data: {"action": "ask_user"}, -1)
    hooks.register("e", lambda event, data: {"action": "deny", "reason": "no"}, 0)
    hooks.register("e", lambda event, data: trace.add("must not run"), 1)
    await trace.call("denied", hooks.emit, "e", {})


@scenario
async def injections_of_one_handler(trace: Trace) -> None:
    variants: tuple[dict[str, Any], ...] = (
        {},
        {"ephemeral": True},
        {"context_injection_role": "user"},
    )
    for text, flags in product((None, "", "text"), variants):
        await _emit(
            trace,
            f"{text!r} {flags}",
            {"action": "inject_context", "context_injection": text, **flags},
        )
    items = [
        {"content": "one", "role": "assistant", "ephemeral": True},
        {"content": "", "append_to_last_tool_result": True},
        {"content": "three", "role": "user"},
    ]
    await _emit(trace, "items", {"action": "inject_context", "context_injections": items, **FULL})
    await _emit(trace, "no items", {"action": "inject_context", "context_injections": [], **FULL})


@scenario
async def injections_of_several_handlers(trace: Trace) -> None:
    first = {"action": "inject_context", "context_injection": "A", **FULL, "suppress_output": False}
    second = {
        "action": "inject_context",
        "context_injections": [{"content": "B"}, {"content": "C"}],
    }
    none = {"action": "inject_context"}
    await _emit(trace, "two", first, second)
    await _emit(trace, "other way round", second, first)
    await _emit(trace, "with an empty one", none, second)
    await _emit(trace, "only empty ones", none, none)
    await _emit(trace, "with a modification", first, {"action": "modify", "data": {"m": 1}}, second)
    await _emit(trace, "with a question", first, {"action": "ask_user", "reason": "q"}, second)
    await _emit(
        trace,
        "two questions",
        {"action": "ask_user", "reason": "1"},
        {"action": "ask_user", "reason": "2"},
    )


@scenario
async def items_that_continue_are_dropped(trace: Trace) -> None:
    items = [{"content": "dropped"}]
    await _emit(trace, "continue", {"action": "continue", "context_injections": items})
    await _emit(trace, "modify", {"action": "modify", "data": {}, "context_injections": items})
