"""The policy's table: what each class of tools may do, by what is in the conversation."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sidelight.labels import Column

#: from loose to strict
Decision = Literal["allow", "ask", "withdraw", "deny"]
STRICTNESS: dict[Decision, int] = {"allow": 0, "ask": 1, "withdraw": 2, "deny": 3}

Row = Literal[
    "read_page",
    "read_other",
    "read_own",
    "write_local",
    "write_memory",
    "write_page",
    "send",
    "send_granted",
    "open_url",
    "open_url_granted",
    "run_code",
]


class Verdict(NamedTuple):
    """What to do with a call, and why in words for the user.

    ``grantable``: "allow for this chat on this site" may be offered. ``exact``: only these very
    arguments may be approved. ``payload``: the card names what flows into the call. ``task_only``:
    denied for a page that the user did not attach.
    """

    decision: Decision
    reason: str
    grantable: bool = False
    exact: bool = False
    payload: bool = False
    task_only: bool = False


_READ_PAGE = Verdict("allow", "You attached a page of this site to this chat.")
_READ_OTHER = Verdict("ask", "It reads something that you did not attach to this chat.")
_READ_OWN = Verdict("allow", "It only reads what you keep in Sidelight on this device.")
_WRITE_LOCAL = Verdict("allow", "It changes your own data on this device, and you can undo it.")
_MEMORY = Verdict("ask", "It changes what Sidelight remembers about you.")
_PAGE = "It changes a page as if you did it."
_OTHERS = "Text written by others is in this chat and may have led to this."
_PRIVATE = "So is private data; see what would flow."
_HOST = "It sends data to a site that you have not allowed for this chat."
_GRANTED = "It sends data to a site that you have allowed."
_OPEN = "It opens an address, which tells the site whatever the address contains."
_CODE = Verdict("allow", "The code runs in a sandbox without network and storage.")
_UNTIL_ALLOWED = (
    "Text written by others is in this chat, so nothing goes to a site that you have not allowed "
    "for it."
)

#: design's table; a context that is private but not untrusted has the first column
TABLE: dict[Row, tuple[Verdict, Verdict, Verdict]] = {
    "read_page": (_READ_PAGE, _READ_PAGE, _READ_PAGE),
    "read_other": (_READ_OTHER, _READ_OTHER, _READ_OTHER),
    "read_own": (_READ_OWN, _READ_OWN, _READ_OWN),
    "write_local": (_WRITE_LOCAL, _WRITE_LOCAL, _WRITE_LOCAL),
    "write_memory": (_MEMORY, _MEMORY, _MEMORY),
    "write_page": (
        Verdict("ask", _PAGE, exact=True),
        Verdict("ask", f"{_PAGE} {_OTHERS}", exact=True, task_only=True),
        Verdict("ask", f"{_PAGE} {_OTHERS} {_PRIVATE}", exact=True, payload=True, task_only=True),
    ),
    "send": (
        Verdict("ask", _HOST, grantable=True),
        Verdict("withdraw", _UNTIL_ALLOWED),
        Verdict("withdraw", _UNTIL_ALLOWED),
    ),
    "send_granted": (
        Verdict("allow", _GRANTED),
        Verdict("ask", f"{_GRANTED} {_OTHERS}", payload=True),
        Verdict("ask", f"{_GRANTED} {_OTHERS} {_PRIVATE}", exact=True, payload=True),
    ),
    "open_url": (
        Verdict("ask", _OPEN),
        Verdict("withdraw", _UNTIL_ALLOWED),
        Verdict("withdraw", _UNTIL_ALLOWED),
    ),
    "open_url_granted": (
        Verdict("ask", _OPEN),
        Verdict("ask", f"{_OPEN} {_OTHERS}", payload=True),
        Verdict("ask", f"{_OPEN} {_OTHERS} {_PRIVATE}", exact=True, payload=True),
    ),
    "run_code": (_CODE, _CODE, _CODE),
}
INDEX: dict[Column, int] = {"clean": 0, "private": 0, "untrusted": 1, "untrusted_private": 2}

UNLABELLED = Verdict("deny", "The tool does not say what it does, so it may not run.")
DISABLED = Verdict("withdraw", "This tool is switched off in the settings.")
NOT_ATTACHED = Verdict(
    "ask", "The model wants to read a page that you did not attach to this chat.", grantable=True
)
ASK_LOCAL = Verdict("ask", "It changes your own data on this device.")
NOT_THE_TASKS = Verdict(
    "deny",
    "Text written by others is in this chat, so only pages that you attached to it may be changed.",
)
NO_TARGET = Verdict("deny", "The call does not say which site it reaches, so it may not run.")
DEVICE_ONLY = Verdict("withdraw", "At the level Device nothing may leave this device.")
SERVERS_ONLY = Verdict(
    "withdraw", "At the level My servers data goes only to the servers that you named."
)
