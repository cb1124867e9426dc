"""Demonstration pages on two origins of this machine: ``127.0.0.1`` and ``localhost``."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

FOLDER = Path(__file__).with_name("site")


class _Handler(SimpleHTTPRequestHandler):
    """Serves the folder; ``{{other}}`` in a page becomes the address of the other origin."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.site.requested.append(path)
        made = self.site.made.get(path)
        if made is None:
            file = FOLDER / path.lstrip("/")
            if file.is_dir() or not file.resolve().is_relative_to(FOLDER) or not file.exists():
                self.send_error(404)
                return
            made = (self.guess_type(str(file)), file.read_bytes())
        kind, body = made
        if kind.startswith("text/html"):
            kind = "text/html; charset=utf-8"
            body = body.replace(b"{{other}}", self._other().encode())
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _other(self) -> str:
        is_first = self.headers["Host"] == urlsplit(self.site.origin).netloc
        return self.site.other_origin if is_first else self.site.origin

    def log_message(self, format: str, *args: Any) -> None:
        return


class Site:
    """Two servers with the same pages. ``requested`` lists the paths asked for, in order."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self.made: dict[str, tuple[str, bytes]] = {
            "/long.html": ("text/html", _long_page()),
            "/document.pdf": ("application/pdf", _pdf("Harbourmaster")),
        }
        handler = partial(type("Handler", (_Handler,), {"site": self}))
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()
        port, other_port = (server.server_port for server in self._servers)
        self.origin = f"http://127.0.0.1:{port}"
        self.other_origin = f"http://localhost:{other_port}"

    def url(self, name: str) -> str:
        """Address of a page on the first origin, such as ``article.html``."""
        return f"{self.origin}/{name}"

    def other_url(self, name: str) -> str:
        """The same page on the second origin."""
        return f"{self.other_origin}/{name}"

    def close(self) -> None:
        """Stop both servers and their threads."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Site:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _long_page() -> bytes:
    """About 650,000 characters of numbered sentences: more than is ever read."""
    paragraphs = [
        "<p>"
        + " ".join(
            f"Station {n}.{k} had rain at hour {k} and a wind from the west." for k in range(28)
        )
        + "</p>"
        for n in range(450)
    ]
    body = "".join(paragraphs)
    page = f"<!doctype html><html lang=en><title>Weather log</title><main>{body}</main></html>"
    return page.encode()


def _pdf(text: str) -> bytes:
    """A page of 400 by 200 points with one line of large text across its middle."""
    stream = f"BT /F1 48 Tf 28 85 Td ({text}) Tj ET".encode()
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return out
