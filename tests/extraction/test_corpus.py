"""The corpus is what its maker writes, and the same as when it was frozen."""

from __future__ import annotations

import pytest

from tests.extraction.corpus.make import PAGES, SOURCES, digest, files
from tests.extraction.score import score, tokens, truths

pytestmark = pytest.mark.unit

#: Frozen before the extractor was tuned. A changed page is a new page: add it, keep the old one.
FROZEN = "ce763a3be09cd1314d4ccaa1a57a881205a7cad00b9d393f1672387474c6be05"


def test_pages_are_as_they_were_frozen() -> None:
    assert digest() == FROZEN
    assert (PAGES / "FROZEN").read_text().strip() == FROZEN


def test_maker_writes_these_pages() -> None:
    for name, content in files().items():
        assert (PAGES / name).read_text(encoding="utf-8") == content, name


def test_the_corpus_covers_what_it_must() -> None:
    assert len(SOURCES) >= 40
    kinds = {source.kind for source in SOURCES.values()}
    assert kinds >= set("article forum product docs list app table code math shadow frames".split())
    assert "hidden" in kinds
    for name, truth in truths(PAGES).items():
        assert len(tokens(truth["main"])) >= 20, name
        assert not set("⟦⟧⟪⟫⟨⟩¦") & set(str(truth)), name


def test_score_counts_words_and_finds_leaks() -> None:
    truth = {"main": "one two three four", "never": ["do not say", "unsaid"]}
    assert score("# One".lower() + " two three four", truth).f1 == 1
    half = score("one two", truth)
    assert (half.precision, half.recall, half.f1) == (1, 0.5, 0.6667)
    assert score("one, do NOT say", truth).leaks == []
    assert score("one, do *not* say!", truth).leaks == ["do not say"]
    assert score("", truth).f1 == 0
    assert tokens("港の時計 x_1 ok") == ["港", "の", "時", "計", "x", "1", "ok"]
