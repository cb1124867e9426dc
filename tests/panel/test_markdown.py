"""The Markdown renderer in a real browser: harmless, incremental, bounded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.panel.support import HERE, OpenHandler, Seen, bundle, chromium, serve, watch
from tests.panel.vectors import HIT, REMOTE, SLOW, XSS

pytestmark = pytest.mark.e2e

ANSWER = """# Lamps

Lighthouses were lit by **open fires**, then by *oil* [2].
A second line with `code` and <b>raw</b> tags.

1. The Argand lamp
2. The Fresnel lens

   with a second paragraph
3. Arcs, see [South Foreland](https://harbour.example/south)

- [x] done
- [ ] open
  - nested
  - deeper
    - still deeper

| Year | Source |
|------|--------|
| 1698 | Candles |
| 1858 | Arc |

```python
def range_km(height_m):

    return 3.57 * height_m ** 0.5
```

> The keeper
> trimmed the wick.

Setext
------

    indented code

Line with hard break\\
and more. https://harbour.example/auto

[def]: https://harbour.example/def

Later [def] is used. ![plan](https://harbour.example/plan.png)

***

Ende with ümläut, 漢字 and 👩‍🚀.
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The renderer on a page with no policy at all: only its own code protects it."""
    folder = tmp_path_factory.mktemp("markdown")
    bundle(HERE / "fakes/markdown_page.js", folder / "page.js")
    head = "<!doctype html><meta charset=utf-8><script>window.hits = []</script>"
    (folder / "index.html").write_text(f"{head}<script type=module src=page.js></script><body>")
    with serve(folder, OpenHandler) as origin:
        yield origin


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[tuple[Page, Seen]]:
    page = browser.new_page()
    seen = watch(page)
    page.goto(site)
    page.wait_for_function("window.md")
    yield page, seen
    page.close()


@pytest.fixture
def page(opened: tuple[Page, Seen]) -> Page:
    return opened[0]


INSPECT = """root => {
  const all = [...root.querySelectorAll("*")];
  return {
    tags: [...new Set(all.map(e => e.localName))],
    attributes: [...new Set(all.flatMap(e => [...e.attributes].map(a => a.name)))],
    links: all.filter(e => e.hasAttribute("href")).map(e => ({
      tag: e.localName, href: e.getAttribute("href"),
      target: e.target, rel: e.rel, title: e.title})),
  };
}"""

MARKUP = {*"p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del a br hr".split()}
MARKUP |= {*"table thead tbody tr th td span div bdi".split()}
#: Added by the renderer's own code around a code block, never from the text.
FRAME = {*"figure figcaption button svg path".split()}
SAFE = {
    *"href start align title target rel dir class tabindex role aria-label aria-hidden type".split()
}
SAFE |= {"data-copy-code", "viewBox", "d"}


def test_positive_control_executes_and_loads(opened: tuple[Page, Seen]) -> None:
    """Put in without the renderer, the same texts execute and load: the detectors work."""
    page, seen = opened
    page.evaluate(
        "t => { document.body.innerHTML = t }", f"<img src='{REMOTE}/c.png' onerror={HIT}>"
    )
    page.wait_for_function("hits.length === 1")
    assert any(url.startswith(REMOTE) for url in seen.requests)


@pytest.mark.parametrize("how", ["whole", "grown"])
def test_hostile_text_is_only_text(opened: tuple[Page, Seen], site: str, how: str) -> None:
    page, seen = opened
    assert len(XSS) >= 60
    call = "t => md.whole(t)" if how == "whole" else "t => md.grown(t, [1, 2, 3])"
    for text in XSS:
        root = page.evaluate_handle(call, text)
        found = page.evaluate(INSPECT, root)
        assert set(found["tags"]) <= MARKUP | FRAME, (text, found)
        assert set(found["attributes"]) <= SAFE, (text, found)
        for link in found["links"]:
            assert link["tag"] == "a", (text, link)
            assert link["href"].split(":")[0] in {"http", "https", "mailto"}, (text, link)
            assert link["target"] == "_blank" and "noopener" in link["rel"], (text, link)
            assert link["title"] == link["href"], (text, link)
        page.evaluate(
            "root => root.querySelectorAll('*').forEach(e => { e.focus?.();"
            " if (e.localName !== 'a') e.click?.(); })",
            root,
        )
    page.wait_for_timeout(300)
    assert page.evaluate("hits") == []
    assert seen.dialogs == [] and seen.outside(site) == []
    assert page.url.startswith(site)


def test_all_hostile_texts_in_one_answer(opened: tuple[Page, Seen], site: str) -> None:
    """Together they may open what another closes."""
    page, seen = opened
    for seed in range(5):
        texts = random.Random(seed).sample(XSS, len(XSS))
        joiner = ["\n\n", "\n", " ", "\n> ", "\n- "][seed]
        found = page.evaluate(INSPECT, page.evaluate_handle("t => md.whole(t)", joiner.join(texts)))
        assert set(found["tags"]) <= MARKUP | FRAME, seed
        assert set(found["attributes"]) <= SAFE, seed
    page.wait_for_timeout(300)
    assert page.evaluate("hits") == [] and seen.outside(site) == []


def test_what_markdown_becomes(page: Page) -> None:
    text = page.evaluate("t => md.whole(t).innerHTML", ANSWER)
    assert "<strong>open fires</strong>" in text
    assert "&lt;b&gt;raw&lt;/b&gt;" in text, "raw HTML is shown as text"
    assert text.count("<li>") == 8 and "☑" in text and "☐" in text
    assert "<td>Candles</td>" in text
    assert 'href="https://harbour.example/def"' in text
    assert "plan – https://harbour.example/plan.png" in text and "<img" not in text
    assert ">python<" in text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[bank.example](https://evil.example/x)", "bank.example (evil.example)"),
        (
            "[https://bank.example/login](https://evil.example:8443)",
            "https://bank.example/login (evil.example:8443)",
        ),
        ("[www.bank.example](https://bank.example/)", "www.bank.example"),
        ("[the bank](https://evil.example)", "the bank"),
        ("[x](/relative)", "x"),
        ("[\u200bbank.example](https://evil.example)", "\\u200bbank.example (evil.example)"),
        ("[ba\u200bnk.example](https://evil.example)", "ba\\u200bnk.example (evil.example)"),
        ("[bank.example sign in](https://evil.example)", "bank.example sign in (evil.example)"),
        ("[at **bank**.example](https://evil.example)", "at bank.example (evil.example)"),
        ("[ｂａｎｋ．example](https://evil.example)", "ｂａｎｋ．example (evil.example)"),
        ("[\u202ebank.example](https://bank.example)", "\\u202ebank.example"),
    ],
)
def test_links_tell_where_they_go(page: Page, source: str, shown: str) -> None:
    assert page.evaluate("t => md.whole(t).textContent.trim()", source) == shown


def test_nothing_turns_the_told_host_around(page: Page) -> None:
    html = page.evaluate("t => md.whole(t).innerHTML", "\u202e[bank.example](https://evil.example)")
    assert 'dir="auto"' in html and "(<bdi>evil.example</bdi>)" in html


def test_punycode_address_is_told(page: Page) -> None:
    title = page.evaluate(
        "t => md.whole(t).querySelector('a').title", "[a](https://аррӏе.example/)"
    )
    assert title.startswith("https://xn--")


def test_growing_text_ends_like_whole_text(page: Page) -> None:
    """However the text is cut, the result is that of rendering it at once."""
    whole = page.evaluate("t => md.whole(t).innerHTML", ANSWER)
    for seed in range(25):
        cut = random.Random(seed)
        sizes = [cut.choice([1, 2, 3, 5, 8, 40]) for _ in range(50)]
        grown = page.evaluate("([t, s]) => md.grown(t, s).innerHTML", [ANSWER, sizes])
        assert grown == whole, f"seed {seed}"


def test_blocks_add_up_to_the_text(page: Page) -> None:
    for text in [ANSWER, *XSS, *SLOW.values()]:
        if "\r" in text:
            continue
        same = page.evaluate("t => md.blocksOf(t).map(b => b.raw).join('') === t", text[:5000])
        assert same, text[:80]


STREAM = """async (text) => {
  const root = md.holder();
  const stream = new md.MarkdownStream(root);
  const tokens = text.match(/\\S+\\s*/g);
  let touched = 0, kept = new Set(), lost = 0, spent_ms = 0, now = "";
  const finished = new Set();
  const observer = new MutationObserver(() => {});
  observer.observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
  for (const token of tokens) {
    now += token;
    observer.takeRecords();
    const before = performance.now();
    stream.render(now, false);
    spent_ms += performance.now() - before;
    for (const record of observer.takeRecords()) {
      for (const block of finished) if (block.contains(record.target)) touched += 1;
      for (const node of record.removedNodes) if (finished.has(node)) lost += 1;
    }
    // What is not open any more is finished for good.
    for (const child of root.children) if (!stream.open.includes(child)) finished.add(child);
  }
  stream.render(now, true);
  const still = [...finished].every((block) => block.parentNode === root);
  return {tokens: tokens.length, finished: finished.size, touched, lost, still,
          ms_per_token: spent_ms / tokens.length};
}"""


def test_finished_blocks_are_never_touched(page: Page, record_property: Any) -> None:
    """An answer of over 4,000 tokens: each block keeps its nodes once it is finished."""
    cost: dict[str, Any] = page.evaluate(STREAM, ANSWER * 38)
    assert cost["tokens"] >= 4000
    assert cost["finished"] > 400
    assert cost["touched"] == 0 and cost["lost"] == 0 and cost["still"]
    record_property("ms_per_token", cost["ms_per_token"])


def test_selection_survives_streaming(page: Page) -> None:
    """In a finished block and at the start of the open one."""
    result = page.evaluate(
        """async (text) => {
          const root = md.holder();
          const stream = new md.MarkdownStream(root);
          const said = [];
          for (const start of ["First paragraph here.\\n\\nThe open one", "Open from the start"]) {
            const root = md.holder();
            const stream = new md.MarkdownStream(root);
            stream.render(start, false);
            const node = document.createTreeWalker(root, NodeFilter.SHOW_TEXT).nextNode();
            getSelection().setBaseAndExtent(node, 1, node, 9);
            const before = String(getSelection());
            for (let at = 0; at <= text.length; at += 3) {
              stream.render(start + " " + text.slice(0, at), false);
            }
            stream.render(start + " " + text, true);
            said.push([before, String(getSelection())]);
          }
          return said;
        }""",
        "and **more** words\n\n- a list\n- of things\n\nThe end.",
    )
    for before, after in result:
        assert before == after and before


def test_renders_once_per_frame(page: Page) -> None:
    count = page.evaluate(
        """async () => {
          const stream = new md.MarkdownStream(md.holder());
          let renders = 0;
          const render = stream.render;
          stream.render = function (...given) { renders += 1; return render.apply(this, given); };
          await md.frame();
          for (let i = 1; i <= 500; i++) stream.set("word ".repeat(i), false);
          await md.frame(); await md.frame();
          return {renders, text: stream.root.textContent.trim().split(" ").length};
        }"""
    )
    assert count == {"renders": 1, "text": 500}


@pytest.mark.parametrize("name", SLOW)
def test_hostile_text_returns_soon(page: Page, name: str) -> None:
    """Bounded, whole and growing: seconds, where an unguarded parser takes minutes or overflows."""
    text = SLOW[name]
    took_ms, chars, nodes = page.evaluate(
        """(text) => {
          const before = performance.now();
          const root = md.grown(text, [Math.ceil(text.length / 4)]);
          const chars = root.textContent.length;
          return [performance.now() - before, chars, root.querySelectorAll("*").length];
        }""",
        text,
    )
    assert chars > 0 or name in {"references", "fences", "bullets of one mark", "comments"}
    assert took_ms < 60_000
    assert nodes < 60_000


def test_nesting_limits_leave_ordinary_text_alone(page: Page) -> None:
    assert page.evaluate("t => md.segments(t).every(s => !s.literal)", ANSWER)
    rule = "text\n\n" + "- " * 5 + "a\n\n" + "* * * * *\n\n" + "-" * 60
    assert page.evaluate("t => md.segments(t).length", rule) == 1
    many = " ".join(f"**b{i}** and *i{i}*" for i in range(60))
    assert page.evaluate("t => md.whole(t).querySelectorAll('strong').length", many) == 60
    deep = "before\n\n" + "> " * 50 + "x\n\nafter **bold**"
    assert page.evaluate("t => md.whole(t).querySelector('strong')?.textContent", deep) == "bold"


@pytest.mark.parametrize(
    ("text", "done", "said", "rest"),
    [
        ("One. Two. Thr", False, "One. Two.", "Thr"),
        ("One sentence", False, "", "One sentence"),
        ("One sentence", True, "One sentence", ""),
        ("It costs 3.5 euros", False, "", "It costs 3.5 euros"),
        ("", True, "", ""),
    ],
)
def test_only_whole_sentences_are_announced(
    page: Page, text: str, done: bool, said: str, rest: str
) -> None:
    found = page.evaluate("([t, d]) => md.completeSentences(t, d)", [text, done])
    assert found == {"said": said, "rest": rest}
