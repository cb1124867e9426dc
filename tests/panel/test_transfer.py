"""Conversations to a file and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.panel import trust
from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e

TWO = (
    f"fake.conversations.set('c-1', {trust.js(trust.conversation('c-1', 'One / two'))});"
    f"fake.conversations.set('c-2', {trust.js(trust.conversation('c-2', 'Three'))});"
)


def drawer(panel: Panel) -> Locator:
    panel.button("Open conversations").click()
    found = panel.page.get_by_role("dialog", name="Conversations")
    expect(found).to_be_visible()
    return found


def chosen(panel: Panel, path: Path) -> None:
    """Choose a file in the dialog that Import opens."""
    with panel.page.expect_file_chooser() as chooser:
        panel.button("Import").click()
    chooser.value.set_files(path)


def written(folder: Path, content: Any) -> Path:
    path = folder / "chats.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_export_one(start: Callable[..., Panel], tmp_path: Path) -> None:
    panel = start(TWO)
    shown = drawer(panel)
    with panel.page.expect_download() as download:
        shown.get_by_role("button", name="Export “One / two”").click()
    assert download.value.suggested_filename.startswith("sidelight-one-two-2")
    assert download.value.suggested_filename.endswith(".json")
    path = tmp_path / "one.json"
    download.value.save_as(path)
    content = json.loads(path.read_text())
    assert content["format"] == "sidelight-conversations-1"
    assert [c["summary"]["conversation_id"] for c in content["conversations"]] == ["c-1"]
    expect(shown).to_contain_text("Exported")


def test_export_all_then_import(start: Callable[..., Panel], tmp_path: Path) -> None:
    panel = start(TWO)
    shown = drawer(panel)
    with panel.page.expect_download() as download:
        shown.get_by_role("button", name="Export all").click()
    path = tmp_path / "all.json"
    download.value.save_as(path)
    assert len(json.loads(path.read_text())["conversations"]) == 2
    chosen(panel, path)
    expect(shown).to_contain_text("2 conversations imported")
    expect(shown.get_by_text("Imported: its content is not trusted")).to_have_count(2)
    shown.locator("[data-id=c-imported-1] .row").click()
    expect(panel.log).to_contain_text("Imported: its content is not trusted")
    expect(panel.log).to_contain_text("With oil.")
    panel.button("New chat").click()
    expect(panel.page.locator("chat-log > panel-notice")).to_be_hidden()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "it is not JSON"),
        ("", "it is not JSON"),
        ([], "not a Sidelight export"),
        ({"format": "other", "conversations": []}, "not a Sidelight export"),
        ({"format": "sidelight-conversations-1", "conversations": 5}, "not a Sidelight export"),
    ],
)
def test_a_wrong_file_is_told(panel: Panel, tmp_path: Path, content: Any, said: str) -> None:
    shown = drawer(panel)
    chosen(panel, written(tmp_path, content))
    expect(shown.get_by_role("alert")).to_contain_text(said)
    expect(shown.get_by_role("alert")).to_contain_text("Choose a .json file")
    expect(shown.get_by_role("button", name="Import")).to_be_enabled()
    assert panel.requests("offscreen.import_conversations") == []


def test_what_the_assistant_refuses_is_told(panel: Panel, tmp_path: Path) -> None:
    error = "{code: 'import_bad', message: 'Chat 3 is damaged.', hint: 'Export again.', "
    panel.eval(f"fake.failing['offscreen.import_conversations'] = {error} retryable: false}}")
    shown = drawer(panel)
    content = {"format": "sidelight-conversations-1", "exported_at_ms": 1, "conversations": []}
    chosen(panel, written(tmp_path, content))
    expect(shown.get_by_role("alert")).to_contain_text("Chat 3 is damaged.")


def test_a_large_file_comes_in_parts(panel: Panel, tmp_path: Path) -> None:
    """One message of the connection could not carry it."""
    chats = [trust.conversation(f"c-{n}", f"Chat {n}") for n in range(5)]
    for chat in chats:
        chat["messages"][0]["text"] = "x" * 3_000_000
    content = {"format": "sidelight-conversations-1", "exported_at_ms": 1, "conversations": chats}
    panel.eval("fake.keep = () => {}")  # its storage is the session's: too small
    shown = drawer(panel)
    chosen(panel, written(tmp_path, content))
    expect(shown).to_contain_text("5 conversations imported")
    assert panel.eval("fake.imported.length") == 5
    assert len(panel.requests("offscreen.import_conversations")) == 3


def test_a_file_that_breaks_off_says_how_much_came(panel: Panel, tmp_path: Path) -> None:
    chats = [trust.conversation(f"c-{n}", f"Chat {n}") for n in range(3)]
    for chat in chats:
        chat["messages"][0]["text"] = "x" * 5_000_000
    content = {"format": "sidelight-conversations-1", "exported_at_ms": 1, "conversations": chats}
    error = "{code: 'full', message: 'The disk is full.', hint: 'h', retryable: false}"
    panel.eval("fake.keep = () => {}")
    panel.eval(
        "const type = 'offscreen.import_conversations'; let calls = 0;"
        f"Object.defineProperty(fake.failing, type, {{ get: () => calls++ ? {error} : undefined }})"
    )
    shown = drawer(panel)
    chosen(panel, written(tmp_path, content))
    alert = shown.get_by_role("alert")
    expect(alert).to_contain_text("1 of 3 conversations came")
    expect(alert).to_contain_text("The disk is full.")


def test_hostile_conversations_are_text(panel: Panel, tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)>"
    content = {
        "format": "sidelight-conversations-1",
        "exported_at_ms": 1,
        "conversations": [trust.conversation("c-9", bad)],
    }
    shown = drawer(panel)
    chosen(panel, written(tmp_path, content))
    expect(shown).to_contain_text(bad)
    shown.locator("[data-id=c-imported-0] .row").click()
    expect(panel.log).to_contain_text(bad)
    assert panel.page.locator("img").count() == 0
