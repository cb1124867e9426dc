"""The context module by itself."""

from __future__ import annotations

from typing import Any

import pytest
from amplifier_module_context_sidelight import LEFT_OUT, SidelightContext

pytestmark = pytest.mark.unit


class Recorder:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def emit(self, event: str, data: dict[str, Any]) -> None:
        self.events.append((event, data))


class Sizes:
    """A provider for which each message takes ten tokens."""

    def __init__(self, budget: int) -> None:
        self.budget = budget

    def prompt_budget_tokens(self) -> int:
        return self.budget

    def message_tokens(self, message: dict[str, Any]) -> int:
        return 10


async def filled(turns: int, hooks: Recorder | None = None) -> SidelightContext:
    context = SidelightContext(hooks)
    for number in range(turns):
        await context.add_message({"role": "user", "content": f"q{number}"})
        calls = [{"id": f"c{number}", "name": "t", "arguments": {}}]
        await context.add_message({"role": "assistant", "content": "", "tool_calls": calls})
        await context.add_message({"role": "tool", "tool_call_id": f"c{number}", "content": "r"})
        await context.add_message({"role": "assistant", "content": f"a{number}"})
    return context


async def test_without_a_budget_everything_is_sent() -> None:
    context = await filled(3)
    assert await context.get_messages_for_request() == await context.get_messages()


async def test_whole_turns_are_left_out_and_the_history_stays() -> None:
    recorder = Recorder()
    context = await filled(5, recorder)
    sent = await context.get_messages_for_request(provider=Sizes(100))
    assert [m["content"] for m in sent if m["role"] == "user"] == ["q4"]
    assert len(await context.get_messages()) == 20
    assert [event for event, _ in recorder.events] == ["context:compaction"]


async def test_a_request_view_keeps_calls_with_their_results() -> None:
    for budget in range(10, 200, 7):
        context = await filled(5)
        sent = await context.get_messages_for_request(provider=Sizes(budget))
        assert sent[0]["role"] == "user"
        calls = [call["id"] for m in sent for call in m.get("tool_calls", [])]
        assert calls == [m["tool_call_id"] for m in sent if m["role"] == "tool"]


async def test_the_view_starts_later_only() -> None:
    context = await filled(4)
    small = await context.get_messages_for_request(provider=Sizes(90))
    large = await context.get_messages_for_request(provider=Sizes(10_000))
    assert small == large


async def test_the_last_turn_is_always_sent() -> None:
    context = await filled(2)
    sent = await context.get_messages_for_request(token_budget=1)
    assert sent[0]["content"] == "q1"
    assert len(sent) == 4


async def test_the_mark_of_what_was_left_out_survives_a_restore() -> None:
    context = await filled(4)
    sent = await context.get_messages_for_request(provider=Sizes(90))
    stored = await context.get_messages()
    assert stored[12]["metadata"] == {LEFT_OUT: 12}
    restored = SidelightContext()
    await restored.set_messages(stored)
    assert await restored.get_messages_for_request(provider=Sizes(10_000)) == sent


async def test_a_forged_mark_cannot_hide_the_last_turn() -> None:
    context = SidelightContext()
    message = {"role": "user", "content": "q", "metadata": {LEFT_OUT: 999}}
    await context.set_messages([message])
    assert len(await context.get_messages_for_request()) == 1


async def test_callers_cannot_change_what_is_stored() -> None:
    context = SidelightContext()
    message: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "a"}]}
    await context.add_message(message)
    message["content"][0]["text"] = "b"
    (await context.get_messages())[0]["content"][0]["text"] = "c"
    (await context.get_messages_for_request())[0]["content"][0]["text"] = "d"
    assert (await context.get_messages())[0]["content"][0]["text"] == "a"


async def test_the_kernels_budget_of_other_providers() -> None:
    class Other:
        def get_info(self) -> Any:
            class Info:
                defaults = {"context_window": 120, "max_output_tokens": 20}

            return Info()

    context = SidelightContext()
    for number in range(6):
        await context.add_message({"role": "user", "content": f"{number} " + "word " * 20})
        await context.add_message({"role": "assistant", "content": "ok"})
    sent = await context.get_messages_for_request(provider=Other())
    assert 0 < len(sent) < 12
