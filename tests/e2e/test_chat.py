"""The whole path: question in the real panel, answer from the real engine through Amplifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tokenizers import Tokenizer

from tests.support.assistant import Assistant
from tests.support.browser import Browser
from tests.support.pages import Site
from tests.support.panel import Panel

pytestmark = pytest.mark.e2e
MODELS = Path(__file__).resolve().parents[2] / "models/prebuilt"
HELLO = (
    "Hello! I am the built-in starter model. Open a page and ask me to summarise it, "
    "or ask a question about it."
)
STARTER_SYSTEM = "You are the built-in starter model of a private offline browser extension."


def count_tokens(model_id: str, text: str) -> int:
    """Tokens of a text, by the model's own tokenizer, without the engine."""
    file = next((MODELS / model_id).rglob("tokenizer.json"))
    return len(Tokenizer.from_file(str(file)).encode(text).ids)


@pytest.fixture(scope="module")
def page(shared_browser: Browser, site: Site) -> Page:
    page = shared_browser.context.new_page()
    page.goto(site.url("plain.html"))
    return page


@pytest.fixture(scope="module")
def panel(shared_browser: Browser, page: Page) -> Panel:
    return Panel(shared_browser.open_panel(page))


def test_an_answer_streams(panel: Panel) -> None:
    panel.ask("Hello")
    early = panel.wait_streaming(1)
    final = panel.wait_answer(1)
    assert final == HELLO
    assert len(early) < len(final), "the answer appeared all at once"
    assert HELLO.startswith(early)


def test_token_counts_are_the_tokenizers(panel: Panel, shared_browser: Browser) -> None:
    """What the panel shows, the engine's usage in storage, and a count without the engine agree."""
    shown = panel.figures(1)
    assistant = Assistant(shared_browser)
    listed = assistant.request("offscreen.list_conversations")["result"]["conversations"]
    reply = assistant.request(
        "offscreen.read_conversation", conversation_id=listed[0]["conversation_id"]
    )
    answer = reply["result"]["messages"][-1]
    assert shown == {key: answer["usage"][key] for key in shown}
    # The answer's tokens and the end-of-turn token that was sampled after them.
    assert shown["completion_tokens"] == count_tokens("starter", HELLO) + 1
    assert shown["prompt_tokens"] > count_tokens("starter", STARTER_SYSTEM)
    assistant.page.close()


def test_a_question_about_the_page_is_answered_from_it(panel: Panel, page: Page) -> None:
    panel.new_chat()
    panel.attach_page()
    panel.ask("What does a ticket cost?")
    answer = panel.wait_answer(1)
    assert answer.endswith("A ticket costs eleven crowns.")
    assert answer.startswith("[")
    expect(panel.questions.last).to_contain_text("Ferry times")
    expect(panel.questions.last).to_contain_text("read whole")


def test_what_the_page_does_not_say_is_not_invented(panel: Panel) -> None:
    panel.ask("Who built the cathedral of Lima?")
    assert panel.wait_answer(2) == "The page does not say."


def test_another_model_answers_after_a_switch(panel: Panel) -> None:
    panel.new_chat()
    panel.choose_model("Tiny")
    panel.ask("Hello")
    assert panel.wait_answer(1) == "Hello! I am a very small model running on WebGPU."
    prompt = (
        "<|im_start|>system\nYou are a test model.\nTools:\n<|im_end|>\n"
        "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    )
    figures = panel.figures(1)
    assert figures["completion_tokens"] == count_tokens("tiny", panel.answer_text(1)) + 1
    assert figures["prompt_tokens"] > count_tokens("tiny", prompt)


def test_a_switch_back_keeps_the_conversation(panel: Panel) -> None:
    panel.choose_model("Starter")
    panel.ask("Who are you?")
    assert "starter model of this extension" in panel.wait_answer(2)
    assert panel.answer_text(1) == "Hello! I am a very small model running on WebGPU."
