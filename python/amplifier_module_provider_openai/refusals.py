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
#: vLLM and Mistral's own servers, and the template that llama.cpp runs
_IDS = re.compile(r"(tool|function).?call.?ids?\b.{0,200}\blength", re.IGNORECASE | re.DOTALL)
_MISTRAL = re.compile(r"(mis|mix|minis|magis|devs|codes|pix|math)tral", re.IGNORECASE)
_FORMAT = re.compile(r"response_format|json_schema|json_object|structured output|grammar", re.I)
_NAMED = re.compile(r"\b(temperature|top_p|seed|stop|max_tokens|stream_options)\b", re.IGNORECASE)
_REFUSED = re.compile(r"unsupported|not support|unknown|unrecognized|not permitted|extra", re.I)


def wants_short_ids(model: str) -> bool:
    """Whether the model's template is known to take ids of 9 letters and digits only."""
    return bool(_MISTRAL.search(model))


def learn(shape: Shape, body: dict[str, object], images: int, error: LLMError) -> str | None:
    """What ``shape`` learned from a refusal: images, ids, tools, format, a parameter, or None.

    Each thing is learned once, so that asking again comes to an end.
    """
    said = str(error)
    if error.status_code not in (400, 404, 415, 422, 500, 501):
        return None
    if images and shape.images and _IMAGES.search(said):
        shape.images = False
        return "images"
    if not shape.short_ids and _IDS.search(said):
        shape.short_ids = True
        return "ids"
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
