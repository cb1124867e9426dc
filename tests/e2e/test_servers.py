"""My servers: added in the panel, asked under the level, written down, cut off when lowered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import EXTENSION, Browser, changed_manifest, wait_until
from tests.support.leaks import Guard
from tests.support.model_server import ModelServer
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
KEY = "sk-the-secret-of-this-test"


@pytest.fixture
def server(nothing_leaves: Guard) -> Iterator[ModelServer]:
    with ModelServer(("scripted:1b", "org/large model"), key=KEY) as running:
        nothing_leaves.serve_extension(f"http://{running.host}")
        yield running


@pytest.fixture
def panel(launch: Callable[..., Browser], site: Site, server: ModelServer) -> Iterator[Panel]:
    """The panel of an extension that was granted this machine: ``test_permission_question.py``
    answers the browser's own question."""
    with changed_manifest(EXTENSION, host_permissions=["http://127.0.0.1/*"]) as extension:
        browser = launch(extension=extension)
        page = browser.context.new_page()
        page.goto(site.url("plain.html"))
        yield Panel(browser.open_panel(page))


def add_server(panel: Panel, server: ModelServer, key: str = KEY) -> None:
    """As a person does it, in the privacy view."""
    page = panel.page
    page.get_by_role("button", name="On device").click()
    page.get_by_role("button", name="Add a server").click()
    page.get_by_label("Address").fill(server.base_url)
    page.get_by_label("Name (optional)").fill("Mine")
    page.get_by_label("API key (optional)").fill(key)
    page.get_by_role("button", name=f"Let chats go to {server.host}").click()


