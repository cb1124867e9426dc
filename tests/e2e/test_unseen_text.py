"""Nothing that the person cannot see is read: rows, code, selections, titles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.messages import Messenger, ReplyError

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browser
    from tests.support.pages import Site

pytestmark = pytest.mark.e2e

HIDING = {
    "gone": "display: none",
    "unseen": "visibility: hidden",
    "tiny": "font-size: 0",
    "clipped": "display: block; width: 1px; height: 1px; overflow: hidden",
    "away": "position: absolute; left: -9999px",
}
CSS = "".join(f".{name} {{ {style} }}" for name, style in HIDING.items())
SPANS = "".join(f"<span class={name}>HIDDEN-{name}</span>" for name in HIDING)


@pytest.fixture
def opened(shared_browser: Browser, site: Site) -> Any:
    """A page whose body each test writes itself, and its reader."""
    page = shared_browser.context.new_page()
    page.goto(site.url("plain.html"))
    reader = Messenger(shared_browser)
    shared_browser.click_action(page)
    yield page, reader, reader.wait_state("readable")["page"]
    reader.page.close()
    page.close()


def write(page: Page, body: str) -> None:
    page.evaluate(
        "([css, body]) => { document.head.innerHTML = `<title>T</title><style>${css}</style>`;"
        " document.body.innerHTML = body; }",
        [CSS, body],
    )


def test_rows_that_are_not_shown(opened: Any) -> None:
    page, reader, ref = opened
    rows = "".join(f"<tr class={n}><td>HIDDEN-{n}<td>x</tr>" for n in HIDING if n != "clipped")
    write(
        page,
        "<table><caption class=gone>HIDDEN-caption</caption><tr><th>Year<th>Error</tr>"
        f"<tbody class=gone><tr><td>HIDDEN-body<td>x</tr></tbody>{rows}"
        "<tr aria-hidden=true><td>HIDDEN-aria<td>x</tr><tr><td>2024<td>2.6</tr></table>",
    )
    assert reader.read_page(ref)["block"]["text"] == "Year | Error\n2024 | 2.6"


def test_hidden_things_inside_code(opened: Any) -> None:
    page, reader, ref = opened
    inner = "<b class=unseen>HIDDEN<i style='visibility: visible'>two</i></b>"
    write(page, f"<pre>one {SPANS}{inner}</pre>")
    assert reader.read_page(ref)["block"]["text"] == "```\none two\n```"


def test_a_selection_is_what_is_seen_of_it(opened: Any) -> None:
    page, reader, ref = opened
    faded = "<span style='opacity: 0'>HIDDEN</span><div style='opacity: 0'><p>HIDDEN</p></div>"
    write(page, f"<p id=a>First {SPANS}words.</p>{faded}<p>Second <b>part</b>.</p>")
    page.evaluate("() => getSelection().selectAllChildren(document.body)")
    text = reader.read_page(ref, "selection")["block"]["text"]
    assert text == "First words.\nSecond part."


@pytest.mark.parametrize("style", ["opacity: 0", "position: fixed; left: -999px", "height: 0"])
def test_an_unseen_field_does_not_stand_for_the_selection(opened: Any, style: str) -> None:
    page, reader, ref = opened
    style += "; border: 0; padding: 0; overflow: hidden"
    write(page, f"<p id=a>The real words.</p><textarea id=f style='{style}'>HIDDEN</textarea>")
    page.evaluate("() => { f.focus(); f.select(); }")
    with pytest.raises(ReplyError) as caught:
        reader.read_page(ref, "selection")
    assert caught.value.data["code"] == "no_selection"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<h1 class=gone>HIDDEN</h1><h1>Seen  heading</h1>", "Seen heading"),
        ("<h1 class=away>HIDDEN</h1><div style='opacity: 0'><h1>HIDDEN</h1></div>", "127.0.0.1"),
    ],
)
def test_without_a_title_nothing_unseen_stands_for_it(opened: Any, body: str, title: str) -> None:
    page, reader, ref = opened
    article = "".join(f"<p>Sentence {n} of a text that is long enough.</p>" for n in range(40))
    write(page, f"{body}<article>{article}</article>")
    page.evaluate(
        """() => { document.title = "";
          for (const name of ["og:title", "twitter:title"]) document.head.insertAdjacentHTML(
            "beforeend", `<meta property="${name}" name="${name}" content="HIDDEN">`); }"""
    )
    assert reader.read_page(ref)["block"]["title"].split(":")[0] == title
