"""The extractor over the corpus, by the command that reads files, in real Chromium."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.extraction.score import CORPUS, score, truths
from tools import extract
from tools.extract import Extractor

pytestmark = pytest.mark.e2e
PAGES = CORPUS / "pages"
TRUTHS = truths(PAGES)
#: One of each shape, and every page that hides something; the bench and the campaign take all.
CHOSEN = """article-semantic article-soup article-br news-interrupted docs forum-thread
questions-answers link-board product product-list pricing inbox kanban table-long layout-table
code-numbered math japanese hebrew shadow-open shadow-closed shadow-slots frames-same frames-other
hidden-styles hidden-injection fading-in dialog-open""".split()

_PLACES = """async (url) => {
  const tab = (await chrome.tabs.query({})).find((one) => one.url === url);
  const [answer] = await chrome.scripting.executeScript({
    target: {tabId: tab.id},
    func: () => {
      const {page} = globalThis.sidelightTell();
      const flat = (text) => text.replace(/[^\\p{L}\\p{N}]+/gu, "");
      const lost = page.blocks.filter(({start, end, place, kind}) => {
        const around = globalThis.sidelightAt(place)?.textContent ?? "";
        return kind !== "block" && !flat(around).includes(flat(page.text.slice(start, end)));
      });
      return [page.blocks.length, lost];
    },
  });
  return answer.result;
}"""


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    """One browser for the whole file."""
    with sync_playwright() as driver, Extractor(driver) as opened:
        yield opened


def read(extractor: Extractor, names: list[str]) -> dict[str, dict[str, Any]]:
    return {name: extractor.extract(PAGES / f"{name}.html") for name in names}


def check(found: dict[str, dict[str, Any]]) -> None:
    scores = {name: score(page["text"], TRUTHS[name]) for name, page in found.items()}
    bad = {name: got for name, got in scores.items() if got.f1 < 0.6 or got.leaks}
    assert not bad
    assert sum(got.f1 for got in scores.values()) / len(scores) >= 0.93


def test_main_text_of_the_chosen_pages(extractor: Extractor) -> None:
    found = read(extractor, CHOSEN)
    check(found)
    assert found["article-soup"]["meta"]["author"] == "Jon Falk"
    assert found["article-semantic"]["meta"]["published"].startswith("2025-03-14")
    assert "h = A \\cos(\\omega t)" in found["math"]["text"]
    assert "def tide(hours, parts):\n    total = 0.0\n" in found["code-numbered"]["text"]


@pytest.mark.campaign
def test_main_text_of_every_page(extractor: Extractor) -> None:
    check(read(extractor, list(TRUTHS)))


def test_what_was_left_out_is_counted_and_hidden_text_never_shown(extractor: Extractor) -> None:
    page = extractor.extract(PAGES / "hidden-styles.html")
    dropped = {entry["reason"]: entry for entry in page["share"]["dropped"]}
    assert dropped["hidden"]["chars"] > 150
    assert dropped["hidden"]["sample"] == ""
    assert dropped["aside"]["sample"].startswith("Harbour Post")
    assert 0 < page["share"]["read_chars"] < page["share"]["seen_chars"]
    other = extractor.extract(PAGES / "frames-other.html")
    assert other["share"]["closed_frames"] == 2


@pytest.mark.parametrize("name", ["docs", "shadow-closed", "frames-same", "table-long"])
def test_blocks_are_found_again_in_the_page(extractor: Extractor, name: str) -> None:
    url = extractor.open(PAGES / f"{name}.html")
    page = extractor.read(url)
    spans = [(block["start"], block["end"]) for block in page["blocks"]]
    assert spans == sorted(spans)
    count, lost = extractor.browser.worker_evaluate(_PLACES, url)
    assert count == len(spans) > 3
    assert lost == []


def test_sections_are_cut_at_headings(extractor: Extractor) -> None:
    page = extractor.extract(PAGES / "docs.html")
    parts = {s["title"]: page["text"][s["start"] : s["end"]] for s in page["share"]["sections"]}
    assert list(parts) == ["Configuration", "Station", "Options"]
    assert parts["Station"].startswith("## Station\n\nEvery station needs a name")
    assert parts["Station"].rstrip().endswith("```")
    assert parts["Configuration"] == page["text"]


def test_command_takes_files_and_standard_input(
    extractor: Extractor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    class Shared:
        """The open browser, in place of a second one."""

        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Extractor:
            return extractor

        def __exit__(self, *_: object) -> None: ...

    markup = b"<title>T</title><p>From the pipe: one line.</p>"
    monkeypatch.setattr(extract, "Extractor", Shared)
    monkeypatch.setattr(extract, "sync_playwright", Shared)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(markup)))
    gone = str(tmp_path / "none.html")
    monkeypatch.setattr("sys.argv", ["extract", str(PAGES / "blog-short.html"), "-", gone])
    assert extract.main() == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["ok"] for answer in answers] == [True, True, False]
    assert answers[0]["text"].startswith("## A new rope")
    assert answers[1]["text"] == "From the pipe: one line."
    assert answers[2]["error"]
