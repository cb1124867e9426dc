"""The composer and the first moments: there at once, and no word is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.panel.driver import Panel
from tests.panel.support import open_panel

pytestmark = pytest.mark.e2e

HANDOFF = {
    "handoff_id": "h1",
    "kind": "summarize_selection",
    "text": "Lamps were lit at dusk.",
    "block": {
        "kind": "selection",
        "origin": "https://harbour.example",
        "trust": "untrusted",
        "title": "How lighthouses were lit",
        "url": "https://harbour.example/lit",
        "text": "Lamps were lit at dusk.",
        "total_chars": 23,
        "truncated": False,
    },
    "page": {"tab_id": 7, "document_id": "doc-1", "origin": "https://harbour.example"},
}


def test_usable_while_nothing_answers(context: BrowserContext, origin: str) -> None:
    """No answer from background or assistant: the box takes words, and they survive a reload."""
    page = context.new_page()
    page.add_init_script(
        "let f; Object.defineProperty(globalThis, 'fake', {get: () => f, set(fake) { f = fake;"
        "fake.silent.add('background.ensure_offscreen').add('background.page_state') }})"
    )
    page.goto(f"{origin}/index.html")
    box = page.get_by_role("textbox", name="Message")
    expect(box).to_be_focused()
    page.keyboard.type("a thought I must not lose")
    page.reload()
    expect(box).to_have_value("a thought I must not lose")
    box.press("Enter")
    expect(page.get_by_role("article", name="You")).to_have_text("a thought I must not lose")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Sending")


def test_no_assistant_ends_in_a_message_with_a_way_out(start: Callable[..., Panel]) -> None:
    panel = start()
    error = "{code: 'x_failed', message: 'It broke.', hint: 'Try again.', retryable: true}"
    panel.eval(f"fake.failing['background.ensure_offscreen'] = {error}; fake.drop()")
    expect(panel.state).to_contain_text("It broke.")
    expect(panel.state).to_contain_text("reconnecting")
    panel.box.fill("Hello")
    panel.box.press("Enter")
    expect(panel.answers).to_contain_text("It broke.")
    panel.eval("fake.failing = {}")
    panel.state.get_by_role("button", name="Try again").click()
    expect(panel.state).not_to_contain_text("It broke.")
    panel.page.reload()
    expect(panel.box).to_have_value("Hello")
    panel.box.press("Enter")
    assert panel.wait_requests("offscreen.run_turn", 1)[-1]["text"] == "Hello"
    panel.turn()
    panel.page.reload()
    expect(panel.asked).to_have_text("Hello")
    expect(panel.box).to_have_value("")


def test_unsent_words_stay_when_the_assistant_comes_back(panel: Panel) -> None:
    error = "{code: 'x_failed', message: 'It broke.', hint: 'Try again.', retryable: true}"
    panel.eval(f"fake.failing['offscreen.run_turn'] = {error}")
    panel.box.fill("Hello")
    panel.box.press("Enter")
    expect(panel.answers).to_contain_text("It broke.")
    panel.eval("fake.failing = {}; fake.drop()")
    panel.wait_requests("offscreen.attach", 2)
    expect(panel.asked).to_have_text("Hello")
    panel.button("Retry").click()
    panel.finish(panel.turn(), "Hi")
    panel.expect_words("Hi")
    expect(panel.answers).to_have_count(1)


def test_each_conversation_has_its_own_draft(panel: Panel) -> None:
    panel.finish(panel.ask("One"), "done")
    panel.box.fill("draft of one")
    panel.button("New chat").click()
    expect(panel.box).to_have_value("")
    panel.box.fill("draft of two")
    panel.button("Open conversations").click()
    panel.page.get_by_role("dialog").get_by_role("button", name="One").first.click()
    expect(panel.box).to_have_value("draft of one")
    expect(panel.asked).to_have_text("One")
    panel.page.reload()
    expect(panel.box).to_have_value("draft of one")
    expect(panel.asked).to_have_text("One")


def test_keys(panel: Panel) -> None:
    panel.box.fill("first")
    panel.box.press("Shift+Enter")
    panel.page.keyboard.type("second")
    assert panel.requests("offscreen.run_turn") == []
    panel.box.press("Enter")
    turn = panel.turn()
    assert panel.requests("offscreen.run_turn")[0]["text"] == "first\nsecond"
    panel.box.fill("not yet")
    panel.box.press("Enter")
    expect(panel.page.get_by_text("An answer is running.")).to_be_visible()
    expect(panel.box).to_have_value("not yet")
    panel.box.fill("")
    panel.finish(turn, "ok")
    panel.finish(panel.ask("third"), "ok")
    for text in ("third", "first\nsecond", "first\nsecond"):
        panel.box.press("ArrowUp")
        expect(panel.box).to_have_value(text)
    panel.box.press("ArrowDown")
    panel.box.press("ArrowDown")
    expect(panel.box).to_have_value("")


@pytest.mark.parametrize(
    ("typed", "text", "choice", "refs"),
    [
        ("/todo buy lamp oil", "add buy lamp oil to my to-do list", "add_todo", 0),
        ("/read", "Read this page.", "read_page", 0),
        ("/page Who wrote it?", "Who wrote it?", "auto", 1),
        ("/PAGE\nWho?", "Who?", "auto", 1),
        (" /page literally", "/page literally", "auto", 0),
        ("/etc/hosts is a file", "/etc/hosts is a file", "auto", 0),
    ],
)
def test_commands(panel: Panel, typed: str, text: str, choice: str, refs: int) -> None:
    panel.wait("fake.lastRequest('background.page_state')")
    expect(panel.button("Not attached")).to_be_visible()
    panel.ask(typed)
    sent = panel.requests("offscreen.run_turn")[0]
    assert sent["text"] == text
    assert sent["options"] == {"tool_choice": choice}
    assert len(sent["context_refs"]) == refs
    assert sent["page"]["document_id"] == "doc-1"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/todo", "/todo needs a text after it."),
        ("/page  ", "/page needs a question after it."),
        ("/nonsense x", "There is no command /nonsense."),
    ],
)
def test_commands_that_cannot_run_say_why(panel: Panel, typed: str, said: str) -> None:
    panel.box.fill(typed)
    panel.box.press("Escape")
    panel.box.press("Enter")
    expect(panel.page.get_by_text(said)).to_be_visible()
    expect(panel.box).to_have_value(typed)
    assert panel.requests("offscreen.run_turn") == []


def test_command_menu_by_keyboard_and_pointer(panel: Panel) -> None:
    options = panel.page.get_by_role("option")
    panel.box.press("/")
    expect(options).to_have_count(4)
    panel.box.press("ArrowDown")
    panel.box.press("ArrowDown")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    expect(panel.box).to_have_attribute("aria-activedescendant", "command-2")
    panel.box.press("Tab")
    expect(panel.box).to_have_value("/todo ")
    expect(options).to_have_count(0)
    panel.box.fill("/n")
    expect(options).to_have_count(1)
    panel.box.press("Escape")
    expect(options).to_have_count(0)
    panel.box.fill("/p")
    options.first.click()
    expect(panel.box).to_have_value("/page ")
    expect(panel.box).to_be_focused()


def test_new_command_starts_a_conversation(panel: Panel) -> None:
    panel.finish(panel.ask("One"), "done")
    panel.box.fill("/ne")
    panel.box.press("Enter")
    expect(panel.asked).to_have_count(0)
    panel.ask("Two")
    one, two = panel.requests("offscreen.run_turn")
    assert one["conversation_id"] != two["conversation_id"]
    assert two["parent_id"] is None


def test_too_long_text_is_told_and_kept(panel: Panel) -> None:
    text = "x" * 200_001
    panel.box.fill(text)
    expect(panel.page.get_by_text("Too long by 1 character: ")).to_be_visible()
    panel.box.press("Enter")
    assert panel.requests("offscreen.run_turn") == []
    panel.page.reload()
    assert len(panel.box.input_value()) == 200_001
    panel.box.fill(text[1:])
    panel.box.press("Enter")
    assert len(panel.wait_requests("offscreen.run_turn", 1)[0]["text"]) == 200_000


def test_parked_job_runs_at_once(start: Callable[..., Panel]) -> None:
    """The context menu's selection is summarised when the panel opens."""
    panel = start()
    panel.wait_requests("background.take_handoff", 1)  # its own question at the start is over
    panel.eval("h => { fake.handoff = h; }", HANDOFF)
    panel.eval("fake.broadcast({type: 'panel.handoff_ready', window_id: 2})")
    panel.page.wait_for_timeout(50)
    assert panel.requests("offscreen.run_turn") == [], "another window's job"
    panel.eval("fake.broadcast({type: 'panel.handoff_ready', window_id: 1})")
    sent = panel.wait_requests("offscreen.run_turn", 1)[0]
    assert sent["text"] == "Summarize the selection."
    (ref,) = sent["context_refs"]
    assert ref["kind"] == "selection" and ref["block"] == HANDOFF["block"]
    expect(panel.asked).to_contain_text("How lighthouses were lit")
    panel.finish(panel.turn(), "Lamps.")
    panel.eval("h => { fake.handoff = h; }", HANDOFF)
    panel.eval("fake.broadcast({type: 'panel.handoff_ready', window_id: 1})")
    again = panel.wait_requests("offscreen.run_turn", 2)[1]
    assert again["conversation_id"] != sent["conversation_id"]
    expect(panel.asked).to_have_count(1)


