"""The Privacy view: levels, what raises them, what is fixed, and what the chip says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.panel import trust
from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e


def opened(panel: Panel) -> Locator:
    """The Privacy view, opened by its button."""
    panel.button("See privacy and activity").click()
    view = panel.page.get_by_role("dialog", name="Privacy")
    expect(view).to_be_visible()
    return view


def level(view: Locator, name: str) -> Locator:
    return view.locator(f"[data-level={name}]")


def test_the_default_is_told_and_marked(panel: Panel) -> None:
    chip = panel.button("Nothing leaves this device")
    expect(chip).to_have_text("On device")
    assert "Privacy level: Device" in (chip.get_attribute("title") or "")
    view = opened(panel)
    expect(level(view, "device")).to_have_attribute("aria-current", "true")
    expect(level(view, "device")).to_contain_text("In force")
    expect(view).to_contain_text("A chat with a model on one of your servers goes to that server")
    expect(view).to_contain_text("each site and its data are named to you first")
    expect(level(view, "servers").get_by_role("button")).to_have_count(0)
    expect(level(view, "servers")).to_contain_text("Add a server below")
    panel.page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(chip).to_be_focused()


def test_raising_names_host_and_data_and_asks_within_the_click(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device"))
    view = opened(panel)
    raising = view.get_by_role("button", name="Let chats go to 127.0.0.1:11434", exact=True)
    web = "Let chats go to 127.0.0.1:11434, and tools ask to send data to websites"
    expect(view.get_by_role("button", name=web)).to_be_visible()
    raising.click()
    expect(level(view, "servers")).to_have_attribute("aria-current", "true")
    assert panel.requests("background.set_level")[0]["level"] == "servers"
    calls = panel.eval("fake.permission_calls")
    assert calls == [{"what": {"origins": ["http://127.0.0.1/*"]}, "gesture": True}]
    assert "My servers" in panel.page.locator("#announcer").inner_text()
    assert view.evaluate("e => e.contains(document.activeElement)"), "the focus stays in the view"


def test_no_script_raises_the_level(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device"))
    opened(panel)
    assert panel.eval("document.querySelectorAll('.raise').forEach(b => b.click())") is None
    panel.page.wait_for_timeout(100)
    assert panel.requests("background.set_level") == []


def test_lowering_is_one_click_and_shows_everywhere(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(chosen=True, level="web"))
    expect(panel.button("Sends to 127.0.0.1:11434")).to_have_text("Sends to 127.0.0.1:11434")
    view = opened(panel)
    view.get_by_role("button", name="Go back to Device").click()
    expect(level(view, "device")).to_contain_text("In force")
    assert panel.eval("fake.permission_calls") == []
    panel.page.keyboard.press("Escape")
    expect(panel.button("Nothing leaves this device")).to_have_text("On device")
    expect(panel.state).to_contain_text("qwen3:8b is on a server")
    panel.box.fill("hello")
    panel.box.press("Enter")
    expect(panel.box).to_have_value("hello")
    expect(panel.page.locator("chat-composer")).to_contain_text("lets nothing leave")
    assert panel.requests("offscreen.run_turn") == []


def test_refused_access_changes_nothing(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device") + "fake.grant = false;")
    view = opened(panel)
    view.get_by_role("button", name="Let chats go to 127.0.0.1:11434", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("did not give access to 127.0.0.1:11434")
    expect(view.get_by_role("alert")).to_contain_text("choose Allow")
    expect(level(view, "device")).to_contain_text("In force")
    assert panel.requests("background.set_level") == []


def test_a_failed_change_is_told_and_the_truth_stays(start: Callable[..., Panel]) -> None:
    error = "{code: 'storage', message: 'The disk is full.', hint: 'Free some space.', "
    panel = start(
        trust.with_settings(level="web")
        + f"fake.failing['background.set_level'] = {error} retryable: true}};"
    )
    view = opened(panel)
    view.get_by_role("button", name="Go back to Device").click()
    expect(view.get_by_role("alert")).to_contain_text("The disk is full.")
    expect(level(view, "web")).to_contain_text("In force")
    expect(view.get_by_role("button", name="Go back to Device")).to_be_enabled()


def test_what_an_administrator_fixed(start: Callable[..., Panel]) -> None:
    panel = start(
        trust.with_settings(
            max_level="device",
            managed=["level", "servers", "local_changes", "disabled_tools"],
            disabled_tools=["open_url", "<b>bold</b>"],
        )
    )
    view = opened(panel)
    expect(level(view, "device")).to_contain_text("Fixed by your administrator.")
    expect(level(view, "web")).to_contain_text("allows no level above Device")
    expect(view).to_contain_text("Switched off: open_url and <b>bold</b>.")
    expect(view.get_by_role("button", name="Let")).to_have_count(0)
    expect(view.get_by_role("button", name="Add a server")).to_have_count(0)
    for radio in view.get_by_role("radio").all():
        expect(radio).to_be_disabled()


def test_a_maximum_leaves_the_lower_levels(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device", max_level="servers", managed=["max_level"]))
    view = opened(panel)
    expect(level(view, "servers").get_by_role("button")).to_be_enabled()
    expect(level(view, "web").get_by_role("button")).to_have_count(0)
    expect(level(view, "web")).to_contain_text("allows no level above My servers")


def test_settings_changed_elsewhere_show_at_once(panel: Panel) -> None:
    view = opened(panel)
    panel.eval("fake.setSettings({level: 'web', local_changes: 'undo'})")
    expect(level(view, "web")).to_contain_text("In force")
    expect(view.get_by_role("radio", name="Do it and offer undo")).to_be_checked()


def test_local_changes(panel: Panel) -> None:
    view = opened(panel)
    expect(view.get_by_role("radio", name="Ask before each change")).to_be_checked()
    view.get_by_role("radio", name="Do it and offer undo").check()
    sent = panel.wait_requests("background.set_local_changes", 1)
    assert sent[0]["local_changes"] == "undo"
    error = "{code: 'x', message: 'Not stored.', hint: 'Try again.', retryable: true}"
    panel.eval(f"fake.failing['background.set_local_changes'] = {error}")
    view.get_by_role("radio", name="Ask before each change").click()
    expect(view.get_by_role("alert")).to_contain_text("Not stored.")
    expect(view.get_by_role("radio", name="Do it and offer undo")).to_be_checked()


def test_settings_that_cannot_be_read(panel: Panel) -> None:
    error = "{code: 'x', message: 'No answer.', hint: 'Reload.', retryable: true}"
    panel.eval(f"fake.failing['background.read_settings'] = {error}")
    view = opened(panel)
    expect(view.get_by_role("alert")).to_contain_text("The privacy settings could not be read.")
    panel.eval("fake.failing = {}")
    view.get_by_role("button", name="Try again").click()
    expect(view.get_by_role("alert")).to_have_count(0)


def test_tabs_by_keyboard(panel: Panel) -> None:
    view = opened(panel)
    view.get_by_role("tab", name="Levels").focus()
    for key, name in [
        ("ArrowRight", "Sent"),
        ("End", "Decisions"),
        ("ArrowRight", "Levels"),
        ("ArrowLeft", "Decisions"),
        ("Home", "Levels"),
    ]:
        panel.page.keyboard.press(key)
        tab = view.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(view.get_by_role("tabpanel")).to_have_count(1)


def test_everything_in_the_view_has_a_name_and_shows_the_focus(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="servers"))
    view = opened(panel)
    view.get_by_role("button", name="Add a server").click()
    reached = set()
    for _ in range(40):
        panel.page.keyboard.press("Tab")
        name, outline = panel.eval(
            """() => { const e = document.activeElement;
              if (e === document.body) return ["", true];
              const label = e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent;
              return [label ?? e.textContent, getComputedStyle(e).outlineStyle !== "none"] }"""
        )
        assert outline, name
        reached.add(name)
    for wanted in ("Close", "Go back to Device", "Refresh models: Ollama", "Edit: Ollama"):
        assert wanted in reached
    for wanted in ("Remove: Ollama", "LM Studio", "Address", "API key (optional)", "Cancel"):
        assert wanted in reached
    assert "Ask before each change" in reached


def test_a_waiting_decision_is_told_over_the_view(panel: Panel) -> None:
    turn = panel.ask("add oil")
    view = opened(panel)
    panel.approve_ask(turn)
    expect(view).to_contain_text("An answer waits for your decision.")
    view.get_by_role("button", name="Show").click()
    expect(view).to_be_hidden()
    panel.card.get_by_role("button", name="Deny").click()
    expect(panel.answers).to_contain_text("Denied by you")


@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_sticks_out(start: Callable[..., Panel], width: int) -> None:
    long = "x" * 80
    servers = [trust.server(label=long, base_url=f"https://{'y' * 60}.{'z' * 60}.example/v1")]
    panel = start(
        trust.with_settings(level="device", servers=servers, disabled_tools=["t" * 100])
        + f"fake.ledger = [{trust.js(trust.sent('l', 1.7e12, host='h' * 200, detail='d' * 400))}];"
        + f"fake.decisions = [{trust.js(trust.decision('a', 1.7e12, title='t' * 300))}];"
    )
    panel.page.set_viewport_size({"width": width, "height": 500})
    view = opened(panel)
    view.get_by_role("button", name="Add a server").click()
    for tab in ("Levels", "Sent", "Decisions"):
        view.get_by_role("tab", name=tab).click()
        shown = view.get_by_role("tabpanel")
        expect(shown).to_be_visible()
        assert shown.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), tab
    assert view.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
