"""The screens whose pictures are kept: what the fake holds, and what the user does."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.panel import trust
from tests.panel.driver import Panel
from tests.panel.support import Seen

Prepare = Callable[[Page, Seen], None]

NOW_MS = time.time() * 1000
SERVERS = [
    trust.server(),
    trust.server(
        "s-2", label="Workshop", base_url="https://models.workshop.example/v1", has_key=True
    ),
]
MODELS = [trust.model(), trust.model("gemma3:27b", "s-2")]
LEDGER = [
    trust.sent("l-1", NOW_MS - 60_000),
    trust.sent("l-2", NOW_MS - 120_000, status="open", bytes_in=0),
    trust.sent(
        "l-3",
        NOW_MS - 26 * trust.HOUR_MS,
        host="models.workshop.example",
        purpose="Read the list of models",
        asked_by="Privacy view",
        status="refused",
        bytes_out=0,
        bytes_in=0,
        detail="the level was Device",
    ),
]
DECISIONS = [
    trust.decision("a-1", NOW_MS - 60_000),
    trust.decision("a-2", NOW_MS - 90_000, decided_by="policy", undo="undone"),
    trust.decision(
        "a-3",
        NOW_MS - 26 * trust.HOUR_MS,
        title="Read the page “How lighthouses were lit”",
        detail="",
        tool_name="read_page",
        target_origin="https://harbour.example",
        decided_by="grant",
        undo="none",
    ),
    trust.decision(
        "a-4",
        NOW_MS - 27 * trust.HOUR_MS,
        title="Send 120 characters to api.example",
        tool_name="send",
        target_origin="https://api.example",
        decision="deny",
        outcome="not_run",
        undo="none",
    ),
]
HISTORY = f"fake.ledger = {trust.js(LEDGER)}; fake.decisions = {trust.js(DECISIONS)};"
TWO = trust.with_settings(None, MODELS, level="servers", servers=SERVERS)
CHATS = (
    f"fake.conversations.set('c-1', {trust.js(trust.conversation('c-1', 'How were they lit?'))});"
    "fake.conversations.set('c-2', "
    f"{trust.js(trust.conversation('c-2', 'From another computer', imported=True))});"
)
LINK = (
    "Read [the harbour report](https://harbour.example/report?"
    "note=My%20sister%20Ann%20is%20at%20home&id=77#top)."
)


def privacy(tab: str | None = None) -> Prepare:
    """Open the Privacy view, and a tab of it."""

    def prepare(page: Page, _seen: Seen) -> None:
        page.get_by_role("button", name="See privacy and activity").click()
        if tab:
            page.get_by_role("tab", name=tab).click()

    return prepare


def adding(page: Page, seen: Seen) -> None:
    """The form of a new server, with a warning."""
    privacy()(page, seen)
    page.get_by_role("button", name="Add a server").click()
    page.get_by_label("Address").fill("http://192.168.1.20:8000")
    page.get_by_label("API key").fill("secret")


def failed(page: Page, seen: Seen) -> None:
    """A server that does not answer."""
    privacy()(page, seen)
    page.get_by_role("button", name="Add a server").click()
    page.get_by_role("button", name="Ollama").click()
    page.get_by_role("button", name="Let chats go to localhost:11434").click()
    page.get_by_role("alert").wait_for()


def servers_part(page: Page, seen: Seen) -> None:
    """The list of servers, one being removed."""
    privacy()(page, seen)
    page.get_by_role("button", name="Remove: Workshop").click()
    page.get_by_role("heading", name="My servers").evaluate("e => e.scrollIntoView()")


def models(page: Page, _seen: Seen) -> None:
    """Models under their servers, one chosen."""
    page.get_by_role("button", name="Choose a model").click()
    page.get_by_role("radio", name="qwen3:8b").check()


def approval(page: Page, seen: Seen) -> None:
    """A card that may be allowed for the chat."""
    panel = Panel(page, seen)
    turn = panel.ask("Is it open today?")
    effect = {
        "title": "Read the page “Opening hours” at harbour.example",
        "detail": "Its text becomes part of this chat.",
        "target_origin": "https://harbour.example",
        "reads": True,
        "writes": False,
        "sends": False,
        "runs_code": False,
        "carries": ["page https://lamps.example", "tool list_todos"],
        "grantable": True,
    }
    panel.approve_ask(turn, tool_name="read_page", arguments={"part": "hours"}, effect=effect)


def undo_row(page: Page, seen: Seen) -> None:
    """A change that was done at once."""
    panel = Panel(page, seen)
    turn = panel.ask("add oil to my to-do list")
    panel.decided(turn, "policy")


def link(page: Page, seen: Seen) -> None:
    """A link that carries data."""
    panel = Panel(page, seen)
    panel.finish(panel.ask("Where is it?"), LINK)
    panel.answers.get_by_role("link").click()


def chats(page: Page, _seen: Seen) -> None:
    """The drawer with export and import."""
    page.get_by_role("button", name="Open conversations").click()


def imported(page: Page, seen: Seen) -> None:
    """A conversation that came from a file."""
    chats(page, seen)
    page.get_by_role("button", name="From another computer").first.click()


def reading(scope: str | None = None) -> Prepare:
    """What is read of the page, one scope of it chosen."""

    def prepare(page: Page, _seen: Seen) -> None:
        page.get_by_role("button", name="See what is read of this page").click()
        if scope:
            page.get_by_role("radio", name=scope).check()
        else:
            page.get_by_text("Left out").click()

    return prepare


OFFLINE = (
    "fake.failing['offscreen.connect_server'] = {code: 'server_refused', "
    "message: 'localhost:11434 answered 403.', "
    "hint: 'Look at the settings of the server.', retryable: true};"
)
SCREENS: dict[str, tuple[str, Prepare]] = {
    "5-reading": ("", reading()),
    "5-reading-section": ("", reading("A section")),
    "6-levels": ("", privacy()),
    "6-levels-servers": (TWO, privacy()),
    "6-levels-fixed": (
        trust.with_settings(
            max_level="device",
            managed=["max_level", "level", "local_changes", "disabled_tools"],
            disabled_tools=["open_url"],
        ),
        privacy(),
    ),
    "7-servers": (TWO, servers_part),
    "7-server-add": ("", adding),
    "7-server-failed": (OFFLINE, failed),
    "8-sent": (TWO + HISTORY, privacy("Sent")),
    "8-sent-empty": ("", privacy("Sent")),
    "8-decisions": (TWO + HISTORY, privacy("Decisions")),
    "9-models": (TWO, models),
    "9-sends": (trust.with_server(chosen=True), lambda page, seen: None),
    "10-approval-grant": ("", approval),
    "10-undo": ("", undo_row),
    "11-link": ("", link),
    "12-chats": (CHATS, chats),
    "12-imported": (CHATS, imported),
}