def test_second_window_starts_its_own_conversation(
    context: BrowserContext, origin: str, start: Callable[..., Panel]
) -> None:
    panel = start()
    panel.finish(panel.ask("One"), "done")
    own = panel.requests("offscreen.run_turn")[0]["conversation_id"]
    before = f"fake.otherWindow('{own}')"
    other, _seen = open_panel(context, origin, before)
    expect(other.get_by_text("Ask about the page beside you.")).to_be_visible()


def test_conversations_are_listed_opened_and_deleted(panel: Panel) -> None:
    panel.finish(panel.ask("First talk"), "done")
    panel.button("New chat").click()
    panel.finish(panel.ask("Second talk"), "done")
    expect(panel.page.get_by_role("banner")).to_contain_text("Second talk")
    panel.button("Open conversations").click()
    drawer = panel.page.get_by_role("dialog", name="Conversations")
    expect(drawer.get_by_role("listitem")).to_have_count(2)
    expect(drawer).to_contain_text("2 messages")
    drawer.get_by_role("button", name="Delete “First talk”").click()
    sure = drawer.get_by_role("alertdialog")
    expect(sure.get_by_role("button", name="Keep")).to_be_focused()
    sure.get_by_role("button", name="Keep").click()
    assert panel.requests("offscreen.delete_conversation") == []
    drawer.get_by_role("button", name="Delete “Second talk”").click()
    sure.get_by_role("button", name="Delete").click()
    expect(drawer.get_by_role("listitem")).to_have_count(1)
    panel.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(panel.asked).to_have_count(0)


