"""Asking and streaming: nothing lost, nothing twice, whatever happens to the connection."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pydantic import TypeAdapter
from sidelight import contract

from tests.panel import trust
from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e

WORDS = [f"w{i} " for i in range(120)]
TEXT = "".join(WORDS).strip()


def test_question_streams_and_ends_with_its_meter(panel: Panel) -> None:
    turn = panel.ask("Why are there lamps?")
    expect(panel.asked).to_have_text("Why are there lamps?")
    expect(panel.box).to_have_value("")
    panel.begin_text(turn)
    panel.say(turn, "Because of **ships**")
    panel.expect_words("Because of ships")
    expect(panel.answers.get_by_text("ships")).to_have_css("font-weight", "700")
    expect(panel.button("Stop")).to_be_visible()
    panel.say(turn, " at night.")
    panel.finish(turn, "Because of **ships** at night.")
    figures = "1,312 tokens read · 214 written · first after 0.87 s · 38.2 tokens/s"
    expect(panel.answers).to_contain_text(figures)
    expect(panel.button("Send")).to_be_disabled()
    panel.button("Copy answer").click()
    assert panel.eval("navigator.clipboard.readText()") == "Because of **ships** at night."


def test_every_request_fits_the_contract(panel: Panel) -> None:
    """Each message the panel sends is one the contract's models accept."""
    turn = panel.ask("One")
    panel.finish(turn, "done")
    panel.button("Summarize").count()
    turn = panel.ask("/page What is it about?")
    panel.approve_ask(turn)
    panel.card.get_by_role("button", name="Deny").click()
    panel.button("Stop").click()
    panel.button("Open conversations").click()
    panel.wait("fake.lastRequest('offscreen.list_conversations')")
    sent = panel.eval("fake.requests")
    kinds = {body["type"] for body in sent}
    assert {"offscreen.attach", "offscreen.run_turn", "offscreen.stop_turn"} < kinds
    assert {"offscreen.decide_approval", "background.page_state"} < kinds
    models: dict[str, TypeAdapter[object]] = {
        "offscreen": TypeAdapter(contract.PanelToOffscreen),
        "background": TypeAdapter(contract.ToBackground),
    }
    for body in sent:
        models[body["type"].split(".")[0]].validate_python(body)


def test_follow_up_hangs_on_the_last_answer(panel: Panel) -> None:
    first = panel.ask("One")
    panel.finish(first, "done")
    panel.ask("Two")
    one, two = panel.requests("offscreen.run_turn")
    assert one["parent_id"] is None
    assert two["parent_id"] == f"m-{first}-a"
    assert two["conversation_id"] == one["conversation_id"]


