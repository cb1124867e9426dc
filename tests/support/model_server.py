"""A real HTTP server that speaks the OpenAI protocol and says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

#: what a model does in one call: {"say": text} or {"calls": [{"name", "arguments"}]}; with "cut"
#: the stream ends there. Or the server's own answer: {"status": 429, "headers": {}, "body": text}
Step = dict[str, Any]


class ModelServer:
    """Plays one step per completion; without steps it says "Done.". Keeps what it was sent."""

    def __init__(self, names: tuple[str, ...] = ("scripted:1b",), key: str | None = None) -> None:
        self.names = names
        self.key = key
        self.steps: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        #: seconds between two pieces of an answer
        self.pause_s = 0.0
        #: requests whose client went away before the end
        self.cut = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_OPTIONS(self) -> None:
                self.send_response(403)
                self.end_headers()

            def do_GET(self) -> None:
                outer.take(self, None)

            def do_POST(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                outer.take(self, json.loads(self.rfile.read(size)))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.base_url = f"http://{self.host}/v1"

    def take(self, handler: BaseHTTPRequestHandler, body: dict[str, Any] | None) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append({"path": handler.path, "headers": headers, "body": body})
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            self._send(handler, 401, {"error": {"message": "a key is wanted"}})
        elif handler.path == "/v1/models":
            models = [{"id": name, "context_length": 16_384} for name in self.names]
            self._send(handler, 200, {"object": "list", "data": models})
        elif handler.path == "/v1/chat/completions" and body:
            step = self.steps.pop(0) if self.steps else {"say": "Done."}
            try:
                if "status" in step:
                    self._refuse(handler, step)
                else:
                    self._stream(handler, step)
            except OSError:
                self.cut += 1
        else:
            self._send(handler, 404, {"error": {"message": "no such thing"}})

    def _send(self, handler: BaseHTTPRequestHandler, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _refuse(self, handler: BaseHTTPRequestHandler, step: Step) -> None:
        data = str(step.get("body", "")).encode()
        handler.send_response(step["status"])
        for name, value in {"content-length": str(len(data)), **step.get("headers", {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def _stream(self, handler: BaseHTTPRequestHandler, step: Step) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()

        def send(delta: dict[str, Any], finish: str | None = None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            handler.wfile.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
            handler.wfile.flush()
            time.sleep(self.pause_s)

        for piece in _pieces(step.get("say", "")):
            send({"content": piece})
        if step.get("cut"):
            return
        calls = step.get("calls", [])
        for index, call in enumerate(calls):
            function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
            tool = {"index": index, "id": f"call_{index}_{time.monotonic_ns()}", "type": "function"}
            send({"tool_calls": [{**tool, "function": function}]})
        send({}, "tool_calls" if calls else "stop")
        counts = {"prompt_tokens": 10, "completion_tokens": 5}
        handler.wfile.write(b"data: " + json.dumps({"choices": [], "usage": counts}).encode())
        handler.wfile.write(b"\n\ndata: [DONE]\n\n")

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pieces(text: str) -> list[str]:
    """Pieces of 7 characters: no construct of a text arrives whole."""
    return [text[at : at + 7] for at in range(0, len(text), 7)]