def test_the_drawer_keeps_the_focus(panel: Panel) -> None:
    """After Keep at the same row, after Delete at the next one, at the end at New chat."""
    for i, text in enumerate(("Oldest", "Middle", "Newest")):
        if i:
            panel.button("New chat").click()
        panel.finish(panel.ask(text), "done")
    panel.button("Open conversations").click()
    drawer = panel.page.get_by_role("dialog", name="Conversations")
    sure = drawer.get_by_role("alertdialog")

    def trash(title: str) -> Locator:
        return drawer.get_by_role("button", name=f"Delete “{title}”")

    trash("Middle").click()
    panel.page.keyboard.press("Enter")  # Keep has the focus
    expect(trash("Middle")).to_be_focused()
    panel.page.keyboard.press("Enter")
    for deleted, then in (("Middle", "Oldest"), ("Oldest", "Newest")):
        if deleted != "Middle":
            panel.page.keyboard.press("Enter")
        expect(sure).to_contain_text(deleted)
        panel.page.keyboard.press("Tab")
        panel.page.keyboard.press("Enter")
        expect(trash(deleted)).to_have_count(0)
        expect(trash(then)).to_be_focused()
    panel.page.keyboard.press("Enter")
    panel.page.keyboard.press("Tab")
    panel.page.keyboard.press("Enter")
    expect(drawer).to_contain_text("No conversations yet.")
    expect(drawer.get_by_role("button", name="New chat")).to_be_focused()
