"""What of a conversation is sent: a view of the stored messages, which themselves never change.

A view is a few numbers, kept in the metadata of the newest user message. Everything else follows
from them and from the messages, so that a restored conversation sends the same bytes, and a view
that somebody forged can hide text but put none in.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sidelight.labels import ADDED, PINNED, of_replacement
from sidelight.prompts.escape import BLOCK_TAGS, middle_out, neutralise

#: metadata key on a user message: the view from its turn on
VIEW = "view"
#: metadata key of messages stored before there were views: how many messages are no longer sent
LEFT_OUT = "left_out_messages"
SHORT_RESULT_CHARS = 160
MAX_SUMMARY_CHARS = 900
_QUESTION_CHARS = 70
_ANSWER_CHARS = 110
_MIN_CUT_CHARS = 80
_HEAD = "Earlier in this conversation (shortened by the extension):"

_TAGS = re.compile(r"</?[a-z_]+>")
_BLOCK_END = re.compile(rf"</(?:{'|'.join(BLOCK_TAGS)})>")

Message = dict[str, Any]


@dataclass(frozen=True)
class View:
    """``start``: messages before it are not sent, but for pinned turns. ``results``: tool results
    before it are shortened. ``summary_chars``: how long the summary of what is not sent may be.
    ``cuts``: (index, characters of the message that are sent). ``unpinned``: pins of turns before
    it no longer count, as all of them did not fit.
    """

    start: int = 0
    results: int = 0
    summary_chars: int = 0
    cuts: tuple[tuple[int, int], ...] = ()
    unpinned: int = 0

    def to_metadata(self) -> dict[str, Any]:
        """As it is stored."""
        return {VIEW: {**asdict(self), "cuts": [list(one) for one in self.cuts]}}


def stored_view(messages: Sequence[Message]) -> View:
    """The newest stored view; its numbers are kept within what can be meant."""
    last = last_turn(messages)
    for message in reversed(messages):
        metadata = metadata_of(message)
        if VIEW in metadata and isinstance(metadata[VIEW], Mapping):
            read = metadata[VIEW]
            cuts = read.get("cuts") if isinstance(read.get("cuts"), list) else []
            return View(
                start=min(_count(read.get("start")), last),
                results=min(_count(read.get("results")), len(messages)),
                summary_chars=min(_count(read.get("summary_chars")), MAX_SUMMARY_CHARS),
                cuts=tuple(
                    (_count(one[0]), _count(one[1]))
                    for one in cuts
                    if isinstance(one, list) and len(one) == 2
                ),
                unpinned=min(_count(read.get("unpinned")), last),
            )
        if isinstance(metadata.get(LEFT_OUT), int):
            return View(start=min(_count(metadata[LEFT_OUT]), last))
    return View()


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def seen(messages: Sequence[Message], view: View) -> list[Message]:
    """The messages that are sent, in order; new dicts where they differ from the stored ones."""
    sent: list[Message] = []
    cuts = dict(view.cuts)
    before = pinned(messages, view)
    if view.start and (summary := _summary(messages, view)):
        gone = [messages[index] for index in range(view.start) if index not in before]
        metadata = of_replacement(gone)
        sent.append({"role": "user", "content": summary, "metadata": metadata})
    kept = [*sorted(before), *range(view.start, len(messages))]
    return sent + [seen_message(messages[i], i < view.results, cuts.get(i, 0)) for i in kept]


def seen_message(message: Message, is_old: bool, most_chars: int = 0) -> Message:
    """One message as it is sent."""
    added = metadata_of(message).get(ADDED)
    if isinstance(added, str) and isinstance(message.get("content"), str):
        message = {**message, "content": f"{message['content']}\n\n{added}"}
    if is_old and is_long_result(message):
        return {**message, "content": shortened(message)}
    return cut(message, most_chars) if most_chars else message


def is_long_result(message: Message) -> bool:
    """A tool result that is worth shortening and may be shortened."""
    return (
        message.get("role") == "tool"
        and len(text_of(message)) > SHORT_RESULT_CHARS
        and not metadata_of(message).get(PINNED)
    )


def shortened(message: Message) -> str:
    """What is sent of an old tool result."""
    # Half of a page's marks would begin a page that never ends.
    text = _TAGS.sub("", text_of(message))
    return f"{_beginning(text, SHORT_RESULT_CHARS // 2)} [... {len(text):,} characters, left out]"


def cut(message: Message, most_chars: int) -> Message:
    """A message with at most so many characters of text, its beginning and its end."""
    text = text_of(message)
    most_chars = max(most_chars, _MIN_CUT_CHARS)
    if len(text) <= most_chars or not isinstance(message.get("content"), str):
        return message
    ends = list(_BLOCK_END.finditer(text)) if message.get("role") == "user" else []
    begin = ends[-1].start() if ends else len(text)
    # What is attached goes first: its end mark and the request behind it stay.
    room = most_chars - (len(text) - begin)
    if begin == len(text) or room < _MIN_CUT_CHARS:
        return {**message, "content": middle_out(text, most_chars)}
    return {**message, "content": f"{middle_out(text[:begin], room)}\n{text[begin:]}"}


def turns(messages: Sequence[Message], end: int) -> Iterator[range]:
    """The index ranges of the turns before ``end``; each begins with a user message."""
    begin = 0
    for index in range(1, end + 1):
        if index == end or messages[index]["role"] == "user":
            yield range(begin, index)
            begin = index


def pinned(messages: Sequence[Message], view: View) -> set[int]:
    """Indexes of the turns before the view's start that hold something pinned: whole turns, so that
    calls keep their results."""
    found: set[int] = set()
    for turn in turns(messages, view.start) if view.start else ():
        if turn.start >= view.unpinned and any(
            metadata_of(messages[index]).get(PINNED) for index in turn
        ):
            found.update(turn)
    return found


def summary_lines(messages: Sequence[Message], view: View) -> int:
    """How many turns that are not sent have a line in the summary."""
    return _summary(messages, view).count("\n") if view.start else 0


def _summary(messages: Sequence[Message], view: View) -> str:
    """One line per turn that is not sent, the newest that fit."""
    kept = pinned(messages, view)
    lines: list[str] = []
    room = view.summary_chars - len(_HEAD)
    for turn in reversed(list(turns(messages, view.start))):
        if turn[0] in kept:
            continue
        line = _line([messages[index] for index in turn])
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join([_HEAD, *reversed(lines)]) if lines else ""


def _line(turn: Sequence[Message]) -> str:
    asked = " ".join(text_of(m) for m in turn if m["role"] == "user")
    answers = [text_of(m) for m in turn if m["role"] == "assistant" and text_of(m).strip()]
    named = (str(m.get("name") or "a tool") for m in turn if m["role"] == "tool")
    # The summary is sent as the user's, where marks of our own would count.
    tools = dict.fromkeys(map(neutralise, named))
    # The request stands behind what was attached to it.
    asked = asked.rsplit(">\n", 1)[-1]
    said = neutralise(_beginning(answers[-1], _ANSWER_CHARS)) if answers else "(no answer)"
    used = f" [used {', '.join(tools)}]" if tools else ""
    return f"- User: {_beginning(asked, _QUESTION_CHARS)} | Answer: {said}{used}"


def _beginning(text: str, most_chars: int) -> str:
    words = " ".join(text.split())
    if len(words) <= most_chars:
        return words
    return words[:most_chars].rsplit(" ", 1)[0] + "..."


def text_of(message: Message) -> str:
    """The text of a stored message; thinking and calls are left out."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(p.get("text", "")) for p in parts if isinstance(p, dict) and "text" in p)


def last_turn(messages: Sequence[Message]) -> int:
    """Index of the last user message, 0 when there is none."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].get("role") == "user":
            return index
    return 0


def metadata_of(message: Message) -> dict[str, Any]:
    """A message's metadata, empty when it has none that can be read."""
    metadata = message.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def plain_copy(messages: Sequence[Message]) -> list[Message]:
    """A deep copy."""
    return copy.deepcopy(list(messages))


def as_text(message: Message) -> str:
    """A message's content as text of some size, for a provider that measures none itself."""
    content = message.get("content")
    return content if isinstance(content, str) else json.dumps(content, default=str)
