"""No text does anything in the panel, wherever it is shown, with the extension's policy or without.

``xss/corpus.jsonl`` goes through the built panel over the fake assistant: the chip, the question,
the answer (whole and streamed), thinking, notices, tools, approval cards, errors, names, models,
servers and records, live and opened again. ``xss/detect.js`` and ``xss/panel.py`` watch; the
careless panel shows that they see.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.panel.support import ROOT, chromium
from tests.security.xss import corpus
from tests.security.xss.panel import Sites, Watched, sites, watched

pytestmark = pytest.mark.e2e

VECTORS = corpus.load()
#: Few bubbles at a time: what is on the page costs with each one more.
BATCH = 24


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with sites(tmp_path_factory.mktemp("xss")) as running:
        yield running


def test_the_corpus_is_frozen_and_varied() -> None:
    assert corpus.digest() == corpus.SHA256
    assert len(VECTORS) >= 500
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)
    techniques = Counter(vector.technique for vector in VECTORS)
    assert [text for text, count in techniques.items() if count > 1] == []
    families = Counter(vector.family for vector in VECTORS)
    assert len(families) >= 25 and families["handler"] <= 150


@pytest.mark.parametrize("policy", ["strict", "open"])
def test_no_text_does_anything_anywhere(browser: Browser, built: Sites, policy: str) -> None:
    with watched(browser, getattr(built, policy)) as panel:
        # What the policy would stop must not be there at all: without it, no place is left out.
        script = "inTurns" if policy == "strict" else "everywhere"
        for at in range(0, len(VECTORS), BATCH):
            batch = [vector.cut() for vector in VECTORS[at : at + BATCH]]
            panel.run(f"batch => {script}(batch)", batch)
        panel.settle()
        assert panel.findings() == []


@pytest.mark.parametrize("joiner", ["\n\n", "\n", " ", "\n> ", "\n- "])
def test_nor_do_all_in_one_streamed_answer(browser: Browser, built: Sites, joiner: str) -> None:
    """Together they may open what another closes."""
    dice = random.Random(f"{corpus.SEED}{joiner}")
    print(f"seed {corpus.SEED}")
    text = joiner.join(vector.text for vector in dice.sample(VECTORS, 250))
    pieces, at = [], 0
    while at < len(text):
        size = dice.choice([3, 40, 400, 2000])
        pieces.append(text[at : at + size])
        at += size
    with watched(browser, built.open) as panel:
        assert panel.run("pieces => inOneAnswer(pieces)", pieces) > len(text) / 3
        panel.settle()
        assert panel.findings() == []


# -- the detectors


LIVE = """texts => texts.map((text) => {
  xss.found.length = 0;
  for (const markup of [text, unsanitised(text)]) {
    const { body } = document.implementation.createHTMLDocument();
    body.innerHTML = "<div class=md></div>";
    body.firstChild.innerHTML = markup;
    xss.inspect(body.firstChild);
  }
  return xss.found.length > 0;
})"""


def test_most_texts_are_markup_where_nothing_is_sanitised(browser: Browser, built: Sites) -> None:
    """The others are for renderers that the panel does not have, or are broken by design."""
    with watched(browser, built.careless) as panel:
        live = panel.run(LIVE, [vector.text for vector in VECTORS])
    inert = Counter(v.family for v, seen in zip(VECTORS, live, strict=True) if not seen)
    assert sum(live) >= 1000, inert


#: What the careful panel never does: how it is told, and a text that does it in the careless one.
SEEN_IN_THE_PAGE = {
    "executed": "<img src=x onerror='__xss=1'>",
    "called": "<img src=x onerror=alert(1)>",
    "handler": "<p onclick=x>x</p>",
    "element": "<video></video>",
    "address": "<a href=javascript:x>x</a>",
    "attribute": "<p contenteditable>x</p>",
    "style": "<p style=color:red>x</p>",
    "clobber": "<p id=fake>x</p>",
    "disguise": "<p class=allow>x</p>",
    "opener": "<a href=https://outside.test/>x</a>",
    "untold": "<a href=https://outside.test/ target=_blank rel=noopener>x</a>",
}
FORBIDDEN = [
    *("<script>x</script>", "<iframe></iframe>", "<object></object>", "<embed>", "<link>"),
    *("<meta>", "<base>", "<style>x{}</style>", "<svg><script></script></svg>", "<math></math>"),
    *("<img>", "<video></video>", "<template><b>x</b></template>", "<x-y></x-y>", "<input>"),
    *("<svg><a></a></svg>", "<svg><style></style></svg>", "<svg><text></text></svg>"),
]


def kinds(panel: Watched, text: str) -> set[str]:
    """What the page reports of one text in an answer."""
    panel.page.evaluate("xss.found.length = 0")
    panel.run("text => inOneAnswer([text])", text)
    panel.settle(100)
    return {one["kind"] for one in panel.found()}


def test_each_detector_in_the_page_sees(browser: Browser, built: Sites) -> None:
    with watched(browser, built.careless) as panel:
        assert kinds(panel, "*x*") == set()
        missed = {kind for kind, text in SEEN_IN_THE_PAGE.items() if kind not in kinds(panel, text)}
        assert missed == set()
        assert set(panel.dialogs) == {"alert 1"}
        assert [text for text in FORBIDDEN if "element" not in kinds(panel, text)] == []


def test_what_comes_and_goes_is_seen(browser: Browser, built: Sites) -> None:
    script = """() => { const p = document.body.appendChild(document.createElement("iframe"));
    p.remove(); document.querySelector("footer").setAttribute("onclick", "x"); }"""
    with watched(browser, built.open) as panel:
        panel.page.evaluate(script)
        assert {one["kind"] for one in panel.found()} == {"element", "handler"}


REMOTE = {
    "an image": "<img src=http://outside.test/image.png>",
    "a style": "<link rel=stylesheet href=http://outside.test/link.css>",
    "an import": "<style>@import 'http://outside.test/import.css'</style>",
    "a background": "<p style='background:url(http://outside.test/background.png)'>x</p>",
    "a font": "<style>@font-face{font-family:f;src:url(http://outside.test/font.woff)}"
    "p.f{font-family:f}</style><p class=f>x</p>",
    "a preload": "<link rel=preload as=image href=http://outside.test/preload.png>",
    "a prefetch": "<link rel=prefetch href=http://outside.test/prefetch>",
    "a frame": "<iframe src=http://outside.test/frame></iframe>",
    "a poster": "<video poster=http://outside.test/poster.png></video>",
    "svg": "<svg><image href=http://outside.test/svg.png></image></svg>",
    "a popup": "<img src=data:, onerror=\"window.open('http://outside.test/popup')\">",
}


def test_requests_frames_and_popups_are_seen(browser: Browser, built: Sites) -> None:
    with watched(browser, built.careless) as panel:
        missed = []
        for name, text in REMOTE.items():
            panel.wire.clear()
            panel.run("text => inOneAnswer([text])", text)
            for _ in range(20):
                if any("outside.test" in line for line in panel.wire):
                    break
                panel.settle(100)
            else:
                missed.append(name)
        assert missed == []
        assert "http://outside.test/image.png" in panel.requests
        for _ in range(20):
            if panel.popups:
                break
            panel.settle(100)
        assert panel.popups
        panel.run("text => inOneAnswer([text])", "<img src=own-file>")
        panel.settle(200)
        assert f"{built.careless}/own-file" in panel.requests


@pytest.mark.parametrize(
    "text",
    [
        "<img src=data:, onerror=\"location='http://outside.test/'\">",
        "<meta http-equiv=refresh content='0;url=http://outside.test/'>",
        "<form action=http://outside.test/></form>",
    ],
)
def test_a_page_that_is_led_away_is_seen(browser: Browser, built: Sites, text: str) -> None:
    with watched(browser, built.careless) as panel:
        panel.run("text => inOneAnswer([text])", text)
        for _ in range(20):
            if panel.navigations:
                break
            panel.settle(100)
        assert panel.navigations
        assert any(url.startswith("http://outside.test/") for url in panel.requests)


def test_what_the_policy_stops_is_seen(browser: Browser, built: Sites) -> None:
    with watched(browser, built.careless_strict) as panel:
        for text in ("<img src=http://outside.test/>", "<p onclick=x>x</p>"):
            assert "policy" in kinds(panel, text), text
        assert panel.wire == []


#: Where detect.js tells texts apart; the announcer is checked by its words alone.
PLACES = {
    *("card", "tool", "thinking", "answer", "context label", "question", "stage", "error"),
    *("notice", "name in the list", "name in the header", "chip", "models", "state", "not opened"),
}
ONE_EVERYWHERE = "<b onclick=x>x</b> [y](https://outside.test/?q=%3Cb%20onclick%3Dx%3E)"


def test_each_place_gets_the_text(browser: Browser, built: Sites) -> None:
    """The careless panel is caught in every place: none is left out."""
    index = (ROOT / "sidepanel/index.html").read_text()
    added = {"privacy": "<privacy-view>", "link dialog": "<link-ask>"}
    places = PLACES | {place for place, element in added.items() if element in index}
    vector = corpus.Vector("control-001", "control", ONE_EVERYWHERE)
    with watched(browser, built.careless) as panel:
        panel.run("batch => everywhere(batch)", [vector.cut()])
        found: list[dict[str, Any]] = panel.found()
    assert {one["where"] for one in found if one["kind"] == "handler"} >= places
    assert {"altered", "lost"} <= {one["kind"] for one in found}
