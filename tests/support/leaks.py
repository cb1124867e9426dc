"""Nothing may leave the device: judges what browsers did by both recorders, browser by browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.netlog import Contact

if TYPE_CHECKING:
    from tests.support.browser import Browser

EXTENSION_SCHEME = "chrome-extension:"


class LeakError(AssertionError):
    """A browser contacted somebody whom its test did not name."""


class Guard:
    """Watches browsers; once they are closed, every contact must be with a named server.

    The extension itself may contact nobody, not even those servers, unless ``serve_extension``
    names them: only pages may.
    """

    def __init__(self) -> None:
        self._browsers: list[Browser] = []
        self._places: set[str] = set()
        self._for_extension: set[str] = set()
        self._expected: set[str] = set()
        self._taken: set[Contact] = set()

    def watch(self, browser: Browser) -> Browser:
        """Judge this browser when it is closed; it must have been started with ``record``."""
        self._browsers.append(browser)
        return browser

    def serve(self, *origins: str) -> None:
        """Name servers of the test on this machine, such as ``http://127.0.0.1:8000``."""
        for origin in origins:
            self._places |= _places(origin)

    def serve_extension(self, *origins: str) -> None:
        """Name servers of the test that the extension was told to use, and may contact itself."""
        self.serve(*origins)
        for origin in origins:
            self._for_extension |= _places(origin)

    def expect(self, host: str) -> None:
        """A page of the test asks for this host; the test fails if that is not seen."""
        self._expected.add(host)

    def caught(self) -> set[Contact]:
        """Close the browsers and return, and forgive, what would fail the test: for controls."""
        found = {contact for browser in self._browsers for contact in self._leaks(browser)}
        self._taken |= found
        return found

    def check(self) -> None:
        """Raises LeakError naming each contact that no test named, or that was expected in vain."""
        seen: set[str] = set()
        leaks: set[Contact] = set()
        for browser in self._browsers:
            for contact in self._leaks(browser):
                if contact.host in self._expected and not _by_extension(contact):
                    seen.add(contact.host)
                else:
                    leaks.add(contact)
        leaks -= self._taken
        if leaks:
            raise LeakError("left the device:\n" + "\n".join(sorted(map(str, leaks))))
        if self._expected - seen:
            raise LeakError(f"expected, but not recorded: {sorted(self._expected - seen)}")

    def _leaks(self, browser: Browser) -> Iterable[Contact]:
        browser.close()
        log, recorder = browser.net_log, browser.recorder
        if log is None or recorder is None:
            raise LeakError("a browser was not recorded")
        if not log.complete and not browser.killed:
            raise LeakError("the net log is cut off, but the browser was not killed")
        by_protocol = [_of_protocol(request.url, request.by) for request in recorder.outgoing]
        return [
            contact
            for contact in [*log.contacts, *by_protocol]
            if not contact.goes_nowhere and not self._is_named(contact)
        ]

    def _is_named(self, contact: Contact) -> bool:
        if _by_extension(contact):
            return contact.place in self._for_extension
        # A look-up of a name alone has no port; that of an address is none.
        hosts = {place.rsplit(":", 1)[0] for place in self._places}
        named = self._places | hosts if contact.kind == "look-up" else self._places
        return contact.kind != "udp" and contact.place in named


def _places(origin: str) -> set[str]:
    """A server's own address, and for ``localhost`` those that it stands for."""
    parts = urlsplit(origin)
    if parts.hostname not in ("127.0.0.1", "localhost") or not parts.port:
        raise ValueError(f"{origin} is not a server of this machine with its port")
    if parts.hostname != "localhost":
        return {parts.netloc}
    return {parts.netloc, f"127.0.0.1:{parts.port}", f"[::1]:{parts.port}"}


def _by_extension(contact: Contact) -> bool:
    return contact.initiator.startswith(EXTENSION_SCHEME)


def _of_protocol(url: str, by: str) -> Contact:
    parts = urlsplit(url)
    by_parts = urlsplit(by)
    port = parts.port or {"https": 443, "wss": 443}.get(parts.scheme, 80)
    initiator = f"{by_parts.scheme}://{by_parts.netloc}"
    return Contact("protocol", f"{parts.hostname}:{port}", initiator, url)
