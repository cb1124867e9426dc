"""Chromium's own net log: whom the whole browser contacted, for whatever reason.

Requests, name look-ups, TCP connections and UDP packets of every process go through the network
service that writes it. Each event is one line, so the log of a killed browser is read as far as it
goes (Chromium keeps up to 15 events back).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

#: Chromium refuses this port of any host before it opens a socket (net::ERR_UNSAFE_PORT). What it
#: asks for by itself and has no switch for is sent here: its account list, its component updates.
NOWHERE = "127.0.0.1:9"
#: Chromium asks the kernel for a route to this address to learn whether there is IPv6. A UDP
#: "connect" sends nothing, and a packet to it would be seen as such.
_ROUTE_PROBE = "[2001:4860:4860::8888]:443"
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
#: The events that are read; one that a newer Chromium calls otherwise would be missed in silence.
EVENT_NAMES = (
    "CORS_REQUEST",
    "DNS_TRANSACTION",
    "HOST_RESOLVER_MANAGER_JOB",
    "HOST_RESOLVER_MANAGER_REQUEST",
    "HTTP_STREAM_JOB_CONTROLLER",
    "REQUEST_ALIVE",
    "TCP_CONNECT",
    "TCP_CONNECT_ATTEMPT",
    "UDP_BYTES_SENT",
    "UDP_CONNECT",
    "URL_REQUEST_START_JOB",
)


@dataclass(frozen=True)
class Contact:
    """One place that was asked for, and by whom.

    ``kind``: request, connection (a stream, also a preconnect), look-up, tcp, udp. ``place``:
    host and port as far as known, or only the host. ``initiator``: an origin, or "" for the
    browser itself (an address typed or driven, or its own services).
    """

    kind: str
    place: str
    initiator: str = ""
    url: str = ""

    @property
    def host(self) -> str:
        """The place without its port."""
        return urlsplit(f"//{self.place}").hostname or self.place

    @property
    def goes_nowhere(self) -> bool:
        """Whether this is the browser's own request to the port that it refuses."""
        return self.place == NOWHERE and not self.initiator and self.kind not in ("tcp", "udp")

    def __str__(self) -> str:
        by = self.initiator or "the browser"
        return f"{self.kind} {self.place} by {by}{f' ({self.url})' if self.url else ''}"


@dataclass
class NetLog:
    """The contacts of a browser's life, in order and each once. ``complete``: it was closed."""

    contacts: list[Contact] = field(default_factory=list)
    complete: bool = False

    @property
    def hosts(self) -> set[str]:
        """Hosts asked for, looked up or connected to; this machine included."""
        return {contact.host for contact in self.contacts}

    def requested_by(self, origin: str) -> set[str]:
        """Addresses that one origin asked for, such as ``chrome-extension://<id>``."""
        return {contact.url for contact in self.contacts if contact.initiator == origin}


def read_net_log(path: Path) -> NetLog:
    """Parse a ``--log-net-log`` file; that of a killed browser as far as it goes.

    Raises ValueError if the file is no net log at all, lacks an event that is looked for, or is
    broken elsewhere than at its end.
    """
    reader = _Reader()
    with path.open(encoding="utf-8", errors="replace") as lines:
        head = next(lines, "").rstrip().rstrip(",")
        if not head.startswith('{"constants":'):
            raise ValueError(f"{path} is not a net log")
        types = json.loads(head + "}")["constants"]["logEventTypes"]
        unknown = [name for name in EVENT_NAMES if name not in types]
        if unknown:
            raise ValueError(
                f"this Chromium writes no {', '.join(unknown)}: is it called otherwise?"
            )
        names = {types[name]: name for name in EVENT_NAMES}
        broken = ""
        for line in lines:
            if broken:
                raise ValueError(f"{path} is broken at: {broken[:200]}")
            if not line.startswith('{"'):
                continue
            end = line.rstrip("\n").rstrip(",")
            if end.endswith("}]"):
                reader.found.complete, end = True, end[:-1]
            try:
                # Most events are of no interest: only their type, the last member, is read.
                name = names.get(int(end[end.rindex('"type":') + 7 : -1]))
                if name:
                    event = json.loads(end)
                    reader.take(name, event["source"]["id"], event.get("params") or {})
            except ValueError:
                broken = line
    reader.found.contacts = list(reader.contacts.values())
    return reader.found


def is_finished(path: Path) -> bool:
    """Whether the log was written to its end: the service that does may outlive the browser."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return file.read().rstrip().endswith(b"}")  # an event ends with a comma


class _Reader:
    def __init__(self) -> None:
        self.found = NetLog()
        self.contacts: dict[object, Contact] = {}
        self._connected: dict[int, str] = {}

    def take(self, name: str, source: int, params: dict[str, Any]) -> None:
        """One event. ``source`` counts up: a request, a socket, a job."""
        if name == "UDP_CONNECT":
            self._udp_connect(source, params)
        elif name == "UDP_BYTES_SENT":
            place = params.get("address") or self._connected.get(source, "unknown")
            self._add(Contact("udp", place))
        elif name.startswith("TCP_CONNECT"):
            for place in [params.get("address"), *(params.get("address_list") or [])]:
                if place:
                    self._add(Contact("tcp", place))
        elif name == "DNS_TRANSACTION":
            if "hostname" in params:
                self._add(Contact("look-up", _place(urlsplit(f"//{params['hostname']}"))))
        elif name.startswith("HOST_RESOLVER"):
            if "host" in params:
                host = params["host"]
                parts = urlsplit(host if "//" in host else f"//{host}")
                self._add(Contact("look-up", _place(parts)))
        elif "url" in params:
            self._request(name, source, params)

    def _request(self, name: str, source: int, params: dict[str, Any]) -> None:
        url = str(params["url"])
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            return
        if name == "HTTP_STREAM_JOB_CONTROLLER":
            self._add(Contact("connection", _place(parts)))
            return
        # Of one request's events only the one that starts its job names the initiator.
        key = ("request", source, url)
        known = self.contacts.get(key)
        initiator = params.get("initiator", known.initiator if known else "")
        own = initiator == "not an origin"
        self.contacts[key] = Contact("request", _place(parts), "" if own else initiator, url)

    def _udp_connect(self, source: int, params: dict[str, Any]) -> None:
        place = params.get("address")
        if not place:
            return
        self._connected[source] = place
        # To sort a name's addresses, too, routes are asked for: within this machine.
        if place != _ROUTE_PROBE and not place.startswith(("127.0.0.1:", "[::1]:")):
            self._add(Contact("udp", place))

    def _add(self, contact: Contact) -> None:
        self.contacts.setdefault(contact, contact)


def _place(parts: SplitResult) -> str:
    """Host and port of an address; the port of its scheme if it names none."""
    host = (parts.hostname or "").removesuffix(".")  # WebRTC looks up absolute names
    port = parts.port or _PORTS.get(parts.scheme)
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host
