"""What the browser asked the network for: recorded per target, and from its own net log."""

from __future__ import annotations

import ipaddress
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.cdp import CdpClient

#: Schemes that never leave the browser.
LOCAL_SCHEMES = frozenset(
    {"about", "blob", "chrome", "chrome-extension", "chrome-untrusted", "data", "devtools"}
)


@dataclass(frozen=True)
class Request:
    """One request, by the target that made it (page, service_worker, worker, background_page)."""

    url: str
    target_type: str
    target_url: str

    @property
    def leaves_browser(self) -> bool:
        """Whether the request goes to a server at all."""
        return urlsplit(self.url).scheme not in LOCAL_SCHEMES


class NetworkRecorder:
    """Network events of every target there is and will be, dedicated and service workers included.

    New targets wait until they are watched, so that their first request is not missed.
    """

    def __init__(self, websocket_url: str) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._targets: dict[str, dict[str, Any]] = {}
        self._client = CdpClient(websocket_url, self._on_event)
        self._client.send("Target.setAutoAttach", _AUTO_ATTACH)

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in order."""
        with self._lock:
            return list(self._requests)

    @property
    def outgoing(self) -> list[Request]:
        """Those that leave the browser."""
        return [request for request in self.requests if request.leaves_browser]

    @property
    def target_types(self) -> set[str]:
        """Kinds of targets that were watched."""
        with self._lock:
            return {target["type"] for target in self._targets.values()}

    @property
    def target_urls(self) -> set[str]:
        """Addresses of the targets that were watched, as first seen."""
        with self._lock:
            return {target["url"] for target in self._targets.values()}

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def stop(self) -> None:
        """Stop watching; what was recorded stays."""
        self._client.close()

    def _on_event(self, method: str, params: dict[str, Any], session_id: str | None) -> None:
        if method == "Target.attachedToTarget":
            session = params["sessionId"]
            with self._lock:
                self._targets[session] = params["targetInfo"]
            self._client.post("Network.enable", {}, session)
            self._client.post("Target.setAutoAttach", _AUTO_ATTACH, session)
            self._client.post("Runtime.runIfWaitingForDebugger", {}, session)
            return
        url = {
            "Network.requestWillBeSent": lambda: params["request"]["url"],
            "Network.webSocketCreated": lambda: params["url"],
            "Network.webTransportCreated": lambda: params["url"],
        }.get(method)
        if url is None:
            return
        with self._lock:
            target = self._targets.get(session_id or "", {"type": "browser", "url": ""})
            self._requests.append(Request(url(), target["type"], target["url"]))


_AUTO_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


#: Services that Chromium itself calls, whatever is installed; only its own calls are excused.
BROWSER_SERVICES = frozenset(
    {
        "accounts.google.com",
        "android.clients.google.com",
        "clients2.google.com",
        "content-autofill.googleapis.com",
        "google.com",
        "mtalk.google.com",
        "optimizationguide-pa.googleapis.com",
        "safebrowsingohttpgateway.googleapis.com",
        "update.googleapis.com",
        "www.google.com",
    }
)
_DNS_PORT = 53
#: Chromium opens, and never writes to, a UDP socket to this address to learn whether IPv6 works.
_IPV6_PROBE = "2001:4860:4860::8888"


@dataclass(frozen=True)
class LoggedRequest:
    """A request of the net log; ``initiator`` is an origin, or "" for the browser itself."""

    url: str
    initiator: str

    @property
    def host(self) -> str:
        """Name without port."""
        return urlsplit(self.url).hostname or ""


@dataclass
class NetLog:
    """Who the browser process contacted, for whatever reason: requests, DNS, sockets."""

    requests: set[LoggedRequest] = field(default_factory=set)
    resolved: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    @property
    def hosts(self) -> set[str]:
        """Names asked for, looked up or connected to, without ports; this machine included."""
        return {request.host for request in self.requests} | self.resolved | self.addresses

    def requested_by(self, origin: str) -> set[str]:
        """Addresses that one origin asked for, such as ``chrome-extension://<id>``."""
        return {request.url for request in self.requests if request.initiator == origin}

    def foreign_hosts(self) -> set[str]:
        """Hosts other than this machine, less what Chromium called for itself."""
        asked = {r.host for r in self.requests if r.initiator}
        excused = BROWSER_SERVICES - asked
        return {host for host in self.hosts if host not in excused and not _is_loopback(host)}


def read_net_log(path: Path) -> NetLog:
    """Parse a ``--log-net-log`` file; that of a killed browser is read as far as it goes.

    Raises ValueError if the file is no net log at all.
    """
    found = NetLog()
    with path.open(encoding="utf-8", errors="replace") as lines:
        head = next(lines, "").rstrip().rstrip(",")
        if not head.startswith('{"constants":'):
            raise ValueError(f"{path} is not a net log")
        types = json.loads(head + "}")["constants"]["logEventTypes"]
        names = {number: name for name, number in types.items()}
        for line in lines:
            event = _event(line)
            if event:
                _take(found, names.get(event.get("type"), ""), event.get("params") or {})
    return found


def _event(line: str) -> dict[str, Any] | None:
    """Each event is one line of the file."""
    try:
        parsed = json.loads(line.strip().rstrip(","))
    except json.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _take(found: NetLog, name: str, params: dict[str, Any]) -> None:
    url = params.get("url")
    if isinstance(url, str) and urlsplit(url).scheme in {"http", "https", "ws", "wss"}:
        initiator = params.get("initiator")
        if isinstance(initiator, str):
            own = initiator == "not an origin"
            found.requests.add(LoggedRequest(url, "" if own else initiator))
        else:
            found.resolved.add(urlsplit(url).hostname or "")
    if name.startswith("HOST_RESOLVER") and isinstance(params.get("host"), str):
        # "https://name:443" or "name:443"
        host = params["host"]
        found.resolved.add(urlsplit(host if "//" in host else f"//{host}").hostname or host)
    if name.startswith(("TCP_CONNECT", "UDP_CONNECT")):
        for address in [params.get("address"), *(params.get("address_list") or [])]:
            if isinstance(address, str):
                place = urlsplit(f"//{address}")
                if place.port != _DNS_PORT and place.hostname != _IPV6_PROBE:
                    found.addresses.add(place.hostname or address)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or not host:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
