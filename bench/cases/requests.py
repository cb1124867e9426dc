"""Requests with the one call that is meant; none of these wordings was used in training."""

from __future__ import annotations

from typing import Any

NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
TEXT: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 200}},
    "required": ["text"],
}
#: name -> (description, schema): what the extension offers, and what the tiny model was taught
TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "read_page": ("Read the text of the page in the current tab", NOTHING),
    "add_todo": ("Add an item to the to-do list", TEXT),
    "list_todos": ("List the items on the to-do list", NOTHING),
    "complete_todo": ("Mark a to-do item as done", TEXT),
}
FIND: dict[str, tuple[str, dict[str, Any]]] = {"find": ("Find a word on the page", TEXT)}

_ITEMS = (
    "oat milk",
    "the blue umbrella",
    "two train tickets to Graz",
    "water for the ferns",
    "a call with Noor",
    "new bicycle lights",
    "the tax form",
    "Ines's birthday cake",
)
_WORDS = ("moon", "bread", "river", "stone", "cloud", "green", "bridge", "star")
_ADDING = (
    "Put {} on my to-do list, please",
    "I must not forget {}: add it to the to-dos",
    "Could you note {} as a to-do?",
)
_DONE = ("I finished {}, tick it off", "Mark {} as done on my list")

Case = tuple[str, str, dict[str, Any]]
REQUESTS: list[Case] = [
    *((form.format(item), "add_todo", {"text": item}) for item in _ITEMS for form in _ADDING),
    *((form.format(item), "complete_todo", {"text": item}) for item in _ITEMS for form in _DONE),
    ("What is still open on my to-do list?", "list_todos", {}),
    ("Show me everything I have to do", "list_todos", {}),
    ("Read out the to-dos I saved", "list_todos", {}),
    ("Have a look at the page I am on", "read_page", {}),
    ("Please read this website", "read_page", {}),
    ("Get the text of the tab in front of me", "read_page", {}),
]
FINDING: list[Case] = [
    *((f"Find {word} on the page.", "find", {"text": word}) for word in _WORDS),
    *((f"Search the page for {word}", "find", {"text": word}) for word in _WORDS),
]
