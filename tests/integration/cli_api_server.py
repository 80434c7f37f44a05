"""A small server in the place of the API, for tests of the commands that ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]


@dataclass(slots=True)
class Answer:
    """What to answer; ``cut`` promises more bytes than are sent, as a connection that breaks does."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    cut: bool = False


@dataclass(slots=True)
class FakeApi:
    """The address of the server, what it was asked, and what it answers."""

    address: str
    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(orjson.dumps(value), status)


def stream(*events: str, cut: bool = False) -> Answer:
    """Server-sent events, each given as its lines."""
    body = "".join(event + "\n\n" for event in events).encode()
    return Answer(body, media_type="text/event-stream", cut=cut)


@contextmanager
def fake_api(answer: Callable[[Asked], Answer]) -> Iterator[FakeApi]:
    """Serve ``answer`` on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            request = Asked(url.path, parse_qsl(url.query), {k.lower(): v for k, v in self.headers.items()})
            api.asked.append(request)
            given = api.answer(request)
            self.send_response(given.status)
            self.send_header("Content-Type", given.media_type)
            self.send_header("Content-Length", str(len(given.body) + (100 if given.cut else 0)))
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api = FakeApi(f"http://127.0.0.1:{server.server_port}", answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
