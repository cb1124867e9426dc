"""Decisions in the real panel: kept, undone, given for a chat on a site, and imported chats."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.assistant import Assistant
from tests.support.browser import EXTENSION, Browser, changed_manifest
from tests.support.injections import TODOS
from tests.support.leaks import Guard
from tests.support.model_server import ModelServer
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
SEND = "body => chrome.runtime.sendMessage({ v: 1, id: 'setup', body })"


@pytest.fixture
def server(nothing_leaves: Guard) -> Iterator[ModelServer]:
    with ModelServer() as running:
        nothing_leaves.serve_extension(f"http://{running.host}")
        yield running


@pytest.fixture
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """A scripted model on a server calls what a test wants."""
    with changed_manifest(EXTENSION, host_permissions=["http://127.0.0.1/*"]) as extension:
        yield launch(extension=extension, webgpu=False)


@pytest.fixture
def panel(browser: Browser, site: Site, server: ModelServer) -> Panel:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    for body in (
        {
            "type": "background.save_server",
            "server_id": "s1",
            "label": "Scripted",
            "base_url": server.base_url,
            "key": "",
        },
        {"type": "background.set_level", "level": "servers"},
    ):
        assert panel.page.evaluate(SEND, body)["ok"]
    client = Assistant(browser)
    assert client.request("offscreen.connect_server", server_id="s1")["ok"]
    client.page.close()
    page.bring_to_front()
    panel.choose_model(server.names[0])
    return panel


def add(server: ModelServer, text: str) -> None:
    server.steps = [{"calls": [{"name": "add_todo", "arguments": {"text": text}}]}]


def todos(panel: Panel) -> list[str]:
    return [text for text, _ in panel.page.evaluate(TODOS)]


def test_an_approved_change_is_undone_from_its_row(panel: Panel, server: ModelServer) -> None:
    add(server, "buy milk")
    panel.ask("add it")
    panel.approve()
    panel.wait_answer(1)
    assert todos(panel) == ["buy milk"]
    panel.page.get_by_role("button", name="Undo: Add a to-do").first.click()
    expect(panel.page.get_by_role("button", name="Undo: Add a to-do")).to_have_count(0)
    assert todos(panel) == []
    panel.page.get_by_role("button", name="Sends to").click()
    panel.page.get_by_role("tab", name="Decisions").click()
    shown = panel.page.get_by_role("tabpanel", name="Decisions")
    expect(shown).to_contain_text("Add a to-do")
    expect(shown).to_contain_text("buy milk")
    expect(shown).to_contain_text("ndone")


def test_changes_run_at_once_when_the_user_prefers_undo(panel: Panel, server: ModelServer) -> None:
    page = panel.page
    page.get_by_role("button", name="Sends to").click()
    page.get_by_role("radio", name="Do it and offer undo").check()
    page.keyboard.press("Escape")
    add(server, "water the plants")
    panel.ask("add it")
    panel.wait_answer(1)
    assert todos(panel) == ["water the plants"]
    page.get_by_role("button", name="Undo: Add a to-do").first.click()
    expect(page.get_by_role("button", name="Undo: Add a to-do")).to_have_count(0)
    assert todos(panel) == []


def test_allowed_for_this_chat_on_this_site(panel: Panel, server: ModelServer) -> None:
    """The page was not attached: the first reading asks, the next ones in this chat do not."""
    read = {"calls": [{"name": "read_page", "arguments": {}}]}
    server.steps = [read]
    panel.ask("what is here?")
    card = panel.wait_card()
    card.get_by_role("button", name="Allow for this chat on this site").click()
    panel.wait_answer(1)
    assert "eleven crowns" in json.dumps(server.requests[-1]["body"])
    server.steps = [read]
    panel.ask("and again?")
    panel.wait_answer(2)
    expect(panel.card).to_have_count(0)
    panel.new_chat()
    server.steps = [read]
    panel.ask("and here?")
    panel.deny()
    panel.wait_answer(1)


def test_an_exported_chat_comes_back_as_nobodys_word(
    panel: Panel, server: ModelServer, browser: Browser
) -> None:
    server.steps = [{"say": "A first answer."}]
    panel.ask("Remember this")
    panel.wait_answer(1)
    client = Assistant(browser)
    (own,) = client.request("offscreen.list_conversations")["result"]["conversations"]
    exported = client.request(
        "offscreen.export_conversations", conversation_id=own["conversation_id"]
    )["result"]
    assert len(exported["conversations"]) == 1
    again = client.request("offscreen.import_conversations", file=exported)
    assert again["result"] == {"conversations": 1}
    listed = client.request("offscreen.list_conversations")["result"]["conversations"]
    assert sorted(bool(summary.get("imported")) for summary in listed) == [False, True]
    (imported,) = [one["conversation_id"] for one in listed if one.get("imported")]
    read = client.request("offscreen.read_conversation", conversation_id=imported)["result"]
    labels = [
        entry["metadata"]["labels"]
        for message in read["messages"]
        for entry in message["transcript"]
    ]
    assert labels
    assert all(found == [labels[0][0]] for found in labels)
    assert labels[0][0] == {"origin": "import", "trust": "untrusted", "private": True}
    spoiled = client.request("offscreen.import_conversations", file={**exported, "format": "x"})
    assert spoiled["error"]["code"] == "invalid_message"
