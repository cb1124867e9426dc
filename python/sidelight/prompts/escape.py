"""Makes untrusted text harmless before it meets a chat template.

Special tokens written out in a text are live once it is tokenised, and our own marks (``<page>``,
``[3]``, ``<tool_call>``) carry meaning in a prompt, so text from pages, titles and tools must not
be able to spell them. Look-alikes keep the text readable: ``<page>`` becomes ``‹page>``.
"""

from __future__ import annotations

import re
from typing import Any

#: tags of the blocks that our own user messages hold
BLOCK_TAGS = "page selection document".split()
#: names of other tags that mean something to our prompts or to a common model's template
TAGS = """
    tool_call tool_calls tool_response tool_result tools tool think thinking function function_calls
    parameter invoke arg_key arg_value seed minimax system user assistant s bos eos pad unk
    start_of_turn end_of_turn start_of_image end_of_image im_start im_end instruction sys
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
# The whole run before a name is one match, whatever follows: each character is looked at once.
_OPENING = r"<[/<\s]*+(?=((?:{})\b)?)"
_TAG = re.compile(_OPENING.format("|".join(TAGS)), re.IGNORECASE)
_BLOCK_TAG = re.compile(_OPENING.format("|".join(BLOCK_TAGS)), re.IGNORECASE)
_BRACKETED = re.compile(
    r"\[(?=/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|ARGS"
    r"|CALL_ID|THINK|IMG)\b|e~\[)"
)
_TILDE = re.compile(r"\](?=~!?b[\[\]])")
_NUMBERED = re.compile(r"\[(\d{1,6})\]")


def clean(text: str) -> str:
    """Remove control and invisible characters; tabs and newlines stay."""
    return _INVISIBLE.sub("", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def break_special_tokens(text: str) -> str:
    """Make ``<|...|>`` forms dead; the least that any text needs, ours included."""
    return _BAR_END.sub("›", _BAR.sub("‹", text))


def _dead(run: re.Match[str]) -> str:
    return run.group().replace("<", "‹") if run.group(1) else run.group()


def defuse(text: str) -> str:
    """``neutralise`` for a user's message, which holds our blocks and their numbers."""
    text = _TAG.sub(_dead, break_special_tokens(clean(text)))
    return _TILDE.sub(")", _BRACKETED.sub("(", text))


def neutralise(text: str, *, numbers: bool = True) -> str:
    """Text that cannot spell a special token or one of our marks.

    ``numbers`` also rewrites ``[3]`` as ``(3)``; leave it off for what the user types, where
    ``[3]`` refers to a sentence.
    """
    text = _BLOCK_TAG.sub(_dead, defuse(text))
    return _NUMBERED.sub(r"(\1)", text) if numbers else text


def neutralise_strings(value: Any) -> Any:
    """A value of JSON with each of its strings, names included, neutralised."""
    if isinstance(value, str):
        return neutralise(value, numbers=False)
    if isinstance(value, list):
        return [neutralise_strings(item) for item in value]
    if isinstance(value, dict):
        return {neutralise(str(name)): neutralise_strings(item) for name, item in value.items()}
    return value


def one_line(text: str, max_chars: int) -> str:
    """Neutralised text on one line, cut with an ellipsis; for titles."""
    text = " ".join(neutralise(text).split())
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"


def middle_out(text: str, most_chars: int) -> str:
    """Beginning and end of a text, with a mark of how much between them is left out."""
    kept = max(0, most_chars - 40)
    head, tail = kept * 2 // 3, kept - kept * 2 // 3
    end = text[len(text) - tail :] if tail else ""
    return f"{text[:head]}\n[... {len(text) - kept:,} characters left out ...]\n{end}"