def close_view(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Privacy")).to_be_hidden()


def choose(panel: Panel, server: ModelServer) -> None:
    add_server(panel, server)
    expect(panel.page.get_by_role("button", name="Add a server")).to_be_visible()
    wait_until(lambda: len(server.requests) >= 1)
    close_view(panel.page)
    panel.choose_model("scripted:1b")


def ask(panel: Panel, type: str, **fields: Any) -> dict[str, Any]:
    """A request as the panel's own page sends it to the background."""
    frame = {"v": 1, "id": "from-test", "body": {"type": type, **fields}}
    reply: dict[str, Any] = panel.page.evaluate("f => chrome.runtime.sendMessage(f)", frame)
    return reply


def test_a_server_answers_and_the_ledger_says_so(panel: Panel, server: ModelServer) -> None:
    server.steps = [{"say": "Hello from the **server**."}]
    choose(panel, server)
    page = panel.page
    expect(page.get_by_role("button", name=f"Sends to {server.host}")).to_be_visible()
    panel.ask("Hi there")
    assert panel.wait_answer(1) == "Hello from the server."
    listed, asked = server.requests
    assert (listed["path"], asked["path"]) == ("/v1/models", "/v1/chat/completions")
    assert asked["body"]["model"] == "scripted:1b"
    assert asked["body"]["messages"][-1]["content"].endswith("Hi there")
    for request in (listed, asked):
        assert request["headers"]["authorization"] == f"Bearer {KEY}"
        assert "cookie" not in request["headers"] and "referer" not in request["headers"]
    page.get_by_role("button", name=f"Sends to {server.host}").click()
    page.get_by_role("tab", name="Sent").click()
    sent = page.get_by_role("tabpanel", name="Sent")
    expect(sent).to_contain_text(server.host)
    expect(sent).to_contain_text("list the server's models")
    assert len(sent.get_by_role("listitem").all()) == 2, sent.inner_text()


def test_lowering_the_level_cuts_the_answer_off(panel: Panel, server: ModelServer) -> None:
    server.steps = [{"say": "word " * 400}]
    server.pause_s = 0.05
    choose(panel, server)
    panel.ask("Tell me a story")
    panel.wait_streaming(1, chars=20)
    assert ask(panel, "background.set_level", level="device")["ok"]
    text = panel.wait_answer(1)
    assert 0 < len(text) < 1500
    expect(panel.answers.first).to_contain_text(f"does not allow requests to {server.host}")
    wait_until(lambda: server.cut == 1)
    count = len(server.requests)
    panel.ask("Who are you?")
    assert "starter model" in panel.wait_answer(2), "a model on the device takes over"
    expect(panel.page.get_by_role("button", name="On device")).to_be_visible()
    assert len(server.requests) == count


def test_stop_closes_the_connection(panel: Panel, server: ModelServer) -> None:
    server.steps = [{"say": "word " * 400}]
    server.pause_s = 0.05
    choose(panel, server)
    panel.ask("Tell me a story")
    panel.wait_streaming(1, chars=20)
    panel.stop()
    panel.wait_answer(1)
    wait_until(lambda: server.cut == 1)


def test_each_failure_is_explained_and_the_draft_is_kept(panel: Panel, server: ModelServer) -> None:
    page = "<!doctype html><html><title>Sign in</title></html>"
    faults: list[tuple[dict[str, Any], str, str]] = [
        ({"say": "Half an ans", "cut": True}, "broke off", "What arrived is kept"),
        ({"status": 429, "headers": {"retry-after": "600"}}, "no more requests", "10 minutes"),
        ({"status": 200, "body": page}, "not as a model server does", "end in /v1"),
        (
            {"status": 400, "body": '{"error": {"message": "maximum context length"}}'},
            "longer than",
            "start a new chat",
        ),
    ]
    choose(panel, server)
    server.pause_s = 0.1
    for number, (step, happened, hint) in enumerate(faults, 1):
        server.steps = [step]
        panel.ask(f"Question {number}")
        panel.box.fill(f"A draft {number}")
        answer = panel.answers.nth(number - 1)
        expect(answer).to_have_attribute("aria-busy", "false")
        alert = answer.get_by_role("alert")
        expect(alert).to_contain_text(server.host)
        expect(alert).to_contain_text(happened)
        expect(alert).to_contain_text(hint)
        assert "html" not in alert.inner_text()
        expect(panel.questions.nth(number - 1)).to_contain_text(f"Question {number}")
        expect(panel.box).to_have_value(f"A draft {number}")
    expect(panel.answers.first).to_contain_text("Half an ans")
    # The same words again, in the failed answer's place; the draft stays.
    server.steps = [{"say": "All of it."}]
    server.pause_s = 0.0
    server.steps.insert(0, {"status": 500, "body": "oops"})
    panel.ask("Once more")
    assert panel.wait_answer(len(faults) + 1).startswith("All of it.")


def test_a_wrong_key_is_said_and_what_was_entered_stays(panel: Panel, server: ModelServer) -> None:
    add_server(panel, server, key="wrong")
    page = panel.page
    expect(page.get_by_text("refused the request (401)").first).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value(server.base_url)


def test_the_key_is_out_of_reach(
    panel: Panel, server: ModelServer, site: Site, launch: Callable[..., Browser]
) -> None:
    """Neither a page's isolated world, nor the settings, nor another page of ours is told it."""
    choose(panel, server)
    settings = ask(panel, "background.read_settings")
    assert settings["ok"] and KEY not in json.dumps(settings)
    (server_id,) = [one["server_id"] for one in settings["result"]["settings"]["servers"]]
    origin = f"http://{server.host}"
    refused = ask(panel, "background.read_key", server_id=server_id, origin=origin)
    assert refused["error"]["code"] == "not_for_you"
    assert KEY not in json.dumps(refused)
    found = panel.page.evaluate(
        """async () => {
          const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
          const [{ result }] = await chrome.scripting.executeScript({
            target: { tabId: tab.id },
            func: () => chrome.storage.local.get(null).then(JSON.stringify, String),
          });
          return result;
        }"""
    )
    assert "not allowed" in found.lower(), found
    assert KEY not in found


def test_only_the_panel_raises_the_level(panel: Panel, server: ModelServer) -> None:
    """Another page of the extension, or Python, cannot."""
    browser_page = panel.page.context.new_page()
    base = panel.page.url.split("/sidepanel/")[0]
    browser_page.goto(f"{base}/manifest.json")
    for level in ("servers", "web", "device"):
        frame = {"v": 1, "id": "x", "body": {"type": "background.set_level", "level": level}}
        reply = browser_page.evaluate("f => chrome.runtime.sendMessage(f)", frame)
        assert reply["error"]["code"] == "not_for_you"
    browser_page.close()
    assert ask(panel, "background.read_settings")["result"]["settings"]["level"] == "device"
