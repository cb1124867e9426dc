"""Adding, reading, editing and removing a model server; choosing its models."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.panel import trust
from tests.panel.driver import Panel
from tests.panel.test_privacy import opened

pytestmark = pytest.mark.e2e


def adding(panel: Panel) -> Locator:
    view = opened(panel)
    view.get_by_role("button", name="Add a server").click()
    form = view.get_by_role("group", name="Add a server")
    expect(form.get_by_label("Address")).to_be_focused()
    return form


def order(panel: Panel) -> list[str]:
    """What was asked of background and assistant about servers, in order."""
    types: list[str] = panel.eval("fake.requests.map(r => r.type)")
    about = ("background.save_server", "background.set_level", "offscreen.connect_server")
    return [kind for kind in types if kind in about]


def test_add_by_preset(panel: Panel) -> None:
    form = adding(panel)
    form.get_by_role("button", name="Ollama").click()
    expect(form.get_by_label("Address")).to_have_value("http://localhost:11434/v1")
    form.get_by_role("button", name="Let chats go to localhost:11434").click()
    view = panel.page.get_by_role("dialog", name="Privacy")
    expect(form).to_be_hidden()
    expect(view).to_contain_text("2 models · no API key")
    assert order(panel) == [
        "background.save_server",
        "background.set_level",
        "offscreen.connect_server",
    ]
    calls = panel.eval("fake.permission_calls")
    assert calls == [{"what": {"origins": ["http://localhost/*"]}, "gesture": True}]
    saved = panel.requests("background.save_server")[0]
    assert (saved["label"], saved["key"]) == ("Ollama", None)
    assert saved["server_id"].startswith("s-")


def test_anthropics_protocol_is_chosen_with_its_address(panel: Panel) -> None:
    form = adding(panel)
    expect(form.get_by_label("Protocol")).to_have_value("openai")
    form.get_by_label("Address").fill("api.anthropic.com/v1/messages")
    expect(form.get_by_label("Protocol")).to_have_value("anthropic")
    form.get_by_label("Address").fill("")
    form.get_by_role("button", name="Ollama").click()
    expect(form.get_by_label("Protocol")).to_have_value("openai")
    form.get_by_role("button", name="Anthropic").click()
    expect(form.get_by_label("Protocol")).to_have_value("anthropic")
    form.get_by_role("button", name="Let chats go to api.anthropic.com").click()
    saved = panel.wait_requests("background.save_server", 1)[0]
    assert (saved["kind"], saved["base_url"]) == ("anthropic", "https://api.anthropic.com/v1")


def test_add_by_keyboard_with_a_key(panel: Panel) -> None:
    form = adding(panel)
    panel.page.keyboard.type("127.0.0.1:11434")
    form.get_by_label("API key").fill("sk-secret")
    panel.page.keyboard.press("Enter")
    view = panel.page.get_by_role("dialog", name="Privacy")
    expect(view).to_contain_text("1 model · API key stored")
    saved = panel.requests("background.save_server")[0]
    assert saved["base_url"] == "http://127.0.0.1:11434/v1"
    assert (saved["label"], saved["key"]) == ("127.0.0.1:11434", "sk-secret")
    assert "sk-secret" not in panel.eval("document.documentElement.outerHTML")
    assert (
        panel.eval("[...document.querySelectorAll('input')].map(i => i.value)").count("sk-secret")
        == 0
    ), "the key does not stay in its field"
    assert panel.eval("JSON.stringify(localStorage)").count("sk-secret") == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter the address"),
        ("ftp://models.example", "no address of a server"),
        ("http://", "no address of a server"),
        ("hello there", "no address of a server"),
        ("http://a%20b:11434", "no address of a server"),
        ("https://me:secret@models.example/v1", "user name and password"),
        ("https://models.example/v1?key=1", "what follows ? or #"),
    ],
)
def test_a_bad_address_is_told_in_place(panel: Panel, typed: str, said: str) -> None:
    form = adding(panel)
    form.get_by_label("Address").fill(typed)
    address = form.get_by_label("Address")
    hint = form.locator("#server-url-hint")
    expect(hint).to_contain_text(said if typed else "/v1 is added")
    expect(address).not_to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Save").click()
    expect(hint).to_contain_text(said)
    expect(panel.page.locator("#announcer")).to_contain_text(said)
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_value(typed)
    expect(address).to_be_focused()
    address.fill("models.example")
    expect(address).not_to_have_attribute("aria-invalid", "true")
    expect(hint).to_contain_text("Will be used as https://models.example/v1")
    assert order(panel) == []
    assert panel.eval("fake.permission_calls") == []


@pytest.mark.parametrize(
    ("typed", "base_url", "pattern"),
    [
        ("localhost:1234", "http://localhost:1234/v1", "http://localhost/*"),
        ("models.example", "https://models.example/v1", "https://models.example/*"),
        (" https://a.example/api/ ", "https://a.example/api", "https://a.example/*"),
        ("http://[::1]:8080", "http://[::1]:8080/v1", "http://[::1]/*"),
        (
            "https://a.example:8443/v1/chat/completions",
            "https://a.example:8443/v1",
            "https://a.example/*",
        ),
    ],
)
def test_addresses(panel: Panel, typed: str, base_url: str, pattern: str) -> None:
    form = adding(panel)
    form.get_by_label("Address").fill(typed)
    expect(form).to_contain_text(f"Will be used as {base_url}")
    form.get_by_role("button", name="Let chats go to").click()
    assert panel.wait_requests("background.save_server", 1)[0]["base_url"] == base_url
    assert panel.eval("fake.permission_calls")[0]["what"] == {"origins": [pattern]}


@pytest.mark.parametrize(
    ("typed", "warned"),
    [
        ("http://192.168.1.20:8000", True),
        ("http://localhost.evil.example", True),
        ("http://localhost:11434", False),
        ("http://127.9.9.9:11434", False),
        ("https://models.example", False),
    ],
)
def test_plain_http_to_others_is_warned_of(panel: Panel, typed: str, warned: bool) -> None:
    form = adding(panel)
    form.get_by_label("Address").fill(typed)
    warning = form.get_by_text("is not encrypted")
    expect(warning).to_have_count(1 if warned else 0)


def test_refused_access_saves_nothing_and_keeps_the_values(start: Callable[..., Panel]) -> None:
    panel = start("fake.grant = false;")
    form = adding(panel)
    form.get_by_role("button", name="vLLM").click()
    form.get_by_label("API key").fill("k")
    form.get_by_role("button", name="Let chats go to localhost:8000").click()
    expect(form.get_by_role("alert")).to_contain_text("did not give access to localhost:8000")
    expect(form.get_by_label("Address")).to_have_value("http://localhost:8000/v1")
    expect(form.get_by_label("API key")).to_have_value("k")
    assert order(panel) == []


def test_an_unreachable_server_is_told_and_tried_again(panel: Panel) -> None:
    form = adding(panel)
    form.get_by_role("button", name="llama.cpp").click()
    form.get_by_role("button", name="Let chats go to localhost:8080").click()
    expect(form.get_by_role("alert")).to_contain_text("localhost:8080 did not answer.")
    expect(form.get_by_role("alert")).to_contain_text("The server is saved")
    expect(form.get_by_role("button", name="Let chats go to localhost:8080")).to_be_focused()
    expect(form.get_by_role("alert")).not_to_contain_text("OLLAMA_ORIGINS")
    expect(form.get_by_label("Address")).to_have_value("http://localhost:8080/v1")
    panel.eval("fake.served.set('http://localhost:8080/v1', ['m'])")
    form.get_by_role("button", name="Try again").click()
    expect(form).to_be_hidden()
    ids = {body["server_id"] for body in panel.requests("background.save_server")}
    assert len(ids) == 1, "the second try does not add a second server"


def test_ollamas_403_is_explained(panel: Panel) -> None:
    error = "{code: 'http_403', message: 'It answered 403.', hint: 'Look there.', retryable: false}"
    panel.eval(f"fake.failing['offscreen.connect_server'] = {error}")
    form = adding(panel)
    form.get_by_role("button", name="Ollama").click()
    form.get_by_role("button", name="Let chats go to localhost:11434").click()
    said = "OLLAMA_ORIGINS contains chrome-extension://*"
    expect(form.get_by_role("alert")).to_contain_text(said)


def test_edit_keeps_the_key_unless_the_host_changes(start: Callable[..., Panel]) -> None:
    panel = start(
        trust.with_settings(level="servers", servers=[trust.server(has_key=True)])
        + "fake.keys.set('s-1', 'old');"
    )
    view = opened(panel)
    view.get_by_role("button", name="Edit: Ollama").click()
    form = view.get_by_role("group", name="Edit the server")
    expect(form).to_contain_text("A key is stored.")
    form.get_by_label("Name").fill("Desk")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    saved = panel.requests("background.save_server")[-1]
    assert (saved["label"], saved["key"], saved["server_id"]) == ("Desk", None, "s-1")
    view.get_by_role("button", name="Edit: Desk").click()
    form.get_by_label("Address").fill("http://localhost:11434")
    expect(form).to_contain_text("belongs to 127.0.0.1:11434 and will be deleted")
    form.get_by_role("button", name="Save, and let chats go to localhost:11434").click()
    expect(form).to_be_hidden()
    assert panel.requests("background.save_server")[-1]["key"] == ""
    expect(view).to_contain_text("no API key")


def test_a_stored_key_can_be_deleted(start: Callable[..., Panel]) -> None:
    panel = start(
        trust.with_settings(level="servers", servers=[trust.server(has_key=True)])
        + "fake.keys.set('s-1', 'old');"
    )
    view = opened(panel)
    view.get_by_role("button", name="Edit: Ollama").click()
    view.get_by_label("Delete the stored key").check()
    expect(view.get_by_label("API key")).to_be_disabled()
    view.get_by_role("button", name="Save").click()
    expect(view).to_contain_text("no API key")
    assert panel.requests("background.save_server")[-1]["key"] == ""


def test_at_device_editing_neither_raises_nor_asks_the_server(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device"))
    view = opened(panel)
    expect(view.get_by_role("button", name="Refresh models: Ollama")).to_be_disabled()
    expect(view).to_contain_text("Not used at the level Device.")
    view.get_by_role("button", name="Edit: Ollama").click()
    view.get_by_label("Name").fill("Desk")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_role("button", name="Edit: Desk")).to_be_visible()
    assert order(panel) == ["background.save_server"]


def test_remove_asks_first(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server())
    view = opened(panel)
    view.get_by_role("button", name="Remove: Ollama").click()
    asked = view.get_by_role("alertdialog")
    expect(asked).to_contain_text("Remove this server and its stored key?")
    expect(asked.get_by_role("button", name="Keep")).to_be_focused()
    panel.page.keyboard.press("Enter")
    expect(view.get_by_role("button", name="Remove: Ollama")).to_be_focused()
    view.get_by_role("button", name="Remove: Ollama").click()
    asked.get_by_role("button", name="Remove").click()
    expect(view).to_contain_text("No servers.")
    assert len(panel.requests("background.remove_server")) == 1


def test_refresh_tells_success_and_failure(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server())
    view = opened(panel)
    panel.eval("fake.served.set('http://127.0.0.1:11434/v1', ['a', 'b', 'c'])")
    view.get_by_role("button", name="Refresh models: Ollama").click()
    expect(view).to_contain_text("3 models")
    panel.eval("fake.served.clear()")
    view.get_by_role("button", name="Refresh models: Ollama").click()
    expect(view.get_by_role("alert")).to_contain_text("Ollama (127.0.0.1:11434)")
    expect(view.get_by_role("alert")).to_contain_text("did not answer")
    expect(view.get_by_role("button", name="Refresh models: Ollama")).to_be_focused()


def test_hostile_names_of_servers_and_models_are_text(start: Callable[..., Panel]) -> None:
    bad = "<img src=x onerror=alert(1)>\u202egnp"
    panel = start(
        trust.with_settings(
            None, [trust.model(bad)], level="servers", servers=[trust.server(label=bad)]
        )
    )
    view = opened(panel)
    expect(view).to_contain_text("<img src=x onerror=alert(1)>\\u202egnp")
    panel.page.keyboard.press("Escape")
    panel.button("Model Starter").click()
    models = panel.page.get_by_role("dialog", name="Models")
    expect(models).to_contain_text("<img src=x onerror=alert(1)>\\u202egnp · 127.0.0.1:11434")
    assert panel.page.locator("img").count() == 0


def test_models_stand_under_their_server_and_say_once_where_words_go(
    start: Callable[..., Panel],
) -> None:
    panel = start(trust.with_server())
    panel.button("Model Starter").click()
    models = panel.page.get_by_role("dialog", name="Models")
    away = models.get_by_role("group", name="Ollama · 127.0.0.1:11434")
    expect(away).to_contain_text("window 8,192 tokens")
    expect(away).not_to_contain_text("MB")
    told = "your messages and what is attached to them, this chat so far and tool results are sent"
    away.get_by_role("radio", name="qwen3:8b").check()
    expect(models).to_contain_text(f"With qwen3:8b, {told} to 127.0.0.1:11434.")
    assert told in panel.page.locator("#announcer").inner_text()
    panel.page.keyboard.press("Escape")
    expect(panel.button("Sends to 127.0.0.1:11434")).to_be_visible()
    expect(panel.page.get_by_role("main")).to_contain_text("with a model at 127.0.0.1:11434")
    panel.button("Attach this page").click()
    chip = panel.page.get_by_role("group", name="Page", exact=True)
    expect(chip).to_contain_text("Will be sent to 127.0.0.1:11434")
    panel.button("Model qwen3:8b").click()
    expect(models).not_to_contain_text(told)
    models.get_by_role("radio", name="Starter").check()
    models.get_by_role("radio", name="qwen3:8b").check()
    expect(models).not_to_contain_text(told)
    panel.page.keyboard.press("Escape")
    panel.ask("Hello")
    assert panel.requests("offscreen.run_turn")[0]["model_id"] == "s-1/qwen3:8b"


def test_at_device_models_of_servers_cannot_be_chosen(start: Callable[..., Panel]) -> None:
    panel = start(trust.with_server(level="device"))
    panel.button("Model Starter").click()
    models = panel.page.get_by_role("dialog", name="Models")
    expect(models.get_by_role("radio", name="qwen3:8b")).to_be_disabled()
    expect(models).to_contain_text("Needs the level My servers.")
