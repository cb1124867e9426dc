"""``python -m sidelight chat`` and ``events``: a conversation with a model on a server."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sidelight import ffi
from sidelight.console.host import ConsoleHost
from sidelight.console.http import AiohttpTransport
from sidelight.contract import (
    AskApproval,
    ContextBlock,
    ModelInfo,
    PageRef,
    PythonRunTurn,
    Reply,
    Server,
    ServerModel,
    Settings,
    TurnEventBody,
    TurnFinished,
    TurnOptions,
)
from sidelight.engine import Engine
from sidelight.host import Host
from sidelight.personas import DEFAULT, PERSONAS
from sidelight.sessions import Sessions

PAGE_ORIGIN = "file://"
MIN_WINDOW_TOKENS = 256
Write = Callable[[str], None]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line. Exits with an explanation when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m sidelight", description=__doc__)
    parser.add_argument("command", choices=["chat", "events"], help="events: JSON, one per line")
    parser.add_argument(
        "--provider",
        choices=["openai", "anthropic"],
        default="openai",
        help="the protocol of the server",
    )
    parser.add_argument("--base-url", required=True, help="such as http://localhost:11434/v1")
    parser.add_argument("--model", required=True, help="the model's name on that server")
    parser.add_argument("--key-name", help="environment variable with the API key")
    parser.add_argument("--window", type=int, default=8192, help="context window in tokens")
    parser.add_argument("--max-tokens", type=int, help="limit of an answer")
    parser.add_argument("--persona", default=DEFAULT, choices=sorted(PERSONAS), help="who answers")
    parser.add_argument("--seed", type=int, help="for the same answer again, where servers take it")
    parser.add_argument("--page", type=Path, help="a text file that stands for the page")
    parser.add_argument("--allow", action="store_true", help="approve every tool call")
    parser.add_argument("message", nargs="*", help="ask this and end; without it, a conversation")
    options = parser.parse_intermixed_args(arguments)
    if options.window < MIN_WINDOW_TOKENS:
        parser.error(f"--window must be at least {MIN_WINDOW_TOKENS}")
    return options


class Chat:
    """One conversation; ``write`` gets what is to be printed."""

    def __init__(self, options: argparse.Namespace, write: Write) -> None:
        self._options = options
        self._write = write
        page = page_block(options.page) if options.page else None
        self._console = ConsoleHost(self._ask, self._show, page)
        host = Host(self._console.post)
        self._console.deliver = lambda text: void(host.on_reply(Reply.model_validate_json(text)))
        engine = Engine(lambda text: None)
        self._sessions = Sessions(host, engine, transport=lambda _: AiohttpTransport())
        self._server = server_of(options)
        self._page = PageRef(tab_id=0, origin=PAGE_ORIGIN) if page else None
        self._parent: str | None = None
        self.finished: TurnFinished | None = None

    async def ask(self, text: str) -> TurnFinished:
        """Run one turn to its end."""
        answer_id = ffi.new_id("a")
        options = self._options
        request = PythonRunTurn(
            type="python.run_turn",
            turn_id=ffi.new_id("t"),
            conversation_id="console",
            parent_id=self._parent,
            user_message_id=ffi.new_id("u"),
            assistant_message_id=answer_id,
            text=text,
            context_blocks=[],
            page=self._page,
            model=ModelInfo(
                model_id=f"{self._server.server_id}:0",
                label=options.model,
                family="general",
                description="",
                size_bytes=0,
                context_window_tokens=options.window,
                embedded=False,
                provider=options.provider,
                server_id=self._server.server_id,
            ),
            options=turn_options(options),
            transcript=[],
            settings=settings_of(self._server),
            server=self._server,
        )
        self.finished = None
        await self._sessions.start_turn(request)
        await asyncio.sleep(0.05)  # the last batch of events is coalesced
        assert self.finished is not None
        self._parent = answer_id
        return self.finished

    async def _ask(self, request: AskApproval) -> bool:
        call = request.approval
        self._write(f"\n[{call.effect.title}] {call.effect.detail}\n")
        if call.effect.carries:
            self._write(f"It may carry: {', '.join(call.effect.carries)}.\n")
        if self._options.allow:
            self._write("allowed by --allow\n")
            return True
        answer = await asyncio.to_thread(input, "Allow once? [y/N] ")
        return answer.strip().lower() in ("y", "yes")

    def _show(self, event: TurnEventBody) -> None:
        if isinstance(event, TurnFinished):
            self.finished = event
        if self._options.command == "events":
            self._write(event.model_dump_json() + "\n")
            return
        data: Any = event
        match event.type:
            case "turn.delta":
                self._write(data.text)
            case "turn.tool_call":
                self._write(f"\n[{data.tool_name}] {json.dumps(data.arguments)}\n")
            case "turn.tool_result":
                self._write(f"[{data.status}] {data.text}\n")
            case "turn.notice":
                self._write(f"\n({data.message})\n")
            case "turn.finished":
                if data.error:
                    self._write(f"\n{data.error.message} {data.error.hint}")
                self._write("\n")


def server_of(options: argparse.Namespace) -> Server:
    """The server of the command line; its id is the name of the key's environment variable."""
    return Server(
        server_id=options.key_name or "console",
        kind=options.provider,
        label=options.base_url,
        base_url=options.base_url,
        has_key=options.key_name is not None,
        models=[ServerModel(name=options.model, context_window_tokens=options.window)],
    )


def turn_options(options: argparse.Namespace) -> TurnOptions:
    """What the command line says; the rest is the persona's."""
    given = {"persona": options.persona, "max_tokens": options.max_tokens, "seed": options.seed}
    return TurnOptions.model_validate({k: v for k, v in given.items() if v is not None})


def settings_of(server: Server) -> Settings:
    """Only the named server may be reached, and each change is asked about."""
    return Settings(
        level="servers",
        max_level="servers",
        servers=[server],
        local_changes="ask",
        disabled_tools=[],
        managed=[],
    )


def page_block(file: Path) -> ContextBlock:
    """A text file as an untrusted page. Raises OSError."""
    text = file.read_text()
    return ContextBlock(
        kind="page",
        origin=PAGE_ORIGIN,
        trust="untrusted",
        title=file.name,
        url=file.resolve().as_uri(),
        text=text,
        total_chars=len(text),
        truncated=False,
    )


def void(_: object) -> None:
    """Drop a result."""


def _print(text: str) -> None:
    print(text, end="", flush=True)


async def run(options: argparse.Namespace, write: Write = _print) -> int:
    """Exit code: 0, or 1 when an answer failed."""
    chat = Chat(options, write)
    if options.message:
        return int((await chat.ask(" ".join(options.message))).status == "failed")
    while True:
        try:
            text = (await asyncio.to_thread(input, "\n> ")).strip()
        except EOFError:
            return 0
        if text:
            await chat.ask(text)


def main() -> int:
    """The command."""
    logging.basicConfig(level=logging.ERROR)
    options = parse()
    if options.page and not options.page.is_file():
        print(f"There is no file {options.page}. Name a text file after --page.", file=sys.stderr)
        return 2
    try:
        return asyncio.run(run(options))
    except KeyboardInterrupt:
        return 130
