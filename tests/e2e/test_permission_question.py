"""The browser's own question about a server, answered with the keyboard on a real screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.test_servers import KEY, add_server, ask
from tests.support.browser import Browser
from tests.support.display import Display
from tests.support.leaks import Guard
from tests.support.model_server import ModelServer
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e


def answer(display: Display, panel: Panel, *keys: str, shows: Locator) -> None:
    """Press the keys until their effect shows: nothing tells a test when the question is drawn."""
    for _ in range(15):
        panel.page.wait_for_timeout(1500)
        if shows.is_visible():
            return
        display.keys(*keys)
    expect(shows).to_be_visible()


def test_denied_nothing_changes_and_allowed_it_works(
    display: Display, launch: Callable[..., Browser], site: Site, nothing_leaves: Guard
) -> None:
    with ModelServer(("scripted:1b",), key=KEY) as server:
        nothing_leaves.serve_extension(f"http://{server.host}")
        browser = launch(display=display)
        page = browser.context.new_page()
        page.goto(site.url("plain.html"))
        panel = Panel(browser.open_panel(page))
        add_server(panel, server, KEY)
        refused = panel.page.get_by_text(f"The browser did not give access to {server.host}")
        answer(display, panel, "Return", shows=refused)  # the question has Deny in focus
        assert server.requests == []
        settings = ask(panel, "background.read_settings")["result"]["settings"]
        assert settings["level"] == "device"
        assert settings["servers"] == []
        expect(panel.page.get_by_label("Address")).to_have_value(server.base_url)

        panel.page.get_by_role("button", name=f"Let chats go to {server.host}").click()
        known = panel.page.get_by_text("1 model · API key stored")
        answer(display, panel, "Tab", "Return", shows=known)
        assert [one["path"] for one in server.requests] == ["/v1/models"]
        settings = ask(panel, "background.read_settings")["result"]["settings"]
        assert settings["level"] == "servers"
