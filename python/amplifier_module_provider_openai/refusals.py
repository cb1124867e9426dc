"""What servers say when they do not know a part of the protocol, and how to ask them instead."""

from __future__ import annotations

import re

from sidelight.kernel import LLMError

from amplifier_module_provider_openai.wire import Shape

_TOOLS = re.compile(
    # Ollama, OpenRouter, vLLM without a parser, llama.cpp without --jinja, older servers
    r"not support (tools?|function)|support tool use|tool.choice.{0,40}requires"
    r"|tools param requires|(unknown|unsupported|unrecognized|extra).{0,60}\btools?\b"
    r"|\btools?\b.{0,40}(not supported|unsupported|not permitted)|--jinja",
    re.IGNORECASE,
)
_IMAGES = re.compile(
    r"(image|vision|multimodal|mmproj).{0,60}(not support|unsupported|not permitted|no endpoints)"
    r"|(not support|no support|unsupported|cannot|support).{0,40}(image|vision|multimodal)",
    re.IGNORECASE,
)
_FORMAT = re.compile(r"response_format|json_schema|json_object|structured output|grammar", re.I)
_NAMED = re.compile(r"\b(temperature|top_p|seed|stop|max_tokens|stream_options)\b", re.IGNORECASE)
_REFUSED = re.compile(r"unsupported|not support|unknown|unrecognized|not permitted|extra", re.I)


def learn(shape: Shape, body: dict[str, object], images: int, error: LLMError) -> str | None:
    """What ``shape`` learned from a refusal: tools, images, format, a parameter; None for nothing.

    Each thing is learned once, so that asking again comes to an end.
    """
    said = str(error)
    if error.status_code not in (400, 404, 415, 422, 500, 501):
        return None
    if images and shape.images and _IMAGES.search(said):
        shape.images = False
        return "images"
    if "tools" in body and _TOOLS.search(said):
        shape.tools_in_words = True
        return "tools"
    if "response_format" in body and _FORMAT.search(said):
        shape.formats = False
        return "format"
    named = _NAMED.search(said)
    if named and _REFUSED.search(said) and named.group(1).lower() in body:
        name = named.group(1).lower()
        shape.without.add(name)
        return name
    return None
