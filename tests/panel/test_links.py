"""Links of answers: plain ones open, those that carry data are shown first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.panel.driver import Panel

pytestmark = pytest.mark.e2e


def answer(panel: Panel, markdown: str) -> Locator:
    panel.finish(panel.ask("Where?"), markdown)
    link = panel.answers.last.get_by_role("link")
    expect(link.first).to_be_visible()
    return link.first


def question(panel: Panel) -> Locator:
    return panel.page.get_by_role("alertdialog", name="Open this link?")


def test_a_plain_link_opens_on_the_click(panel: Panel) -> None:
    link = answer(panel, "[here](https://www.harbour.example)")
    expect(link).to_have_attribute("title", "https://www.harbour.example/")
    with panel.page.context.expect_page() as opened:
        link.click()
    assert opened.value.url.startswith(("https://www.harbour.example/", "chrome-error:", "about:"))
    expect(question(panel)).to_have_count(0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://e.example/?q=my%20secret", ["q", "my secret"]),
        ("https://e.example/?just+words", ["Query", "just words"]),
        ("https://e.example/a#the%20end", ["Fragment", "the end"]),
        ("https://me:pass@e.example/", ["User name", "me : pass"]),
        ("https://e.example/my%20pin/is/1234", ["Path", "/my pin/is/1234"]),
        ("https://e.example/?&&&", ["Query", "?&&&"]),
        ("https://e.example/?", ["https://e.example/?"]),
        ("https://e.example:4711/", ["Port", "4711"]),
        ("https://3232235777/", ["Host name", "192.168.1.1"]),
        ("https://mypinisonetwothree.example/", ["Host name", "mypinisonetwothree"]),
        ("https://my.pin.is.example/", ["Host name", "my.pin.is.example"]),
        ("mailto:my%20pin@e.example", ["E-mail to", "To", "my pin@e.example"]),
        ("https://xn--e1awd7f.example/", ["Host name", "xn--e1awd7f.example"]),
        ("https://пример.example/", ["Host name", "xn--e1afmkfd.example"]),
        (f"https://{'d' * 30}.e.example/", ["Host name", "d" * 30]),
        ("https://a.b.c.d.e.example/", ["Host name", "a.b.c.d.e.example"]),
        (f"https://e.example/{'/'.join(['abc'] * 40)}", ["Path"]),
        ("https://e.example/?a=%E0%A4%A", ["%E0%A4%A"]),
        ("https://e.example/?a=x%E2%80%AEy", ["x\\u202ey"]),
        ("mailto:a@e.example?body=the%20list", ["E-mail to a@e.example", "body", "the list"]),
    ],
)
def test_data_is_shown_before_it_leaves(panel: Panel, url: str, shown: list[str]) -> None:
    link = answer(panel, f"[here](<{url}>)")
    link.click()
    asked = question(panel)
    expect(asked).to_be_visible()
    for part in shown:
        expect(asked).to_contain_text(part)
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert len(panel.page.context.pages) == 1
    panel.page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    assert len(panel.page.context.pages) == 1


DATA = "[here](https://harbour.example/?q=secret)"


def test_open_by_a_real_click_after_a_moment(panel: Panel) -> None:
    answer(panel, DATA).click()
    asked = question(panel)
    go = asked.get_by_role("button", name="Open")
    assert go.is_disabled(), "a double click must not open it"
    expect(go).to_be_enabled()
    panel.eval("document.querySelector('dialog.ask .allow').click()")
    panel.page.wait_for_timeout(100)
    assert len(panel.page.context.pages) == 1
    with panel.page.context.expect_page():
        go.click()
    expect(asked).to_be_hidden()


def test_copy_and_cancel(panel: Panel) -> None:
    answer(panel, DATA).click()
    asked = question(panel)
    asked.get_by_role("button", name="Copy").click()
    copied = panel.eval("navigator.clipboard.readText()")
    assert copied == "https://harbour.example/?q=secret"
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_be_hidden()
    assert len(panel.page.context.pages) == 1


@pytest.mark.parametrize("how", ["Enter", "ctrl", "shift", "middle", "right", "drag"])
def test_no_other_way_takes_the_data_along(panel: Panel, how: str) -> None:
    link = answer(panel, DATA)
    if how == "Enter":
        link.press("Enter")
    elif how == "middle":
        link.click(button="middle")
    elif how == "right":
        link.click(button="right")
    elif how == "drag":
        refused = """e => !e.dispatchEvent(
          new DragEvent("dragstart", {bubbles: true, cancelable: true}))"""
        assert link.evaluate(refused)
        expect(question(panel)).to_have_count(0)
        return
    else:
        link.click(modifiers=["Control" if how == "ctrl" else "Shift"])
    expect(question(panel)).to_be_visible()
    panel.page.wait_for_timeout(200)
    assert len(panel.page.context.pages) == 1


def test_an_address_with_markup_is_text(panel: Panel) -> None:
    answer(panel, "[here](<https://e.example/?q=%3Cimg%20src=x%20onerror=alert(1)%3E>)").click()
    expect(question(panel)).to_contain_text("<img src=x onerror=alert(1)>")
    assert panel.page.locator("img").count() == 0


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "chrome://settings"]
)
def test_other_schemes_are_no_links(panel: Panel, url: str) -> None:
    panel.finish(panel.ask("Where?"), f"[here](<{url}>) it is")
    expect(panel.answers.last).to_contain_text("here")
    expect(panel.answers.last.get_by_role("link")).to_have_count(0)


def test_an_odd_link_that_got_in_does_not_open(panel: Panel) -> None:
    """Not even one that some other code put there: the click itself is checked."""
    panel.finish(panel.ask("Where?"), "Nowhere.")
    expect(panel.page.get_by_text("Nowhere.").first).to_be_visible()
    panel.eval(
        """() => { const a = document.createElement("a"); a.href = "chrome://settings";
          a.target = "_blank"; a.id = "odd"; a.textContent = "odd";
          document.querySelector(".md").append(a) }"""
    )
    panel.page.locator("#odd").click()
    panel.page.wait_for_timeout(200)
    assert len(panel.page.context.pages) == 1
    expect(question(panel)).to_have_count(0)
