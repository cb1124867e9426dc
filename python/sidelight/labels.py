"""Where each message of a conversation came from, and whether it may be believed or given away.

Labels are kept in a message's metadata, so that they go wherever the message goes: storage, resume,
branches, export. What has no label, or one that cannot be read, counts as untrusted and private.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from sidelight.contract import ContextBlock, Label
from sidelight.prompts.escape import one_line
from sidelight.prompts.render import ESCAPED, RAW, SIGNED

#: metadata key on a message: a list of labels as dicts
LABELS = "labels"
#: metadata key: text that hooks added to a message for one request; sent again as it was sent
ADDED = "added"
#: metadata key: a message that is sent whole, with its turn, as long as its pins fit the window
PINNED = "pinned"
#: what a conversation holds, as the columns of the policy's table
Column = Literal["clean", "private", "untrusted", "untrusted_private"]

USER = Label(origin="user", trust="user", private=False)
#: added to every message of an imported conversation
IMPORTED = Label(origin="import", trust="untrusted", private=True)
UNKNOWN = Label(origin="unknown", trust="untrusted", private=True)

_MAX_ORIGIN_CHARS = 300
_MAX_WORDS_CHARS = 120
_MAX_NAMED = 12
_UNLABELLED = ("import", "unknown")
_OWN_WORDS = {"import": "imported messages", "unknown": "text of unknown origin"}
#: what a result of these tools is to the user; None when it is only a confirmation or a failure
_TOOL_WORDS: dict[str, str | None] = {
    "list_todos": "your to-do list",
    "add_todo": None,
    "complete_todo": None,
    "read_page": None,
}

_collected: ContextVar[list[Label] | None] = ContextVar("sidelight_labels", default=None)


class _Key(NamedTuple):
    origin: str
    trust: str
    private: bool


@dataclass(frozen=True)
class ContextLabels:
    """The union of the labels of everything a model has seen on a path of messages.

    ``task_origins`` are the origins of pages that the user attached themselves.
    """

    labels: tuple[Label, ...] = ()
    task_origins: frozenset[str] = field(default=frozenset())

    @property
    def untrusted(self) -> bool:
        """Whether anything in it was written by others."""
        return any(label.trust == "untrusted" for label in self.labels)

    @property
    def private(self) -> bool:
        """Whether anything in it can be seen by this person only."""
        return any(label.private for label in self.labels)

    @property
    def column(self) -> Column:
        """The column of the policy's table."""
        if self.untrusted:
            return "untrusted_private" if self.private else "untrusted"
        return "private" if self.private else "clean"

    def words(self, *, own_words: bool = False) -> list[str]:
        """What is in it in plain words, such as ``the page news.example``; the user's own words
        only when asked for. An answer of a model is made of the rest and is not named."""
        found = dict.fromkeys(filter(None, map(_words, self.labels)))
        if own_words and any(label.origin == "user" for label in self.labels):
            found["what you wrote in this chat"] = None
        named = list(found)
        if (more := len(named) - _MAX_NAMED) > 0:
            named = [*named[:_MAX_NAMED], f"and {more} more"]
        return named


# ------------------------------------------------------------ labels of things


def of_block(block: ContextBlock) -> Label:
    """The label of attached or read text. Pages are seen with the person's own sign-ins."""
    match block.kind:
        case "page" | "selection":
            return _untrusted(f"page {block.origin}", private=True)
        case "file":
            return _untrusted(f"file {block.title or block.origin}", private=True)
        case "tool_result":
            return _untrusted(f"tool {block.origin}", private=True)


def of_tool(name: str, *, private: bool) -> Label:
    """The label of a tool's result."""
    return _untrusted(f"tool {name}", private=private)


def of_answer(model_id: str, seen: ContextLabels) -> Label:
    """The label of what a model made of all it has seen."""
    origin = f"model {model_id}"[:_MAX_ORIGIN_CHARS]
    return Label(
        origin=origin, trust="untrusted" if seen.untrusted else "user", private=seen.private
    )


def _untrusted(origin: str, *, private: bool) -> Label:
    return Label(origin=origin[:_MAX_ORIGIN_CHARS], trust="untrusted", private=private)


# ------------------------------------------------------------ labels of messages


def to_metadata(labels: Iterable[Label]) -> dict[str, Any]:
    """The metadata entry for a message with these labels."""
    return {LABELS: [label.model_dump() for label in union(labels)]}


def of_message(message: Mapping[str, Any]) -> list[Label]:
    """The labels of a stored message; UNKNOWN in place of what is missing or unreadable."""
    metadata = message.get("metadata")
    stored = metadata.get(LABELS) if isinstance(metadata, Mapping) else None
    if not isinstance(stored, list) or not stored:
        return [UNKNOWN]
    return [_read(value) for value in stored]


def of_path(messages: Iterable[Mapping[str, Any]]) -> ContextLabels:
    """The labels of a path of messages, all of it: what is no longer sent lives on in answers."""
    found: list[Label] = []
    attached: set[str] = set()
    for message in messages:
        labels = of_message(message)
        found += labels
        # Only our own record of the user's click tells what they attached; an import may say
        # anything.
        if message.get("role") == "user" and not any(a.origin in _UNLABELLED for a in labels):
            attached |= {
                label.origin.removeprefix("page ")
                for label in labels
                if label.origin.startswith("page ")
            }
    return ContextLabels(tuple(union(found)), frozenset(attached))


def without_forgeries(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages of a transcript, less what an imported one may not say: rules in the system
    text, and that its text is safe as it stands."""
    kept = []
    for message in messages:
        if IMPORTED.origin in {label.origin for label in of_message(message)}:
            if message.get("role") in ("system", "developer"):
                continue
            metadata = message["metadata"]
            refused = (RAW, ESCAPED, SIGNED, ADDED)
            safe = {name: metadata[name] for name in metadata if name not in refused}
            message = {**message, "metadata": safe}
        kept.append(message)
    return kept


def of_replacement(messages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The metadata entry for a message that stands for ``messages``, such as a summary."""
    return to_metadata(of_path(messages).labels or [UNKNOWN])


def union(labels: Iterable[Label]) -> list[Label]:
    """Each label once, in the order of their first appearance."""
    unique = {_Key(label.origin, label.trust, label.private): label for label in labels}
    return list(unique.values())


async def of_context(context: Any) -> ContextLabels:
    """The labels of a context module's conversation; the dirtiest when it cannot be asked."""
    try:
        return of_path(await context.get_messages())
    except Exception:
        return ContextLabels((UNKNOWN,))


def _read(value: Any) -> Label:
    try:
        return Label.model_validate(value)
    except ValidationError:
        return UNKNOWN


# ------------------------------------------------------------ labels of a tool's result


def collect() -> list[Label]:
    """A list that gets every label noted from now on in this task and those it starts."""
    labels: list[Label] = []
    _collected.set(labels)
    return labels


def note(label: Label) -> None:
    """Say what the running tool call brought into the conversation."""
    labels = _collected.get()
    if labels is not None:
        labels.append(label)


def _words(label: Label) -> str | None:
    kind, _, rest = label.origin.partition(" ")
    name = one_line(rest, _MAX_WORDS_CHARS)
    match kind:
        case "user" | "model":
            return None
        case "page":
            return f"the page {_host(name)}"
        case "file":
            return f"the file “{name}”"
        case "tool":
            return _TOOL_WORDS.get(rest, f"a result of the tool “{name}”")
        case "server":
            return f"an answer of the server {_host(name)}"
        case _:
            return _OWN_WORDS.get(kind, _OWN_WORDS["unknown"])


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc or origin
    except ValueError:
        return origin
