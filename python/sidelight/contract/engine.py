"""Messages between the Python worker and the engine worker (their own port)."""

from __future__ import annotations

from typing import Any, Literal

from sidelight.contract.values import ErrorData, Id, Model


class ChatMessage(Model):
    role: Literal["system", "user", "assistant", "tool"]
    content: str


class GenerateOptions(Model):
    """Sampling of one model call; at most one of ``grammar`` (EBNF), ``structural_tag`` (JSON: free
    text with calls under a grammar) and ``json_schema``."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int | None = None
    stop: list[str] = []
    grammar: str | None = None
    structural_tag: str | None = None
    json_schema: str | None = None
    logprobs: bool = False
    top_logprobs: int = 0


class EngineGenerate(Model):
    type: Literal["engine.generate"]
    call_id: Id
    model_id: Id
    messages: list[ChatMessage]
    options: GenerateOptions


class EngineCount(Model):
    """Asks for the tokens of a prompt, by the model's own tokenizer."""

    type: Literal["engine.count"]
    call_id: Id
    model_id: Id
    messages: list[ChatMessage]


class EngineInterrupt(Model):
    type: Literal["engine.interrupt"]
    call_id: Id


class EngineDelta(Model):
    type: Literal["engine.delta"]
    call_id: Id
    text: str
    tokens: int


class EngineUsage(Model):
    prompt_tokens: int
    prefilled_tokens: int
    completion_tokens: int
    time_to_first_token_s: float | None = None
    prefill_tokens_per_s: float | None = None
    decode_tokens_per_s: float | None = None
    grammar_init_s: float | None = None


class EngineDone(Model):
    type: Literal["engine.done"]
    call_id: Id
    text: str
    finish_reason: Literal["stop", "length", "abort"]
    usage: EngineUsage
    logprobs: list[dict[str, Any]] | None = None


class EngineCounted(Model):
    type: Literal["engine.counted"]
    call_id: Id
    tokens: int


class EngineFailed(Model):
    type: Literal["engine.error"]
    call_id: Id
    error: ErrorData
