"""Session events -> turn events."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from sidelight.contract import (
    EngineUsage,
    ErrorData,
    TurnStatus,
    TurnToolCall,
    TurnToolResult,
    TurnUsage,
    Usage,
)
from sidelight.kernel import (
    APPROVAL_GRANTED,
    APPROVAL_REQUIRED,
    CONTENT_BLOCK_END,
    CONTEXT_COMPACTION,
    LLM_REQUEST,
    LLM_RESPONSE,
    LLM_STREAM_BLOCK_DELTA,
    LLM_STREAM_BLOCK_START,
    NOTICE,
    PROVIDER_ERROR,
    TOOL_DENIED,
    TOOL_ERROR,
    TOOL_POST,
    TOOL_PRE,
    HookResult,
)
from sidelight.prompts.escape import clean
from sidelight.turn import TURN, Refusal, Turn

logger = logging.getLogger("sidelight")
MAX_RESULT_CHARS = 2000
#: the contract's limit, and what is shown of a name that a model made up
MAX_NAME_CHARS = 500
MAX_UNKNOWN_NAME_CHARS = 80

Handler = Callable[[str, dict[str, Any]], Awaitable[HookResult]]
Stage = Literal["prefill", "decode", "tool", "waiting_approval"]


class Observer:
    """Writes to the current turn; without one it does nothing."""

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator
        self._blocks: dict[tuple[str, int], Callable[[str], None]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Event name to handler."""
        table: dict[str, Callable[[Turn, dict[str, Any]], None]] = {
            LLM_REQUEST: self._request,
            LLM_RESPONSE: self._response,
            LLM_STREAM_BLOCK_START: self._block_start,
            LLM_STREAM_BLOCK_DELTA: self._delta,
            CONTENT_BLOCK_END: self._content_block,
            TOOL_PRE: self._tool_pre,
            TOOL_POST: self._tool_post,
            TOOL_ERROR: self._tool_error,
            TOOL_DENIED: self._tool_denied,
            APPROVAL_REQUIRED: self._approval_required,
            APPROVAL_GRANTED: self._tool_pre,
            PROVIDER_ERROR: self._provider_error,
            CONTEXT_COMPACTION: self._compaction,
            NOTICE: self._notice,
        }
        return {event: self._wrap(action) for event, action in table.items()}

    def _wrap(self, action: Callable[[Turn, dict[str, Any]], None]) -> Handler:
        async def handle(event: str, data: dict[str, Any]) -> HookResult:
            current = self._coordinator.get_capability(TURN)
            turn: Turn | None = current() if current else None
            if turn is not None and isinstance(data, dict):
                try:
                    action(turn, data)
                except Exception as error:
                    # Its text may quote the conversation, which belongs in no log.
                    logger.error(
                        "The observer could not report %s: %s", event, type(error).__name__
                    )
            return HookResult(action="continue")

        return handle

    def _name(self, data: dict[str, Any], key: str = "tool_name") -> str:
        name = str(data[key])
        if name in (self._coordinator.get("tools") or {}):
            return name[:MAX_NAME_CHARS]
        return " ".join(clean(name).split())[:MAX_UNKNOWN_NAME_CHARS]

    # ------------------------------------------------------------ model calls

    def _request(self, turn: Turn, data: dict[str, Any]) -> None:
        self._blocks.clear()
        _status(turn, "prefill")

    def _block_start(self, turn: Turn, data: dict[str, Any]) -> None:
        _status(turn, "decode")
        kind = data["block_type"]
        if kind in ("text", "thinking"):
            key = (data["request_id"], data["block_index"])
            self._blocks[key] = turn.open_block(kind)

    def _delta(self, turn: Turn, data: dict[str, Any]) -> None:
        if add := self._blocks.get((data["request_id"], data["block_index"])):
            add(data["text"])

    def _response(self, turn: Turn, data: dict[str, Any]) -> None:
        if measured := data.get("engine_usage"):
            turn.usage = _sum(turn.usage, EngineUsage.model_validate(measured))
            turn.emit(TurnUsage(type="turn.usage", usage=turn.usage))

    def _content_block(self, turn: Turn, data: dict[str, Any]) -> None:
        block = data.get("block") or {}
        if block.get("type") == "tool_call":
            turn.emit(
                TurnToolCall(
                    type="turn.tool_call",
                    tool_call_id=block["id"],
                    tool_name=self._name(block, "name"),
                    arguments=block["input"],
                )
            )

    def _provider_error(self, turn: Turn, data: dict[str, Any]) -> None:
        if error := data.get("error_data"):
            turn.failure = ErrorData.model_validate(error)

    # ------------------------------------------------------------ tools

    def _tool_pre(self, turn: Turn, data: dict[str, Any]) -> None:
        _status(turn, "tool", self._name(data))

    def _approval_required(self, turn: Turn, data: dict[str, Any]) -> None:
        _status(turn, "waiting_approval", self._name(data))

    def _tool_post(self, turn: Turn, data: dict[str, Any]) -> None:
        result = data.get("result") or {}
        status: Literal["ok", "error"] = "ok" if result.get("success", True) else "error"
        output = result.get("output")
        text = output if isinstance(output, str) else str(output or "")
        self._result(turn, data, status, text)

    def _tool_error(self, turn: Turn, data: dict[str, Any]) -> None:
        self._result(turn, data, "error", str(data["error"]["msg"]))

    def _tool_denied(self, turn: Turn, data: dict[str, Any]) -> None:
        refusal = turn.refusals.get(data["tool_call_id"]) or Refusal("denied", data["reason"])
        self._result(turn, data, refusal.status, refusal.text)

    def _result(
        self,
        turn: Turn,
        data: dict[str, Any],
        status: Literal["ok", "denied", "timed_out", "error"],
        text: str,
    ) -> None:
        # A stop can come between a tool's end and its events: the first report stands.
        if data["tool_call_id"] in turn.reported:
            return
        turn.reported.add(data["tool_call_id"])
        turn.emit(
            TurnToolResult(
                type="turn.tool_result",
                tool_call_id=data["tool_call_id"],
                tool_name=self._name(data),
                status=status,
                text=text[:MAX_RESULT_CHARS],
            )
        )

    # ------------------------------------------------------------ notices

    def _compaction(self, turn: Turn, data: dict[str, Any]) -> None:
        left_out = left_out_words(data)
        if left_out:
            window = turn.request.model.context_window_tokens
            turn.notice(
                "older_messages_left_out",
                f"Not all of this conversation fits into this model's context window ({window:,} "
                f"tokens). Left out of what the model reads: {left_out}. The conversation itself "
                "keeps everything.",
            )

    def _notice(self, turn: Turn, data: dict[str, Any]) -> None:
        turn.notice(data["code"], data["message"])


