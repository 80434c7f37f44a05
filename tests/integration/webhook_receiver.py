"""A receiver of webhooks on the loopback, for tests: it notes what comes and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Received:
    """One request."""

    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """What came, and how to answer: ``answer`` gives status and headers for the number of a request (from 0)."""

    url: str = ""
    answer: Callable[[int], tuple[int, dict[str, str]]] = lambda number: (204, {})
    received: list[Received] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, timeout_s: float = 30) -> list[Received]:
        """Return what came once it is so much."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.received) >= count, timeout_s), self.received
            return list(self.received)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with found.came:
                number = len(found.received)
                found.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
                found.came.notify_all()
            status, headers = found.answer(number)
            self.send_response(status)
            for name, value in {"content-length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
