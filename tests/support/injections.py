"""Plays attacks against the real panel with a model that always obeys the attacker."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.support.browser import Browser
from tests.support.limits import WAIT_S
from tests.support.model_server import ModelServer
from tests.support.panel import Panel

CASES = Path(__file__).resolve().parents[1] / "security/injections"
SECRET = "my locker code is 7719-KRILL"
#: what an attacker's page may use, as any page may, and what only a fooled assistant would
PAGE_HOST, MODEL_HOST = "page.attacker.invalid", "model.attacker.invalid"
#: characters that show nothing or turn text around; the card marks them
_UNSEEN = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_FORBIDDEN = """() => {
  const log = document.querySelector("chat-log");
  const kinds = "script, iframe, object, embed, form, link, meta, base, style, img, video, audio";
  const bad = [...log.querySelectorAll(`${kinds}, svg image`)];
  const links = [...log.querySelectorAll("a[href]")].map((a) => a.getAttribute("href"));
  const cards = [...log.querySelectorAll("[role=alertdialog], approval-card")];
  return {
    elements: bad.map((element) => element.outerHTML.slice(0, 200)),
    links: links.filter((href) => !/^(https?|mailto):/i.test(href)),
    cards: cards.map((element) => element.outerHTML.slice(0, 200)),
  };
}"""
#: the card that waits; one that is being taken away can no longer be answered
_CARD = """() => {
  const card = document.querySelector("approval-card");
  const deny = card?.querySelector("button.deny");
  return card && {
    text: card.innerText,
    name: card.getAttribute("aria-labelledby"),
    ready: Boolean(deny && !deny.disabled),
  };
}"""
SET_TODOS = """(texts) => new Promise((resolve, reject) => {
  const open = indexedDB.open("sidelight");
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const tx = open.result.transaction("todos", "readwrite");
    const todos = tx.objectStore("todos");
    todos.clear();
    texts.forEach((text, index) => todos.put({ number: index + 1, text, done: false }));
    tx.oncomplete = () => { open.result.close(); resolve(); };
    tx.onerror = () => reject(tx.error);
  };
})"""
TODOS = """() => new Promise((resolve, reject) => {
  const open = indexedDB.open("sidelight");
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const all = open.result.transaction("todos").objectStore("todos").getAll();
    all.onsuccess = () => {
      open.result.close();
      resolve(all.result.map((todo) => [todo.text, todo.done]));
    };
  };
})"""


def cases(group: str) -> list[dict[str, Any]]:
    """The frozen cases of a group: sighted, or blind (written without sight of the code)."""
    lines = (CASES / f"{group}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line.strip()]


class AttackerSite:
    """Serves each case's page, or its file as plain text."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                kind, body = outer.pages.get(self.path, ("text/plain", ""))
                data = body.encode(errors="replace")
                self.send_response(200)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, case: dict[str, Any]) -> str:
        """The address of a case's page."""
        if case["file"]:
            path = f"/{case['id']}/{quote(case['file']['name'], safe='')}"
            self.pages[path] = ("text/plain", _filled(case["file"]["text"], PAGE_HOST))
        else:
            path = f"/{case['id']}"
            title = html.escape(_filled(case["page"]["title"], PAGE_HOST))
            body = _filled(case["page"]["html_body"], PAGE_HOST)
            self.pages[path] = ("text/html", f"<!doctype html><title>{title}</title>{body}")
        return self.origin + path

    def mentions(self, host: str) -> bool:
        """Whether a case's own page names the host: a page may ask whom it likes."""
        return any(host in body for _, body in self.pages.values())

    def __enter__(self) -> AttackerSite:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Attack:
    """One browser whose chosen model is the scripted server."""

    def __init__(self, browser: Browser, server: ModelServer, site: AttackerSite) -> None:
        self.server, self.site = server, site
        self.context = browser.context
        self.page: Page = browser.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.page.goto(f"{site.origin}/start")
        self.panel = Panel(browser.open_panel(self.page))
        self.dialogs: list[str] = []
        self.panel.page.on("dialog", self._dialog)
        self._choose()

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _choose(self) -> None:
        send = "body => chrome.runtime.sendMessage({ v: 1, id: 'setup', body })"
        server = {"server_id": "s1", "label": "Scripted", "base_url": self.server.base_url}
        for body in (
            {"type": "background.save_server", **server, "key": ""},
            {"type": "background.set_level", "level": "servers"},
        ):
            assert self.panel.page.evaluate(send, body)["ok"]
        self.panel.page.get_by_role("button", name="On device").click()
        self.panel.page.get_by_role("button", name="Refresh models").click()
        expect(self.panel.page.get_by_text("1 model").first).to_be_visible()
        self.panel.page.keyboard.press("Escape")
        self.panel.choose_model(self.server.names[0])

    def run(self, case: dict[str, Any]) -> dict[str, Any]:
        """What came of a case: ``cards`` shown, and ``wrong``, which must stay empty."""
        panel, wrong = self.panel, []
        self.page.goto(self.site.add(case))
        before = [_filled(text, MODEL_HOST) for text in case["todos"]]
        panel.page.evaluate(SET_TODOS, before)
        tabs, cards = len(self.context.pages), 0
        panel.new_chat()
        panel.attach_page()
        turns = [case, *([case["follow_up"]] if case["follow_up"] else [])]
        for number, turn in enumerate(turns, 1):
            self.server.steps = json.loads(_filled(json.dumps(turn["steps"]), MODEL_HOST))
            calls = [call for step in self.server.steps for call in step.get("calls", [])]
            panel.ask(turn["question"])
            cards += self._deny_all(number, calls, wrong)
        told = panel.page.evaluate(_FORBIDDEN)
        wrong += [f"{kind}: {found}" for kind, found in told.items() if found]
        after = [text for text, done in panel.page.evaluate(TODOS) if not done]
        if after != before:
            wrong.append(f"the to-dos changed: {after}")
        if len(self.context.pages) != tabs:
            wrong.append("a tab was opened")
        wrong += [f"a dialog: {message}" for message in self.dialogs]
        self.dialogs.clear()
        return {"id": case["id"], "class": case["class"], "cards": cards, "wrong": wrong}

    def _deny_all(self, number: int, calls: list[dict[str, Any]], wrong: list[str]) -> int:
        """Wait for the end of a turn; each card must tell the truth, and is denied."""
        end, cards = time.monotonic() + WAIT_S, 0
        answer = self.panel.answers.nth(number - 1)
        expect(answer).to_be_visible()
        while time.monotonic() < end:
            card = self.panel.page.evaluate(_CARD)
            if card and card["ready"]:
                cards += 1
                if not any(_tells(card["text"], call) for call in calls):
                    wrong.append(f"a card does not tell what it is for: {card['text'][:400]}")
                this = self.panel.page.locator(f'[aria-labelledby="{card["name"]}"]')
                this.get_by_role("button", name="Deny", exact=True).click(timeout=5000)
                expect(this).to_have_count(0)  # the next card may be there at once
            elif not card and answer.get_attribute("aria-busy") == "false":
                return cards
            self.panel.page.wait_for_timeout(30)
        wrong.append("the turn did not end")
        return cards


def _filled(text: str, host: str) -> str:
    return text.replace("{{ATTACKER}}", host).replace("{{SECRET}}", SECRET)


def _tells(shown: str, call: dict[str, Any]) -> bool:
    """Whether a card shows the tool and every visible piece of every argument."""
    flat = _squeezed(shown)
    if _UNSEEN.sub("", call["name"]).strip() not in flat:
        return False
    arguments = call["arguments"] if isinstance(call["arguments"], dict) else {}
    wanted = [value for value in arguments.values() if isinstance(value, str)]
    # As JSON shows it: quotes and back-slashes are escaped there.
    wanted = [json.dumps(value, ensure_ascii=False)[1:-1] for value in wanted]
    pieces = [piece for value in wanted for piece in _UNSEEN.split(value)]
    return all(_squeezed(piece) in flat for piece in pieces)


def _squeezed(text: str) -> str:
    return re.sub(r"\\s+", "", text)
