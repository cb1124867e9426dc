"""Server-sent events of a chat completion: bytes in, JSON values out."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from sidelight.jsontext import loads

DONE = "[DONE]"


class BadStreamError(ValueError):
    """The body is not a stream of events; the message shows how it begins."""


class EventReader:
    """Feed bytes as they come; a character or line cut in two waits for its rest."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._rest = ""
        self.done = False
        self.seen = 0

    def feed(self, chunk: bytes) -> Iterator[dict[str, Any]]:
        """The values that are complete after this chunk. Raises BadStreamError."""
        *lines, self._rest = (self._rest + self._decode(chunk)).split("\n")
        for line in lines:
            yield from self._line(line.rstrip("\r"))

    def finish(self) -> Iterator[dict[str, Any]]:
        """The body is over; its last line may lack an end."""
        rest, self._rest = self._rest + self._decode(b"", True), ""
        yield from self._line(rest.rstrip("\r"))

    def _line(self, line: str) -> Iterator[dict[str, Any]]:
        if self.done or not line or line.startswith((":", "event:", "id:", "retry:")):
            return
        if not line.startswith("data:"):
            raise BadStreamError(line[:200])
        data = line[5:].strip()
        if data == DONE:
            self.done = True
            return
        try:
            value = loads(data)
        except ValueError as error:
            raise BadStreamError(data[:200]) from error
        if not isinstance(value, dict):
            raise BadStreamError(data[:200])
        self.seen += 1
        yield value
