"""Context module: keeps everything, sends what fits, and says what it left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from sidelight.kernel import CONTEXT_COMPACTION
from sidelight.labels import ADDED, PINNED
from sidelight.tokens import LARGE, MESSAGE_OVERHEAD_TOKENS

from amplifier_module_context_sidelight.planning import plan
from amplifier_module_context_sidelight.view import (
    LEFT_OUT,
    VIEW,
    View,
    as_text,
    last_turn,
    metadata_of,
    pinned,
    plain_copy,
    seen,
    stored_view,
    summary_lines,
    text_of,
    turns,
)

__amplifier_module_type__ = "context"

#: how often the tokenizer is asked for the widest view that fits
_TRIES = 8
#: a last turn that was cut fills its budget to within this share of it
_TIGHT = 0.03


class _Emitter(Protocol):
    async def emit(self, event: str, data: dict[str, Any]) -> Any: ...


class SidelightContext:
    """Messages of a conversation as dicts. Stored history never changes; requests see a view.

    The view gets narrower until another model takes over, and is recorded in the newest user
    message's metadata, so that a restored conversation sends the same bytes.
    """

    def __init__(self, hooks: _Emitter | None = None) -> None:
        self._messages: list[dict[str, Any]] = []
        self._view = View()
        self._hooks = hooks

    async def add_message(self, message: dict[str, Any]) -> None:
        """Append a message. Raises ValueError without a role."""
        if not isinstance(message.get("role"), str):
            raise ValueError("A message needs a role")
        self._messages += plain_copy([message])

    async def get_messages(self) -> list[dict[str, Any]]:
        """All messages, for the transcript."""
        return plain_copy(self._messages)

    async def set_messages(self, messages: list[dict[str, Any]]) -> None:
        """Replace all messages (resume)."""
        self._messages = plain_copy(messages)
        self._view = stored_view(self._messages)

    async def clear(self) -> None:
        """Forget all messages."""
        self._messages = []
        self._view = View()

    async def get_messages_for_request(
        self, token_budget: int | None = None, provider: Any | None = None
    ) -> list[dict[str, Any]]:
        """What fits the budget: old tool results are shortened first, then old turns become lines
        of a summary, then the longest texts of the last turn are cut."""
        budget = token_budget if token_budget is not None else _budget(provider)
        self._view = await self._fitting(budget, None if token_budget is not None else provider)
        before = stored_view(self._messages)
        if self._view != before:
            await self._tell(before)
        return plain_copy(seen(self._messages, self._view))

    def first_sent(
        self, budget: int | None, provider: Any | None = None, extra_tokens: int = 0
    ) -> int:
        """Index of the first message that would be sent if ``extra_tokens`` came on top."""
        if budget is None:
            return self._view.start
        return plan(
            self._messages, self._view, budget, lambda m: _size(m, provider), extra_tokens
        ).start

    def sent_whole(self, budget: int, provider: Any, extra_tokens: int = 0) -> list[int]:
        """Indexes of the messages that would be sent uncut if ``extra_tokens`` came on top."""
        view = plan(self._messages, self._view, budget, lambda m: _size(m, provider), extra_tokens)
        kept = [*pinned(self._messages, view), *range(view.start, len(self._messages))]
        return [index for index in sorted(kept) if index not in dict(view.cuts)]

    def sent_tokens(self, provider: Any) -> int:
        """What the present view sends."""
        return sum(_size(message, provider) for message in seen(self._messages, self._view))

    def widen(self) -> None:
        """Look at everything again: another model may have more room, and reads anew anyway."""
        self._view = View()

    async def keep_added(self, text: str) -> None:
        """Text that was added to the last message of a request: it is sent again as it was sent,
        while the message itself stays as it is."""
        if self._messages:
            message = self._messages[-1]
            before = metadata_of(message).get(ADDED)
            added = f"{before}\n\n{text}" if isinstance(before, str) else text
            message["metadata"] = {**metadata_of(message), ADDED: added}

    async def _fitting(self, budget: int | None, provider: Any | None) -> View:
        """The widest view that fits: by the model's own tokenizer where it can be asked."""
        if budget is None:
            return self._view
        count = getattr(provider, "overflow_tokens", None)
        over = await count(seen(self._messages, self._view)) if count else None
        if over is None or count is None:
            return plan(self._messages, self._view, budget, lambda m: _size(m, provider))
        if over <= 0:
            return self._view
        estimated = sum(_size(m, provider) for m in seen(self._messages, self._view))
        # Estimates err by some factor: what they call this much is what there is room for.
        room = int(budget * estimated / max(1, budget + over))
        low, high, fitting = 0, estimated, None
        for _ in range(_TRIES):
            view = plan(self._messages, self._view, room, lambda m: _size(m, provider))
            over = await count(seen(self._messages, view))
            if over is not None and over > 0:
                high = room
                room = max(min(int(room * 0.9), room - over), (low + high) // 2 if fitting else 0)
                continue
            low, fitting = room, view
            # Turns are left out with room to spare, so that the prefix stays; texts are not.
            if over is None or view.cuts == self._view.cuts or -over <= budget * _TIGHT:
                break
            room = min((low + high) // 2, int(room * budget / max(1, budget + over)))
            if room <= low:
                break
        return fitting or plan(self._messages, self._view, 0, lambda m: _size(m, provider))

    async def _tell(self, before: View) -> None:
        message = self._messages[last_turn(self._messages)]
        metadata = {key: value for key, value in metadata_of(message).items() if key != LEFT_OUT}
        message["metadata"] = {**metadata, **self._view.to_metadata()}
        if self._hooks:
            view, old_cuts = self._view, dict(before.cuts)
            let_go = replace(view, unpinned=before.unpinned)
            summarised = len(list(turns(self._messages, view.start)))
            await self._hooks.emit(
                CONTEXT_COMPACTION,
                {
                    "before_messages": len(self._messages) - before.start,
                    "after_messages": len(self._messages) - view.start,
                    "strategy": "shorten_results_then_summarise_turns_then_cut",
                    "turns_summarised": summarised if view.start > before.start else 0,
                    "turns_told": summary_lines(self._messages, view),
                    "pins_left_out": _pins(self._messages, let_go) - _pins(self._messages, view),
                    "results_shortened": view.results > before.results,
                    "characters_cut": sum(
                        max(0, len(text_of(self._messages[index])) - chars)
                        for index, chars in view.cuts
                        if old_cuts.get(index) != chars
                    ),
                },
            )


def _pins(messages: list[dict[str, Any]], view: View) -> int:
    """How many turns are sent because of a pin."""
    return sum(messages[index]["role"] == "user" for index in pinned(messages, view))


def _budget(provider: Any | None) -> int | None:
    if provider is None:
        return None
    if (own := getattr(provider, "prompt_budget_tokens", None)) is not None:
        return int(own())
    defaults = provider.get_info().defaults
    window = defaults.get("context_window")
    if not isinstance(window, int):
        return None
    answer = defaults.get("max_output_tokens")
    return max(0, window - (answer if isinstance(answer, int) else window // 4) - window // 50)


def _size(message: dict[str, Any], provider: Any | None) -> int:
    if (own := getattr(provider, "message_tokens", None)) is not None:
        return int(own(message))
    return LARGE.estimate(as_text(message)) + MESSAGE_OVERHEAD_TOKENS


async def mount(coordinator: Any, config: dict[str, Any] | None = None) -> None:
    """Mount the context."""
    await coordinator.mount("context", SidelightContext(coordinator.hooks))


__all__ = ["LEFT_OUT", "PINNED", "VIEW", "SidelightContext", "mount"]
