"""A chat that goes on with another model: what is lost on the way, and what reading again costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sidelight import labels
from sidelight.contract import ModelInfo
from sidelight.kernel import Message
from sidelight.prompts.render import RAW
from sidelight.turn import Turn

_MODEL = "model "
#: below this a sentence about the wait would only be in the way
_MIN_TOLD_TOKENS = 256


def model_of(message: Mapping[str, Any]) -> str | None:
    """The id of the model that wrote an answer."""
    for label in labels.of_message(message):
        if label.origin.startswith(_MODEL):
            return label.origin.removeprefix(_MODEL)
    return None


def last_model(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """The id of the model that answered last."""
    answers = (message for message in reversed(messages) if message.get("role") == "assistant")
    return next(filter(None, map(model_of, answers)), None)


def without_others_words(messages: Sequence[Message], model_id: str) -> list[Message]:
    """The messages without the raw text of other models' answers: it holds their thinking and is
    spelt for their template. What they said and called is in the blocks beside it."""
    kept = []
    for message in messages:
        metadata = message.metadata or {}
        stored = {"metadata": metadata}
        if RAW in metadata and model_of(stored) not in (None, model_id):
            rest = {name: value for name, value in metadata.items() if name != RAW}
            message = message.model_copy(update={"metadata": rest})
        kept.append(message)
    return kept


async def tell_switch(turn: Turn, context: Any, provider: Any) -> None:
    """Tell the user when another model takes over: what it reads again and in what time, what no
    longer fits, and what it is not shown."""
    model = turn.request.model
    messages = await context.get_messages()
    before = last_model(messages)
    if before is None or before == model.model_id:
        return
    budget = provider.prompt_budget_tokens()
    was_left_out = context.first_sent(None, provider)
    context.widen()
    start = context.first_sent(budget, provider)
    sizes = [provider.message_tokens(message) for message in messages]
    tokens = sum(sizes[start:])
    if start < was_left_out:
        back = was_left_out - start
        them = "message is" if back == 1 else "messages are"
        again = f"{back} older {them} sent in full again."
    else:
        again = ""
    sentences = [f"This chat goes on with {model.label}.", *filter(None, [again])]
    if tokens >= _MIN_TOLD_TOKENS:
        sentences.append(_reading(min(tokens, budget), turn.request.prefill_tokens_per_s))
    if start > was_left_out:
        left = start - was_left_out
        them = "message does" if left == 1 else "messages do"
        sentences.append(
            f"{left} older {them} not fit into its context window of "
            f"{model.context_window_tokens:,} tokens; {'it is' if left == 1 else 'they are'} not "
            "sent in full, and stay in the chat."
        )
    sentences += _losses(messages[start:], model)
    if len(sentences) > 1:
        turn.notice("model_changed", " ".join(sentences))


def _reading(tokens: int, rate: float | None) -> str:
    about = f"It reads what was said again: about {tokens:,} tokens"
    if not rate or rate <= 0:
        return f"{about}. How long that takes was not measured yet."
    seconds = tokens / rate
    took = "less than a second" if seconds < 1 else f"about {_seconds(seconds)}"
    return f"{about}, {took}."


def _seconds(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 120 else f"{round(seconds / 60)} minutes"


def _losses(messages: Sequence[Mapping[str, Any]], model: ModelInfo) -> list[str]:
    """What the model is not given of the messages it reads."""
    blocks = [
        block
        for message in messages
        if isinstance(content := message.get("content"), list)
        for block in content
        if isinstance(block, Mapping)
    ]
    kinds = [block.get("type") for block in blocks]
    away = model.provider in ("openai", "anthropic")
    found = []
    if (images := kinds.count("image")) and (model.images is False or not away):
        were = "image is" if images == 1 else "images are"
        found.append(f"It cannot see images: {images} {were} not shown to it.")
    if "tool_call" in kinds and model.tools is False:
        found.append("It takes no tool calls: tools and their results are told to it in words.")
    if "thinking" in kinds or "redacted_thinking" in kinds:
        found.append("What other models thought is not passed on.")
    return found
