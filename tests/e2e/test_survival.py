"""An answer survives what happens to everything around it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.assistant import Assistant
from tests.support.browser import Browser, wait_until
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
SEED = 20260921
SUMMARY = "Summarize this page."


def open_ferry_page(browser: Browser, site: Site) -> Page:
    page = browser.context.new_page()
    page.goto(site.url("plain.html"))
    return page


def ask_summary(panel: Panel) -> None:
    panel.attach_page()
    panel.ask(SUMMARY)


@pytest.fixture(scope="module")
def page(shared_browser: Browser, site: Site) -> Page:
    return open_ferry_page(shared_browser, site)


@pytest.fixture(scope="module")
def whole_answer(shared_browser: Browser, page: Page) -> str:
    """The undisturbed answer: greedy decoding gives the same text every time."""
    panel = Panel(shared_browser.open_panel(page))
    ask_summary(panel)
    answer = panel.wait_answer(1)
    assert len(answer) > 60
    return answer


def test_stop_keeps_what_arrived_and_the_next_turn_works(
    shared_browser: Browser, page: Page, whole_answer: str
) -> None:
    panel = Panel(shared_browser.panel_page())
    panel.new_chat()
    ask_summary(panel)
    panel.wait_streaming(1, chars=12)
    panel.stop()
    kept = panel.wait_answer(1)
    assert kept
    assert len(kept) < len(whole_answer)
    assert whole_answer.startswith(kept.rstrip("…").rstrip())
    expect(panel.answers.nth(0)).to_contain_text("Stopped")
    panel.ask("Hello")
    assert panel.wait_answer(2)
    assert panel.answer_text(1) == kept


def test_the_service_worker_may_die_in_the_middle(
    shared_browser: Browser, page: Page, whole_answer: str
) -> None:
    panel = Panel(shared_browser.panel_page())
    panel.new_chat()
    ask_summary(panel)
    panel.wait_streaming(1, chars=5)
    shared_browser.kill_service_worker()
    assert panel.wait_answer(1) == whole_answer
    # The worker wakes for what only it can do.
    panel.new_chat()
    panel.attach_page()
    panel.ask("What does a ticket cost?")
    assert "eleven crowns" in panel.wait_answer(1)


@pytest.mark.parametrize("moment", range(5))
def test_the_panel_may_close_and_open_again(
    shared_browser: Browser, page: Page, whole_answer: str, moment: int
) -> None:
    """At five seeded moments, from before the first token to near the end."""
    share = (moment + random.Random(SEED + moment).random()) / 5
    chars = int(share * len(whole_answer))
    print(f"seed {SEED + moment}: closing after {chars} of {len(whole_answer)} characters")
    panel = Panel(shared_browser.panel_page())
    panel.new_chat()
    ask_summary(panel)
    if moment:
        panel.wait_streaming(1, chars=chars)
    else:
        panel.page.wait_for_timeout(int(share * 2000))
    shared_browser.close_panel()
    page.wait_for_timeout(random.Random(SEED - moment).randint(50, 900))
    panel = Panel(shared_browser.open_panel(page))
    assert panel.wait_answer(1) == whole_answer
    expect(panel.questions).to_have_count(1)
    expect(panel.answers).to_have_count(1)


def open_chat(panel: Panel, name: str) -> None:
    panel.page.get_by_role("button", name="Open conversations").click()
    panel.page.get_by_role("button", name=name).first.click()


def test_a_crash_and_a_restart_keep_questions_answers_and_the_draft(
    launch: Callable[..., Browser], site: Site, tmp_path: Path
) -> None:
    """One story, since each browser that answers loads the model anew."""
    profile = tmp_path / "profile"
    browser = launch(profile=profile)
    panel = Panel(browser.open_panel(open_ferry_page(browser, site)))
    panel.ask("Hello")
    said = panel.wait_answer(1)
    panel.new_chat()
    ask_summary(panel)
    panel.wait_streaming(1, chars=40)
    panel.page.wait_for_timeout(700)  # a draft is stored twice a second
    browser.kill()

    browser = launch(profile=profile)
    panel = Panel(browser.open_panel(open_ferry_page(browser, site)))
    open_chat(panel, SUMMARY)
    kept = panel.wait_answer(1)
    assert kept
    expect(panel.questions).to_have_count(1)
    panel.ask("Hello")
    assert panel.wait_answer(2)
    open_chat(panel, "Hello")
    assert panel.wait_answer(1) == said
    panel.ask("Thanks")
    assert panel.wait_answer(2) == "You are welcome."
    browser.close()

    browser = launch(profile=profile)
    panel = Panel(browser.open_panel(open_ferry_page(browser, site)))
    open_chat(panel, "Hello")
    assert panel.wait_answer(1) == said
    assert panel.wait_answer(2) == "You are welcome."
    open_chat(panel, SUMMARY)
    assert panel.wait_answer(1) == kept
    expect(panel.questions).to_have_count(2)


def test_a_queue_of_two_windows_loses_nothing(
    shared_browser: Browser, page: Page, whole_answer: str
) -> None:
    """Two conversations at once on the one engine: each gets its own answer, the second waits."""
    panel = Panel(shared_browser.panel_page())
    panel.new_chat()
    other = Assistant(shared_browser)
    page.bring_to_front()
    panel.wait_chip("Ferry times")
    ask_summary(panel)
    turn = other.run_turn("Hello", "starter")
    assert turn["place"] == 1
    finished = other.wait_event(turn["turn_id"], "turn.finished")
    assert finished["status"] == "completed"
    assert finished["text"].startswith("Hello!")
    assert panel.wait_answer(1) == whole_answer
    seqs = [event["seq"] for event in other.events(turn["turn_id"])]
    assert seqs == list(range(len(seqs)))
    other.page.close()


def test_the_draft_in_the_box_survives_closing(shared_browser: Browser, page: Page) -> None:
    panel = Panel(shared_browser.panel_page())
    panel.new_chat()
    panel.box.fill("half a thought")
    wait_until(lambda: panel.box.input_value() == "half a thought")
    panel.page.wait_for_timeout(600)
    shared_browser.close_panel()
    panel = Panel(shared_browser.open_panel(page))
    expect(panel.box).to_have_value("half a thought")
