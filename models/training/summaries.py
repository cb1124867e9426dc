"""Which sentences a summary quotes: a fixed rule, so that a summary can be right or wrong."""

from __future__ import annotations

from collections import Counter

from models.training.lookup import stem, stems, topic_words
from models.training.pages import Page


def bullets_for(sentences: int) -> int:
    """Bullets of a summary of so many sentences."""
    return 1 if sentences <= 3 else 2 if sentences <= 7 else 3 if sentences <= 14 else 4


def chosen(page: Page, most: int | None = None) -> list[int]:
    """Places of the quoted sentences in page order: the lead, then words the page repeats."""
    topics = [
        set() if place in page.noise else {stem(word) for word in topic_words(text)}
        for place, text in enumerate(page.sentences)
    ]
    spread = Counter(word for words in topics for word in words)
    title = stems(page.title)
    content = [place for place in range(len(page.sentences)) if place not in page.noise]
    scores: dict[int, float] = {}
    for place in content:
        length = len(page.sentences[place].split())
        repeated = sum(min(spread[word] - 1, 4) * 0.5 for word in topics[place])
        named = sum(2.0 for word in topics[place] if word in title)
        scores[place] = 3 * (repeated + named) / max(length, 8) ** 0.5
        scores[place] -= 3.0 if length < 5 else 0.0
        scores[place] += 4.0 if place == content[0] else 0.0
    ranked = sorted(content, key=lambda place: (-scores[place], place))
    return sorted(ranked[: most or bullets_for(len(content))])