def test_repeated_events_count_once(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.begin_text(turn)
    for word in WORDS[:10]:
        event = panel.say(turn, word)
        panel.eval("([t, e]) => fake.push(t, [e, e])", [turn, event])
    panel.finish(turn, "".join(WORDS[:10]))
    panel.expect_words("".join(WORDS[:10]).strip())
    assert len(panel.requests("offscreen.attach")) == 1


@pytest.mark.parametrize("seed", range(3))
def test_missing_events_are_fetched(panel: Panel, seed: int) -> None:
    """Batches that never arrive are noticed by their seq and asked for again."""
    chance = random.Random(seed)
    turn = panel.ask("Go")
    panel.begin_text(turn)
    for word in WORDS:
        panel.say(turn, word, push=chance.random() < 0.6)
    panel.finish(turn, TEXT)
    panel.expect_words(TEXT)
    expect(panel.button("Stop")).to_have_count(0)
    assert len(panel.requests("offscreen.attach")) > 1


@pytest.mark.parametrize("seed", range(5))
def test_lost_connection_loses_nothing(panel: Panel, seed: int) -> None:
    """The port dies at seeded moments, once while the answer ends."""
    moments = set(random.Random(seed).sample(range(len(WORDS)), 4))
    turn = panel.ask("Go")
    panel.begin_text(turn)
    for i, word in enumerate(WORDS):
        if i in moments:
            panel.eval("fake.drop()")
        panel.say(turn, word)
    if seed % 2:
        panel.eval("fake.drop()")
    panel.finish(turn, TEXT)
    panel.expect_words(TEXT)
    expect(panel.state).not_to_contain_text("reconnecting")
    expect(panel.asked).to_have_count(1)
    expect(panel.answers).to_have_count(1)


@pytest.mark.parametrize("seed", range(5))
def test_closing_and_reopening_continues(panel: Panel, seed: int) -> None:
    """The panel is closed in mid-answer and opened again: the same answer goes on."""
    moment = random.Random(seed).randrange(len(WORDS))
    turn = panel.ask("Go")
    panel.begin_text(turn)
    for word in WORDS[:moment]:
        panel.say(turn, word)
    panel.page.reload()
    expect(panel.asked).to_have_text("Go")
    expect(panel.button("Stop")).to_be_visible()
    for word in WORDS[moment:]:
        panel.say(turn, word)
    panel.finish(turn, TEXT)
    panel.expect_words(TEXT)
    expect(panel.answers).to_have_count(1)
    panel.page.reload()
    panel.expect_words(TEXT)
    expect(panel.asked).to_have_count(1)


def test_message_that_was_never_stored_says_so_and_is_kept(panel: Panel) -> None:
    panel.eval("fake.silent.add('offscreen.run_turn')")
    panel.box.fill("Important words")
    panel.box.press("Enter")
    panel.wait_requests("offscreen.run_turn", 1)
    panel.eval("fake.silent.clear(); fake.drop()")
    expect(panel.answers).to_contain_text("The connection was lost before the message was stored.")
    panel.button("Retry").click()
    expect(panel.asked).to_have_text("Important words")
    again = panel.wait_requests("offscreen.run_turn", 2)[-1]
    assert again["text"] == "Important words"
    panel.finish(panel.turn(), "Fine")
    panel.expect_words("Fine")


def test_failure_offers_the_same_words_again(panel: Panel) -> None:
    first = panel.ask("One")
    panel.finish(first, "done")
    failed = panel.ask("/page Two")
    error = {
        "code": "device_lost",
        "message": "The GPU was lost.",
        "hint": "Try again.",
        "retryable": True,
    }
    panel.finish(failed, "", status="failed", error=error, usage=None)
    alert = panel.page.get_by_role("alert")
    expect(alert).to_contain_text("The GPU was lost.")
    expect(alert).to_contain_text("Try again.")
    alert.get_by_role("button", name="Copy details").click()
    assert "device_lost" in panel.eval("navigator.clipboard.readText()")
    alert.get_by_role("button", name="Retry").click()
    panel.turn(3)
    _one, two, three = panel.wait_requests("offscreen.run_turn", 3)
    assert three["turn_id"] != two["turn_id"]
    for key in ("text", "parent_id", "context_refs", "conversation_id"):
        assert three[key] == two[key], key
    expect(panel.asked).to_have_count(2)
    expect(panel.page.get_by_role("alert")).to_have_count(0)


def test_a_failure_offers_who_else_could_answer(start: Callable[..., Panel]) -> None:
    other = {**trust.model(), "model_id": "s-1:qwen3"}
    panel = start(trust.with_settings(None, [other], level="servers", servers=[trust.server()]))
    failed = panel.ask("Important words")
    error = {
        "code": "no_adapter",
        "message": "There is no graphics adapter.",
        "hint": "Turn on graphics acceleration.",
        "retryable": True,
        "offers": [
            {"model_id": "s-1:qwen3", "label": "A model of this device", "host": None},
            {"model_id": "s-9:gone", "label": "Gone", "host": None},
        ],
    }
    panel.finish(failed, "", status="failed", error=error, usage=None)
    alert = panel.page.get_by_role("alert")
    expect(alert.get_by_role("button", name="Retry")).to_be_visible()
    assert len(panel.requests("offscreen.run_turn")) == 1, "nothing is sent by itself"
    # Named by what the panel knows, not by what a message says.
    expect(alert).not_to_contain_text("A model of this device")
    expect(alert).not_to_contain_text("Gone")
    alert.get_by_role("button", name="Use qwen3:8b at 127.0.0.1:11434").click()
    again = panel.wait_requests("offscreen.run_turn", 2)[-1]
    assert (again["model_id"], again["text"]) == ("s-1:qwen3", "Important words")


def test_stop_by_button_and_by_escape(panel: Panel) -> None:
    for how in ("button", "escape"):
        turn = panel.ask("Go")
        panel.begin_text(turn)
        panel.say(turn, "Half of")
        panel.expect_words("Half of")
        if how == "button":
            panel.button("Stop").click()
        else:
            panel.box.press("Escape")
        expect(panel.answers.last).to_contain_text("Stopped. The answer up to here is kept.")
        panel.expect_words("Half of")
        expect(panel.box).to_be_focused()
    assert len(panel.requests("offscreen.stop_turn")) == 2


def test_a_call_shows_what_has_no_shape(panel: Panel) -> None:
    turn = panel.ask("Go")
    call = {"tool_call_id": "c1", "tool_name": "list\u202e_todos"}
    panel.emit(turn, {"type": "turn.tool_call", **call, "arguments": {"a\u200b": "x\u202ey"}})
    panel.emit(turn, {"type": "turn.tool_result", **call, "status": "ok", "text": "1. oil"})
    panel.finish(turn, "One to-do.")
    panel.answers.get_by_text("list\\u202e_todos").click()
    expect(panel.answers).to_contain_text('"a\\u200b": "x\\u202ey"')


def test_thinking_and_tools_are_folded(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.emit(turn, {"type": "turn.block_start", "block_index": 0, "block_type": "thinking"})
    panel.say(turn, "Let me see.")
    call = {"tool_call_id": "c1", "tool_name": "list_todos"}
    panel.emit(turn, {"type": "turn.tool_call", **call, "arguments": {"all": True}})
    expect(panel.answers).to_contain_text("running")
    panel.emit(turn, {"type": "turn.tool_result", **call, "status": "ok", "text": "1. oil"})
    panel.emit(turn, {"type": "turn.block_start", "block_index": 0, "block_type": "text"})
    panel.say(turn, "One to-do.")
    panel.finish(turn, "One to-do.")
    expect(panel.answers.get_by_text("Let me see.")).to_be_hidden()
    panel.answers.get_by_text("Thoughts").click()
    expect(panel.answers.get_by_text("Let me see.")).to_be_visible()
    expect(panel.answers.get_by_text("1. oil")).to_be_hidden()
    panel.answers.get_by_text("list_todos").click()
    expect(panel.answers.get_by_text("1. oil")).to_be_visible()
    expect(panel.answers).to_contain_text('"all": true')
    panel.expect_words("One to-do.")


def test_what_was_read_is_told_with_its_share(panel: Panel) -> None:
    turn = panel.ask("/page Go")
    expect(panel.asked).to_contain_text("How lighthouses were lit")
    read = {"kind": "page", "origin": "https://harbour.example", "title": "Lamps", "url": ""}
    panel.emit(turn, {"type": "turn.context", **read, "read_chars": 730, "total_chars": 1000})
    expect(panel.asked).to_contain_text("Lamps")
    expect(panel.asked).to_contain_text("harbour.example · 73% read")
    panel.emit(turn, {"type": "turn.notice", "code": "cut", "message": "The end was left out."})
    expect(panel.answers).to_contain_text("The end was left out.")
    panel.finish(turn, "Done")
    panel.page.reload()
    expect(panel.asked).to_contain_text("harbour.example · 73% read")


def test_stages_are_named(panel: Panel) -> None:
    turn = panel.ask("Go")
    said = {
        "Waits for 2 answers in other chats": {"stage": "queued", "place": 2},
        "Reading the page": {"stage": "reading_page"},
        "Starting Python": {"stage": "starting_python"},
        "Reading 1,312 tokens": {"stage": "prefill", "prompt_tokens": 1312},
        "Running list_todos": {"stage": "tool", "detail": "list_todos"},
    }
    for text, status in said.items():
        panel.emit(turn, {"type": "turn.status", **status})
        expect(panel.answers.get_by_text(text)).to_be_visible()
    panel.emit(turn, {"type": "turn.status", "stage": "loading_model"})
    panel.eval(
        "fake.setApp({engine: {state: 'loading', stage: 'upload', progress: 0.43,"
        " loaded_bytes: 5e6, total_bytes: 11.5e6, elapsed_s: 2.1}})"
    )
    loading = "moving to the GPU 43% · 5 of 11.5 MB · 2.1 s"
    expect(panel.answers).to_contain_text(loading)
    expect(panel.state).to_contain_text(loading)


def test_turn_started_in_another_window_is_shown(start: Callable[..., Panel]) -> None:
    panel = start()
    first = panel.ask("One")
    panel.finish(first, "done")
    body = {**panel.requests("offscreen.run_turn")[0], "turn_id": "t-other", "text": "From there"}
    panel.eval("b => fake.runTurn(b)", {**body, "parent_id": f"m-{first}-a"})
    expect(panel.asked.last).to_have_text("From there")
    panel.begin_text("t-other")
    panel.say("t-other", "Seen here too")
    panel.expect_words("Seen here too")


def test_scrolled_up_stays_where_the_reader_is(panel: Panel) -> None:
    turn = panel.ask("Go")
    panel.begin_text(turn)
    panel.say(turn, "line\n\n" * 60)
    top = "document.querySelector('chat-log').scrollTop"
    panel.wait(f"{top} > 500")
    panel.log.hover()
    panel.page.mouse.wheel(0, -600)
    expect(panel.button("Latest")).to_be_visible()
    before = panel.eval(top)
    panel.say(turn, "more\n\n" * 30)
    panel.page.wait_for_timeout(200)
    assert panel.eval(top) == before
    panel.button("Latest").click()
    expect(panel.button("Latest")).to_be_hidden()
    panel.say(turn, "end\n\n" * 30)
    panel.wait(
        "(() => { const l = document.querySelector('chat-log');"
        " return l.scrollHeight - l.scrollTop - l.clientHeight < 4 })()"
    )


def test_announces_sentences_not_tokens(panel: Panel) -> None:
    panel.eval(
        """() => { window.heard = [];
          new MutationObserver(() => heard.push(document.getElementById("announcer").textContent))
            .observe(document.getElementById("announcer"), {childList: true}) }"""
    )
    turn = panel.ask("Go")
    panel.begin_text(turn)
    for word in ["One ", "whole ", "sentence. ", "And ", "a ", "half"]:
        panel.say(turn, word)
    panel.wait("heard.length === 1")
    assert panel.eval("heard") == ["One whole sentence."]
    panel.finish(turn, "One whole sentence. And a half")
    panel.wait("heard.length === 2")
    assert panel.eval("heard[1]") == "And a half"
    assert panel.log.get_attribute("aria-live") == "off"
