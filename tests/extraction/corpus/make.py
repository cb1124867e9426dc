"""Writes ``pages/`` from the marked sources: ``python -m tests.extraction.corpus.make``.

``pages/FROZEN`` holds the SHA-256 over all pages and truths. It was written before the extractor
was tuned, and a test compares it: a page is never changed to suit the extractor.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.extraction.corpus import data, hidden, reading, shopping, talking, tongues, working
from tests.extraction.corpus.marks import Source, main_of, never_of, page_of

HERE = Path(__file__).resolve().parent
PAGES = HERE / "pages"
SOURCES: dict[str, Source] = {
    name: source
    for module in (reading, talking, shopping, working, data, tongues, hidden)
    for name, source in module.PAGES.items()
}


def files() -> dict[str, str]:
    """File name -> content, for every page, its frames and its truth."""
    made: dict[str, str] = {}
    for name, source in SOURCES.items():
        marked = [source.html, *source.frames.values()]
        made[f"{name}.html"] = page_of(source.html)
        for part, html in source.frames.items():
            made[f"{name}-{part}.html"] = page_of(html)
        truth = {
            "kind": source.kind,
            "title": source.title,
            "language": source.language,
            "author": source.author,
            "published": source.published,
            "main": "\n".join(main_of(html) for html in marked).strip(),
            "never": [text for html in marked for text in never_of(html)],
        }
        made[f"{name}.json"] = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    return made


def digest(folder: Path = PAGES) -> str:
    """SHA-256 over names and contents of the pages and truths in a folder."""
    total = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in (".html", ".json"):
            total.update(f"{file.name}\0{len(file.read_bytes())}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def main() -> None:
    """Write every file, and the hash."""
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.iterdir():
        old.unlink()
    for name, content in files().items():
        (PAGES / name).write_text(content, encoding="utf-8")
    (PAGES / "FROZEN").write_text(digest() + "\n")
    print(f"{len(SOURCES)} pages, {digest()}")


if __name__ == "__main__":
    main()
