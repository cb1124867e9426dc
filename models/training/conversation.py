"""What a generator hands to training: messages, and for every answer what makes it true."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """Why an answer is right; `truth.py` checks it from the messages alone.

    `rule`: words, fact, neighbour, place (first, last, numbered), absent, absent fact, bullets,
    call, fixed, title, result, copy.
    """

    rule: str
    words: tuple[str, ...] = ()
    relation: int = -1
    entity: str = ""
    place: int = -1
    count: int | None = None


@dataclass(frozen=True)
class Message:
    """One message; an assistant's carries its claim."""

    role: str
    text: str
    claim: Claim | None = None


@dataclass
class Conversation:
    """Messages in order."""

    messages: list[Message] = field(default_factory=list)

    def say(self, role: str, text: str) -> None:
        """Add a system, user or tool message."""
        self.messages.append(Message(role, text))

    def answer(self, text: str, claim: Claim) -> None:
        """Add the assistant's answer."""
        self.messages.append(Message("assistant", text, claim))


class Unlucky(Exception):
    """A draw that cannot be made true; the caller draws again."""
