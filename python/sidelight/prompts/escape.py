"""Makes untrusted text harmless before it meets a chat template.

Special tokens written out in a text are live once it is tokenised, and our own marks (``<page>``,
``[3]``, ``<tool_call>``) carry meaning in a prompt, so text from pages, titles and tools must not
be able to spell them. Look-alikes keep the text readable: ``<page>`` becomes ``‹page>``.
"""

from __future__ import annotations

import re

#: names of tags that mean something to our prompts or to a common model's template
TAGS = """
    page selection document tool_call tool_calls tool_response tool_result tools tool think thinking
    system user assistant s bos eos pad unk start_of_turn end_of_turn start_of_image end_of_image
    im_start im_end instruction sys
    """.split()

# Invisible characters can split a mark for our filter and vanish for a tokenizer, or hide text from
# the reader: zero-width and bidi controls, tag characters, byte order marks, soft hyphen.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BAR = re.compile(r"<(?=[|\uff5c])")
_BAR_END = re.compile(r"(?<=[|\uff5c])>")
_TAG = re.compile(r"<(?=[/<\s]{0,3}(?:" + "|".join(TAGS) + r")\b)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?=/?(?:INST|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|IMG)\b)")
_NUMBERED = re.compile(r"\[(\d{1,6})\]")


def clean(text: str) -> str:
    """Remove control and invisible characters; tabs and newlines stay."""
    return _INVISIBLE.sub("", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def break_special_tokens(text: str) -> str:
    """Make ``<|...|>`` forms dead; the least that any text needs, ours included."""
    return _BAR_END.sub("›", _BAR.sub("‹", text))


def neutralise(text: str, *, numbers: bool = True) -> str:
    """Text that cannot spell a special token or one of our marks.

    ``numbers`` also rewrites ``[3]`` as ``(3)``; leave it off for what the user types, where
    ``[3]`` refers to a sentence.
    """
    text = break_special_tokens(clean(text))
    text = _BRACKETED.sub("(", _TAG.sub("‹", text))
    return _NUMBERED.sub(r"(\1)", text) if numbers else text


def one_line(text: str, max_chars: int) -> str:
    """Neutralised text on one line, cut with an ellipsis; for titles."""
    text = " ".join(neutralise(text).split())
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"
