"""What a person is told when something cannot work, and that there is a way on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.assistant import Assistant
from tests.support.browser import Browser
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e


def test_without_webgpu_the_question_is_kept_and_the_reason_told(
    launch: Callable[..., Browser], site: Site
) -> None:
    browser = launch(webgpu=False)
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.ask("Hello")
    answer = panel.answers.first
    expect(answer).to_contain_text("WebGPU")
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(panel.questions.first).to_contain_text("Hello")
    expect(answer.get_by_role("button", name="Retry")).to_be_visible()
    expect(panel.page.locator("state-line")).to_contain_text("cannot run")
    expect(panel.page.get_by_role("button", name="Try again").first).to_be_visible()
    # Chromium as Debian builds it has no model of its own: it is not offered.
    panel.page.get_by_role("button", name="Choose a model").click()
    models = panel.page.get_by_role("dialog", name="Models")
    expect(models.get_by_role("radio", name="Starter")).to_be_visible()
    expect(models.get_by_role("radio", name="browser's own")).to_have_count(0)
    panel.page.keyboard.press("Escape")
    # The same again ends the same way, not in a spinner.
    answer.get_by_role("button", name="Retry").click()
    expect(panel.answers.first).to_have_attribute("aria-busy", "false")
    expect(panel.answers.first).to_contain_text("WebGPU")


def test_a_restricted_page_is_explained_and_chat_still_works(
    launch: Callable[..., Browser], site: Site
) -> None:
    browser = launch()
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.wait_chip("Ferry times")
    page.goto("chrome://version")
    chip = panel.wait_chip("Cannot be read")
    assert len(chip) > len("Cannot be read") + 10, "no reason given"
    panel.ask("/page What is this?")
    expect(panel.page.locator("chat-composer")).to_contain_text("cannot be attached")
    expect(panel.box).to_have_value("/page What is this?")
    panel.box.fill("")
    panel.ask("Hello")
    assert panel.wait_answer(1).startswith("Hello!")


def test_chip_states_as_the_person_sees_them(browser: Browser, site: Site) -> None:
    """Tab switch, cross-origin link, and a new click that does not reset the panel."""
    first = browser.context.new_page()
    first.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(first))
    panel.wait_chip("Ferry times")
    panel.box.fill("kept words")
    second = browser.context.new_page()
    second.goto(site.other_url("article.html"))
    second.bring_to_front()
    panel.wait_chip("Needs a click")
    browser.click_action(second)
    panel.wait_chip("harbour clock")
    expect(panel.box).to_have_value("kept words")
    first.bring_to_front()
    panel.wait_chip("Ferry times")
    first.click("#across")
    first.wait_for_url(site.other_origin + "/**")
    panel.wait_chip("Needs a click")
    browser.click_action(first)
    panel.wait_chip("Ferry times")
    first.goto(site.url("document.pdf"))
    browser.click_action(first)
    panel.wait_chip("Cannot be read")


def test_a_page_that_changed_after_it_was_read_says_so(browser: Browser, site: Site) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.attach_page()
    panel.ask("What does a ticket cost?")
    assert "eleven" in panel.wait_answer(1)
    page.click("#same")
    panel.wait_chip("Changed, will be read again")


def test_an_approval_is_denied_when_its_page_goes(browser: Browser, site: Site) -> None:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    panel = Panel(browser.open_panel(page))
    panel.ask("/read")
    panel.wait_card()
    page.goto(site.other_url("article.html"))
    panel.wait_answer(1)
    expect(panel.answers.first).to_contain_text("Page changed: denied")
    expect(panel.answers.first.locator("tool-row")).to_contain_text("denied")


def test_malformed_requests_get_an_error_reply_each(browser: Browser) -> None:
    """The port answers nonsense with error data and goes on working."""
    assistant = Assistant(browser)
    assert assistant.request("offscreen.nothing")["error"]["code"] == "unknown_request"
    assert assistant.request("offscreen.run_turn")["error"]["code"] == "invalid_message"
    wrong = assistant.request("offscreen.stop_turn", turn_id={"a": 1})
    assert wrong["error"]["code"] == "invalid_message"
    for frame in (None, 7, "text", [], {}, {"v": 1}, {"v": 1, "id": 5, "body": None}):
        assistant.post(frame)
    missing = assistant.request("offscreen.read_conversation", conversation_id="c-none")
    assert missing["error"]["code"] == "not_found"
    assert missing["error"]["hint"]
    assert assistant.request("offscreen.read_state")["ok"]


def test_an_unknown_model_is_refused_with_a_reason(browser: Browser) -> None:
    assistant = Assistant(browser)
    reply = assistant.request("offscreen.load_model", model_id="gone")
    assert reply["error"]["code"] == "unknown_model"
    assert "gone" in reply["error"]["message"]
