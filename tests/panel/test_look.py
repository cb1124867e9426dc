"""What can be checked of looks and sources: contrast, state line, no markup strings, small size."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.panel.driver import Panel
from tests.panel.support import ROOT

PANEL = ROOT / "sidepanel"
SOURCES = sorted(PANEL.rglob("*.js"))
CSS = (PANEL / "panel.css").read_text()

#: (text, ground, least ratio): 4.5 for words, 3 for the bounds of controls.
PAIRS = [
    ("ink", "ground", 4.5),
    ("ink", "surface", 4.5),
    ("ink", "accent-soft", 4.5),
    ("ink", "lamp-soft", 4.5),
    ("ink", "danger-soft", 4.5),
    ("ink", "sunken", 4.5),
    ("muted", "ground", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "sunken", 4.5),
    ("muted", "accent-soft", 4.5),
    ("muted", "lamp-soft", 4.5),
    ("muted", "danger-soft", 4.5),
    ("link", "ground", 4.5),
    ("link", "surface", 4.5),
    ("ok", "ground", 4.5),
    ("ok", "surface", 4.5),
    ("danger", "ground", 4.5),
    ("danger", "surface", 4.5),
    ("danger", "danger-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("accent", "ground", 3),
    ("accent", "surface", 3),
    ("strong-line", "ground", 3),
    ("strong-line", "surface", 3),
]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, as WCAG defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.unit
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_contrast(theme: str, text: str, ground: str, least: float) -> None:
    tokens = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)
    colours = {name: light if theme == "light" else dark for name, light, dark in tokens}
    high, low = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= least


@pytest.mark.unit
def test_untrusted_text_has_one_way_in() -> None:
    """No markup strings outside the renderer, and there only through the sanitiser."""
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    ways += r"|DOMParser|setHTMLUnsafe|srcdoc|new Function|\beval\("
    found = [file.name for file in SOURCES if re.search(ways, file.read_text())]
    assert found == []
    importers = {f.name for f in SOURCES if re.search(r'from "(marked|dompurify)"', f.read_text())}
    assert importers == {"markdown.js"}


@pytest.mark.unit
def test_nothing_remote_is_named() -> None:
    allowed = "http://www.w3.org/2000/svg"
    for file in [*SOURCES, PANEL / "panel.css", PANEL / "index.html"]:
        text = file.read_text().replace(allowed, "")
        # Where servers listen that the user may name: put into a field by the user's click.
        text = re.sub(r"http://localhost:\d+/v1|https://api\.anthropic\.com/v1", "", text)
        assert not re.search(r"https?://\w", text), file.name


@pytest.mark.unit
def test_only_one_file_opens_the_port() -> None:
    pattern = r"\bconnect\b.*from \"\.\./(\.\./)?shared/bus\.js\""
    assert [f.name for f in SOURCES if re.search(pattern, f.read_text())] == ["session-client.js"]


@pytest.mark.unit
def test_each_string_is_used() -> None:
    words = "".join((PANEL / f"{file}.js").read_text() for file in ("strings", "strings-privacy"))
    reading = re.findall(r"^  (\w+):", (PANEL / "strings-reading.js").read_text(), re.M)
    names = re.findall(r"^  (\w+):", words, re.M)
    code = "".join(f.read_text() for f in SOURCES)
    assert len(names) > 100
    assert [name for name in names if not re.search(rf"\bS\.{name}\b", code)] == []
    # A scope is named by its own word: R[scope].
    indexed = {"page", "whole", "selection", "section"}
    unused = [name for name in reading if not re.search(rf"\bR\.{name}\b", code)]
    assert set(unused) == indexed


@pytest.mark.unit
def test_own_script_is_small(tmp_path: Path) -> None:
    out = tmp_path / "index.js"
    command = ["npx", "esbuild", "sidepanel/index.js", "--bundle", "--minify", "--format=esm"]
    subprocess.run(
        [*command, f"--outfile={out}"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    # The generated validators of the contract are half of it.
    assert len(gzip.compress(out.read_bytes())) <= 100_000


@pytest.mark.e2e
def test_state_line_tells_the_engine(start: Callable[..., Panel]) -> None:
    panel = start()
    expect(panel.state).to_contain_text("Starter")
    expect(panel.state).to_contain_text("starts when you ask")
    panel.eval("fake.setApp({engine: {state: 'ready'}, python: {state: 'ready', ready_ms: 640}})")
    expect(panel.state.get_by_role("button", name="Model Starter: ready")).to_be_visible()
    panel.state.get_by_role("button", name="Model Starter: ready").click()
    models = panel.page.get_by_role("dialog", name="Models")
    expect(models).to_contain_text("it does not understand a page")
    expect(models).to_contain_text("11.5 MB · window 2,048 tokens · in the package")
    expect(models).to_contain_text("ready in 0.64 s")
    panel.page.keyboard.press("Escape")
    error = "{code: 'no_webgpu', message: 'No WebGPU here.', hint: 'Update.', retryable: true}"
    panel.eval(f"fake.setApp({{engine: {{state: 'failed', error: {error}}}}})")
    expect(panel.state).to_contain_text("No WebGPU here.")
    panel.state.get_by_role("button", name="Try again").click()
    assert panel.wait_requests("offscreen.load_model", 1)[0]["model_id"] == "starter"


@pytest.mark.e2e
def test_choosing_a_model(start: Callable[..., Panel]) -> None:
    panel = start(
        "fake.app.models.push({...fake.app.models[0], model_id: 'second', label: 'Second'});"
    )
    panel.button("Model Starter").click()
    panel.page.get_by_role("radio", name="Second").check()
    assert panel.wait_requests("offscreen.load_model", 1)[0]["model_id"] == "second"
    panel.page.keyboard.press("Escape")
    expect(panel.state).to_contain_text("Second")
    panel.ask("Hello")
    assert panel.requests("offscreen.run_turn")[0]["model_id"] == "second"


@pytest.mark.e2e
@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_sticks_out(panel: Panel, width: int) -> None:
    """No sideways scrolling, with long words, wide tables and long names."""
    panel.page.set_viewport_size({"width": width, "height": 500})
    turn = panel.ask("x" * 300)
    panel.begin_text(turn)
    row = "|" + "cell with words|" * 12
    text = f"{'y' * 300}\n\n{row}\n|{'-|' * 12}\n{row}\n\n```\n{'z' * 300}\n```\n"
    panel.say(turn, text)
    panel.approve_ask(turn, tool_name="t" * 200, arguments={"k" * 200: "v" * 400})
    expect(panel.card).to_be_visible()
    wide = """[...document.querySelectorAll("body, main, chat-log, footer, message-bubble")]
      .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.localName)"""
    assert panel.eval(wide) == []


@pytest.mark.e2e
def test_everything_is_reached_by_tab(panel: Panel) -> None:
    """Each control has a name, takes the focus, and shows it."""
    panel.finish(panel.ask("/page One"), "Some `code`\n\n```js\nx\n```")
    expect(panel.button("Copy code")).to_be_visible()
    reached = set()
    for _ in range(25):
        panel.page.keyboard.press("Tab")
        name, outline = panel.eval(
            """() => { const e = document.activeElement;
              const look = getComputedStyle(e.closest(".box") ?? e);
              if (e === document.body) return ["", true]; // between the last and the first
              return [e.getAttribute("aria-label") ?? e.textContent,
                look.outlineStyle !== "none" || look.boxShadow !== "none"] }"""
        )
        if name:
            reached.add(name)
        assert outline, name
    joined = " | ".join(reached)
    for wanted in ("Open conversations", "New chat", "Copy code", "Copy answer", "Will be read"):
        assert wanted in joined
    assert "Message" in reached
    assert any(name.startswith("On device. Nothing leaves this device") for name in reached)


@pytest.mark.e2e
def test_the_font_is_the_panels_own(panel: Panel) -> None:
    """Chromium's stylesheet for extension pages, which the tests' page has too, does not win."""
    panel.finish(panel.ask("Hello"), "Hi")
    panel.expect_words("Hi")
    script = """[...document.querySelectorAll("body, textarea, .md, .words")]
      .map(e => [getComputedStyle(e).fontSize, getComputedStyle(e).fontFamily.split(",")[0]])"""
    assert panel.eval(script) == [["14px", "system-ui"]] * 4


@pytest.mark.e2e
@pytest.mark.parametrize("state", ["loading", "ready"])
def test_the_model_that_really_runs_is_named(start: Callable[..., Panel], state: str) -> None:
    panel = start(
        "fake.app.models.push({...fake.app.models[0], model_id: 'second', label: 'Second'});"
    )
    panel.eval(f"fake.setApp({{engine: {{state: '{state}', model_id: 'starter'}}}})")
    panel.button("Model Starter").click()
    panel.page.get_by_role("radio", name="Second").check()
    panel.page.keyboard.press("Escape")
    expect(panel.button(f"Model Starter: {state}")).to_be_visible()
    expect(panel.state).to_contain_text("Second answers from the next message on.")
    panel.eval(f"fake.setApp({{engine: {{state: '{state}', model_id: 'second'}}}})")
    expect(panel.button(f"Model Second: {state}")).to_be_visible()
    expect(panel.state).not_to_contain_text("from the next message on")


@pytest.mark.e2e
def test_models_are_told_once_and_the_list_scrolls(start: Callable[..., Panel]) -> None:
    """No name before a description that begins with it; models for tests stand last."""
    panel = start(
        "const one = fake.app.models[0];"
        "one.description = 'Starter: very small. ' + 'Word '.repeat(60);"
        "fake.app.models.unshift({...one, model_id: 'tiny', label: 'Tiny (tests only)',"
        " description: 'A model.', for_tests: true});"
        "fake.app.models.push({...one, model_id: 'other', label: 'Other',"
        " description: 'Takes 3: no more.'});"
    )
    panel.page.set_viewport_size({"width": 360, "height": 445})
    expect(panel.page.get_by_role("main")).not_to_contain_text("Starter: very small")
    panel.state.get_by_role("button", name="Choose a model").click()
    models = panel.page.get_by_role("dialog", name="Models")
    expect(models).to_contain_text("Very small. Word")
    expect(models).not_to_contain_text("Starter: very small")
    expect(models).to_contain_text("Takes 3: no more.")
    labels = models.locator("strong").all_inner_texts()
    assert labels == ["Starter", "Other", "Tiny (tests only)"]
    fade = """(() => { const picker = document.getElementById("model-picker");
      return [picker.scrollHeight > picker.clientHeight,
        getComputedStyle(picker, "::after").position] })()"""
    assert panel.eval(fade) == [True, "sticky"]
