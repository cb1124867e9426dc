"""How much is left out for a budget of tokens: the next narrower view. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sidelight.labels import PINNED as _PINNED

from amplifier_module_context_sidelight.view import (
    MAX_SUMMARY_CHARS,
    Message,
    View,
    is_long_result,
    last_turn,
    metadata_of,
    pinned,
    seen,
    seen_message,
    text_of,
)

#: after leaving out, fill at most this share, so that the prefix stays the same for some turns
REFILL = 0.75
#: the share of the budget that the summary of old turns may take, in characters per token
_SUMMARY_SHARE_CHARS = 0.4
_SHORTEST_CUT_CHARS = 120

Size = Callable[[Message], int]


def plan(
    messages: Sequence[Message], view: View, budget: int, size: Size, extra_tokens: int = 0
) -> View:
    """``view`` when it fits, else a narrower one; ``extra_tokens`` are a message still to come."""
    plan_ = _Plan(messages, size, extra_tokens)
    if plan_.total(view) <= budget:
        return view
    goal = budget * REFILL
    last = len(messages) if extra_tokens else last_turn(messages)
    for index in range(view.results, last):
        if is_long_result(messages[index]):
            view = replace(view, results=index + 1)
            if plan_.total(view) <= goal:
                return view
    most = min(MAX_SUMMARY_CHARS, int(budget * _SUMMARY_SHARE_CHARS))
    while view.start < last:
        view = replace(view, start=_next_turn(messages, view.start), summary_chars=most)
        if plan_.total(view) <= goal:
            return view
    # Only where the pins alone leave the last turn no room are the oldest of them let go.
    while plan_.total(view) > budget and (pins := pinned(messages, view)):
        view = replace(view, unpinned=_next_turn(messages, min(pins)))
    if plan_.total(view) <= budget:
        return view
    return plan_.narrow_last_turn(view, budget)


class _Plan:
    """Sizes of views; each message is measured once per form."""

    def __init__(self, messages: Sequence[Message], size: Size, extra_tokens: int) -> None:
        self._messages = messages
        self._size = size
        self._extra = extra_tokens
        self._known: dict[str, int] = {}

    def total(self, view: View) -> int:
        """Tokens of what is sent."""
        return self._extra + sum(map(self._measured, seen(self._messages, view)))

    def narrow_last_turn(self, view: View, budget: int) -> View:
        """Shorten all but the newest result of the last turn, then cut its longest texts."""
        messages = self._messages
        results = [i for i in range(last_turn(messages), len(messages)) if self._may_cut(i)]
        for index in results[:-1]:
            if is_long_result(messages[index]):
                view = replace(view, results=max(view.results, index + 1))
        if view.summary_chars and self.total(view) > budget:
            view = replace(view, summary_chars=0)
        longest = sorted(results, key=lambda i: -len(text_of(messages[i])))
        # The question itself is cut last.
        for index in sorted(longest, key=lambda i: messages[i].get("role") == "user"):
            over = self.total(view) - budget
            if over <= 0:
                break
            view = self._cut(view, index, budget)
        return view

    def _cut(self, view: View, index: int, budget: int) -> View:
        """Cut one message to what leaves the rest its room, by halving the range."""
        message = self._messages[index]
        rest = self.total(view) - self._measured(
            seen_message(message, index < view.results, dict(view.cuts).get(index, 0))
        )
        low, high = _SHORTEST_CUT_CHARS, max(_SHORTEST_CUT_CHARS, len(text_of(message)))
        while low < high:
            middle = (low + high + 1) // 2
            if rest + self._measured(seen_message(message, False, middle)) <= budget:
                low = middle
            else:
                high = middle - 1
        others = tuple(one for one in view.cuts if one[0] != index)
        # A shortened result may be cut as well; the cut is what is left to make it smaller.
        return replace(view, cuts=tuple(sorted((*others, (index, low)))))

    def _may_cut(self, index: int) -> bool:
        message = self._messages[index]
        return (
            message.get("role") in ("tool", "user")
            and isinstance(message.get("content"), str)
            and not metadata_of(message).get(_PINNED)
        )

    def _measured(self, message: Message) -> int:
        key = f"{message.get('role')}\0{message.get('content')}\0{message.get('tool_calls')}"
        if key not in self._known:
            self._known[key] = self._size(message)
        return self._known[key]


def _next_turn(messages: Sequence[Message], start: int) -> int:
    for index in range(start + 1, len(messages)):
        if messages[index]["role"] == "user":
            return index
    return len(messages)
