"""What pages and workers asked the network for, by the DevTools protocol, target by target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.watching import Target, TargetWatcher

#: Schemes that never leave the browser.
LOCAL_SCHEMES = frozenset(
    {"about", "blob", "chrome", "chrome-extension", "chrome-untrusted", "data", "devtools"}
)


@dataclass(frozen=True)
class Request:
    """One request: the target that made it, and the document or script in it that did.

    ``by`` is what the target shows at that time; its own ``target_url`` is as first seen.
    """

    url: str
    target_type: str
    target_url: str
    by: str

    @property
    def leaves_browser(self) -> bool:
        """Whether the request goes to a server at all."""
        return urlsplit(self.url).scheme not in LOCAL_SCHEMES


class NetworkRecorder(TargetWatcher):
    """Network events of every target, dedicated and service workers included."""

    domains = ("Network",)

    def __init__(self, websocket_url: str) -> None:
        self._requests: list[Request] = []
        super().__init__(websocket_url)

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in order."""
        with self._lock:
            return list(self._requests)

    @property
    def outgoing(self) -> list[Request]:
        """Those that leave the browser."""
        return [request for request in self.requests if request.leaves_browser]

    def heard(self, method: str, params: dict[str, Any], target: Target) -> None:
        """Keep what is asked for; also what a policy then forbids."""
        if method == "Network.requestWillBeSent":
            url, by = params["request"]["url"], params.get("documentURL") or target.url
        elif method in ("Network.webSocketCreated", "Network.webTransportCreated"):
            url, by = params["url"], target.url
        else:
            return
        self._requests.append(Request(url, target.type, target.url, by))
