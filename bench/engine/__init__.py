"""The shipped engine worker in Chromium on software WebGPU, driven by the provider on CPython."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from playwright.sync_api import Page, Playwright

from bench.report import ROOT
from tests.models.random_model import draw
from tests.numerics.engine_page import EnginePage, build
from tests.support.browser import Browser, Options

sys.path.insert(0, str(ROOT / "python"))

from pydantic import TypeAdapter
from sidelight.contract import EngineToPython
from sidelight.engine import Engine

T = TypeVar("T")
#: the folder of the model with random weights, inside the harness extension
RANDOM = "random"
_MESSAGES: TypeAdapter[Any] = TypeAdapter(EngineToPython)


def write_random(models: Path, target: Path, seed: int) -> None:
    """A models folder with ``tiny``'s library and tokenizer and weights drawn from ``seed``."""
    manifest = json.loads((models / "manifest.json").read_text())
    entry = next(model for model in manifest["models"] if model["id"] == "tiny")
    chance = np.random.default_rng(seed)
    shard = bytearray()
    for file in entry["files"]:
        place = target / file["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(models / file["path"], place)
        if file["role"] == "weights_index":
            for record in json.loads(place.read_text())["records"][0]["records"]:
                assert record["format"] == "raw", "tiny is stored as plain float32"
                shard += draw(record["name"], record["shape"], record["dtype"], chance).tobytes()
    for file in entry["files"]:
        if file["role"] == "weights":
            assert len(shard) == file["bytes"], "the drawn weights have another size"
            (target / file["path"]).write_bytes(shard)
            file["sha256"] = hashlib.sha256(shard).hexdigest()
    entry["id"] = RANDOM
    (target / "manifest.json").write_text(json.dumps({**manifest, "models": [entry]}))


class BrowserEngine(EnginePage):
    """An engine worker in a page, whose port can be given to Python."""

    def __init__(self, page: Page, url: Callable[[str], str]) -> None:
        super().__init__(page)
        self._url = url

    def load_random(self) -> dict[str, Any]:
        """Load the model with random weights; returns the engine's state."""
        return self.load(RANDOM, base_url=self._url(f"{RANDOM}/"))

    def run(self, work: Callable[[Engine], Awaitable[T]]) -> T:
        """``await work(engine)`` on a loop of its own, while this thread carries the messages."""
        outbox: queue.Queue[str] = queue.Queue()
        found: dict[str, Any] = {}
        loop = asyncio.new_event_loop()
        engine = Engine(outbox.put)

        def target() -> None:
            try:
                found["result"] = loop.run_until_complete(work(engine))
            except BaseException as error:
                found["error"] = error

        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        while thread.is_alive() or not outbox.empty():
            texts = []
            with contextlib.suppress(queue.Empty):
                texts.append(outbox.get(timeout=0.005))
                while True:
                    texts.append(outbox.get_nowait())
            for text in self.page.evaluate("(texts) => harness.exchange(texts)", texts):
                message = _MESSAGES.validate_json(text)
                if not loop.is_closed() and thread.is_alive():
                    loop.call_soon_threadsafe(engine.on_message, message)
        loop.close()
        if "error" in found:
            raise found["error"]
        result: T = found["result"]
        return result


@contextlib.contextmanager
def browser_engine(playwright: Playwright, seed: int = 1) -> Iterator[BrowserEngine]:
    """A fresh browser with the harness extension and a model of random weights."""
    with tempfile.TemporaryDirectory() as folder:
        extension = Path(folder) / "extension"
        build(extension)
        write_random(extension / "models", extension / RANDOM, seed)
        with Browser(playwright, Options(extension=extension)) as browser:
            page = browser.context.new_page()
            page.set_default_timeout(0)
            page.on("pageerror", lambda error: print("page error:", error, file=sys.stderr))
            page.goto(browser.extension_url("page.html"))
            yield BrowserEngine(page, browser.extension_url)