def left_out_words(data: dict[str, Any]) -> str:
    """What a compaction left out, in plain words; empty when it was nothing."""
    parts = []
    if turns := data.get("turns_summarised"):
        some = "the oldest question and answer" if turns == 1 else f"the oldest {turns:,} questions"
        told = data.get("turns_told", turns)
        lines = "a line each" if told == turns else f"a line each of the last {told:,}"
        but = f", but for {lines}" if told else ""
        parts.append(f"{some}{'' if turns == 1 else ' and answers'}{but}")
    if pins := data.get("pins_left_out"):
        parts.append(
            "a pinned message, as the pins take more than the window"
            if pins == 1
            else f"{pins:,} pinned messages, as the pins take more than the window"
        )
    if data.get("results_shortened"):
        parts.append("the text of older tool results")
    if cut := data.get("characters_cut"):
        parts.append(f"{cut:,} characters of the longest texts of this question")
    return "; ".join(parts)


def _status(turn: Turn, stage: Stage, detail: str = "") -> None:
    turn.emit(TurnStatus(type="turn.status", stage=stage, detail=detail))


def _sum(before: Usage | None, call: EngineUsage) -> Usage:
    """Counts are added up; the first call's time to first token and the last one's speeds stay."""
    return Usage(
        prompt_tokens=(before.prompt_tokens if before else 0) + call.prompt_tokens,
        prefilled_tokens=(before.prefilled_tokens if before else 0) + call.prefilled_tokens,
        completion_tokens=(before.completion_tokens if before else 0) + call.completion_tokens,
        time_to_first_token_s=(
            before.time_to_first_token_s if before else call.time_to_first_token_s
        ),
        prefill_tokens_per_s=call.prefill_tokens_per_s,
        decode_tokens_per_s=call.decode_tokens_per_s,
        model_calls=(before.model_calls if before else 0) + 1,
    )
