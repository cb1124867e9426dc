"""The session in a terminal: the same modules, with a real HTTP server behind them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sidelight.console import chat

from tests.providers.server import END, event, reply, serving, stream

pytestmark = pytest.mark.unit


def tool(name: str, **arguments: Any) -> Any:
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"index": 0, "id": "call_1", "function": function}
    return stream(event(tool_calls=[call]), event(finish_reason="tool_calls"), END)


def say(text: str) -> Any:
    return stream(event(content=text), event(finish_reason="stop"), END)


async def run(base_url: str, *arguments: str) -> tuple[int, str]:
    options = chat.parse([arguments[0], "--base-url", base_url, "--model", "m", *arguments[1:]])
    out: list[str] = []
    code = await chat.run(options, out.append)
    return code, "".join(out)


async def test_a_question_is_answered_and_the_tools_are_offered() -> None:
    async with serving(say("Hello there.")) as server:
        code, out = await run(server.base_url, "chat", "Hi", "you")
    assert (code, out) == (0, "Hello there.\n")
    body = server.bodies[0]
    assert body["messages"][-1] == {"role": "user", "content": "Hi you"}
    names = [entry["function"]["name"] for entry in body["tools"]]
    assert names == ["read_page", "add_todo", "list_todos", "complete_todo"]


@pytest.mark.parametrize("allowed", [True, False])
async def test_an_effect_needs_a_yes(allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or "n")
    flags = ["--allow"] if allowed else []
    async with serving(tool("add_todo", text="milk"), say("Done.")) as server:
        code, out = await run(server.base_url, "chat", *flags, "Add milk")
    assert code == 0 and "Done." in out
    result = server.bodies[1]["messages"][-1]
    assert result["role"] == "tool" and result["tool_call_id"] == "call_1"
    assert (result["content"] == "added") is allowed
    assert len(asked) == (0 if allowed else 1)


async def test_the_key_comes_from_the_environment_and_any_model_name_will_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIDELIGHT_TEST_KEY", "secret")
    async with serving(say("Hello.")) as server:
        flags = ["--model", "org/a model:8b", "--key-name", "SIDELIGHT_TEST_KEY"]
        code, out = await run(server.base_url, "events", *flags, "Hi")
    assert code == 0
    assert server.bodies[0]["model"] == "org/a model:8b"
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert "secret" not in out


async def test_a_server_of_anthropics_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_TEST_KEY", "secret")
    values = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    ]
    script = stream(*[f"data: {json.dumps(value)}\n\n".encode() for value in values])
    async with serving(script) as server:
        flags = ["--provider", "anthropic", "--key-name", "SIDELIGHT_TEST_KEY"]
        code, out = await run(server.base_url, "chat", *flags, "--persona", "writer", "Hi")
    assert (code, out) == (0, "Hi.\n")
    headers = {name.lower(): value for name, value in server.headers[0].items()}
    assert headers["x-api-key"] == "secret"
    assert server.bodies[0]["top_p"] == 0.95


async def test_a_card_names_what_it_may_carry() -> None:
    async with serving(tool("list_todos"), tool("add_todo", text="milk"), say("Done.")) as server:
        code, out = await run(server.base_url, "chat", "--allow", "Add milk")
    assert code == 0
    assert "It may carry: your to-do list." in out


def test_a_window_too_small_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        chat.parse(["chat", "--base-url", "http://x", "--model", "m", "--window", "10", "Hi"])
    assert "at least 256" in capsys.readouterr().err


async def test_a_file_stands_for_the_page(tmp_path: Path) -> None:
    page = tmp_path / "note.txt"
    page.write_text("The sky is green. Grass is blue.")
    async with serving(tool("read_page"), say("Green [1].")) as server:
        code, out = await run(server.base_url, "chat", "--page", str(page), "--allow", "Sky?")
    assert code == 0 and "Green [1]." in out
    assert "[1] The sky is green." in server.bodies[1]["messages"][-1]["content"]


async def test_a_failure_is_explained() -> None:
    async with serving(reply(401, {"error": {"message": "no key"}})) as server:
        code, out = await run(server.base_url, "chat", "Hi")
    assert code == 1
    assert "no key" in out and "API key" in out


async def test_events_are_lines_of_json() -> None:
    async with serving(say("Hello.")) as server:
        code, out = await run(server.base_url, "events", "Hi")
    types = [json.loads(line)["type"] for line in out.splitlines()]
    assert code == 0
    assert types[-1] == "turn.finished" and "turn.delta" in types
