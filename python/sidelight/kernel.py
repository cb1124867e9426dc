"""The only door to amplifier-core. Everything else imports the kernel's names from here."""

from __future__ import annotations

from amplifier_core import (
    AmplifierSession,
    ChatRequest,
    ChatResponse,
    Degradation,
    HookResult,
    Message,
    ProviderInfo,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolCall,
    ToolCallBlock,
    ToolResult,
    ToolSpec,
    Usage,
)
from amplifier_core import ModelInfo as KernelModelInfo
from amplifier_core.approval import ApprovalTimeoutError
from amplifier_core.events import (
    APPROVAL_DENIED,
    APPROVAL_GRANTED,
    APPROVAL_REQUIRED,
    CANCEL_REQUESTED,
    CONTENT_BLOCK_END,
    CONTENT_BLOCK_START,
    CONTEXT_COMPACTION,
    EXECUTION_END,
    EXECUTION_START,
    LLM_REQUEST,
    LLM_RESPONSE,
    ORCHESTRATOR_COMPLETE,
    PROMPT_COMPLETE,
    PROMPT_SUBMIT,
    PROVIDER_ERROR,
    PROVIDER_REQUEST,
    PROVIDER_RESPONSE,
    PROVIDER_RETRY,
    TOOL_ERROR,
    TOOL_POST,
    TOOL_PRE,
)
from amplifier_core.llm_errors import (
    AccessDeniedError,
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    LLMError,
    LLMTimeoutError,
    NetworkError,
    NotFoundError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitError,
    StreamError,
)
from amplifier_core.utils.retry import RetryConfig, retry_with_backoff

# Live streaming events. Upstream's convention; the kernel lists none of them in ALL_EVENTS.
LLM_STREAM_BLOCK_START = "llm:stream_block_start"
LLM_STREAM_BLOCK_DELTA = "llm:stream_block_delta"
LLM_STREAM_BLOCK_END = "llm:stream_block_end"
LLM_STREAM_ABORTED = "llm:stream_aborted"

# Our own events, declared through the contributor channel "observability.events".
NOTICE = "sidelight:notice"
TOOL_DENIED = "sidelight:tool_denied"

__all__ = [
    "APPROVAL_DENIED",
    "APPROVAL_GRANTED",
    "APPROVAL_REQUIRED",
    "CANCEL_REQUESTED",
    "CONTENT_BLOCK_END",
    "CONTENT_BLOCK_START",
    "CONTEXT_COMPACTION",
    "EXECUTION_END",
    "EXECUTION_START",
    "LLM_REQUEST",
    "LLM_RESPONSE",
    "LLM_STREAM_ABORTED",
    "LLM_STREAM_BLOCK_DELTA",
    "LLM_STREAM_BLOCK_END",
    "LLM_STREAM_BLOCK_START",
    "NOTICE",
    "ORCHESTRATOR_COMPLETE",
    "PROMPT_COMPLETE",
    "PROMPT_SUBMIT",
    "PROVIDER_ERROR",
    "PROVIDER_REQUEST",
    "PROVIDER_RESPONSE",
    "PROVIDER_RETRY",
    "TOOL_DENIED",
    "TOOL_ERROR",
    "TOOL_POST",
    "TOOL_PRE",
    "AccessDeniedError",
    "AmplifierSession",
    "ApprovalTimeoutError",
    "AuthenticationError",
    "ChatRequest",
    "ChatResponse",
    "ContentFilterError",
    "ContextLengthError",
    "Degradation",
    "HookResult",
    "InvalidRequestError",
    "KernelModelInfo",
    "LLMError",
    "LLMTimeoutError",
    "Message",
    "NetworkError",
    "NotFoundError",
    "ProviderInfo",
    "ProviderUnavailableError",
    "QuotaExceededError",
    "RateLimitError",
    "RedactedThinkingBlock",
    "RetryConfig",
    "StreamError",
    "TextBlock",
    "ThinkingBlock",
    "ToolCall",
    "ToolCallBlock",
    "ToolResult",
    "ToolSpec",
    "Usage",
    "retry_with_backoff",
]
