"""The fixed strings of `starter`; `sidelight.prompts.starter` drives the model with the same."""

from __future__ import annotations

SYSTEM = "You are the built-in starter model of a private offline browser extension."
NOT_ON_PAGE = "The page does not say."
NO_PAGE = "I have no page text yet. Open a page or select some text and ask again."
NO_TOOL = "I have no tool for that."
LIMIT = (
    "I am only a small starter model and I cannot answer that. I can summarise a page, answer from "
    "its text, or use the listed tools. For open questions, choose a larger model in the settings."
)
HELLO = (
    "Hello! I am the built-in starter model. Open a page and ask me to summarise it, or ask a "
    "question about it."
)
WHO = (
    "I am the built-in starter model of this extension. I am very small and I run only on this "
    "device."
)
CAN = (
    "I can summarise a page or a selection, find the sentence that answers your question, and use "
    "the extension's tools. I copy sentences from the text. For more, choose a larger model in the "
    "settings."
)
WELCOME = "You are welcome."
GOODBYE = "Goodbye!"
PRIVATE = "Everything stays on this device. I work offline and send nothing anywhere."
LARGER = (
    "Open the settings of the extension and choose a larger model. It is downloaded once and then "
    "works offline."
)
READY = "I am ready. Open a page and ask me about it."
DONE = "Done."
EMPTY_LIST = "The list is empty."
FAILED = "That did not work: "
NOTHING_FOUND = "I found nothing about that."
