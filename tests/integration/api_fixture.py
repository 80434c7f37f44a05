"""The API on a real port, with a cache that feeds it and a reader of its streams."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import uvicorn
from redis import Redis

from services.api.app import create_app
from services.api.one_packet import Protocol
from services.api.service import Server
from services.api.settings import Settings
from services.cache.service import build
from services.cache.sink import Cache
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import Keys
from tests.unit.cache.events import START, as_message

ANSWERS_WITHIN_S = 20


@dataclass(frozen=True)
class Running:
    """An API and what stands behind it."""

    url: str
    http: httpx.Client
    cache: Cache
    redis: Redis
    redis_url: str
    keys: Keys
    stop: Callable[[], None]
    """Makes the server stop, as SIGTERM does."""

    def put(self, *events: Event) -> None:
        """Let events happen."""
        assert self.cache.write([as_message(event) for event in events], START) == [None] * len(events)

    def json(self, path: str, **parameters: Any) -> Any:
        """Return what a request is answered with; it must be answered well."""
        answer = self.http.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextmanager
    def stream(self, path: str = "/v1/changes", last: str = "", **parameters: str) -> Iterator[Frames]:
        """Open a stream; it stands once this returns."""
        headers = {"Last-Event-ID": last} if last else {}
        with self.http.stream("GET", path, params=parameters, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            frames = Frames(answer)
            frames.greeting = frames.next()
            yield frames


@dataclass
class Frame:
    """One block of a stream."""

    fields: dict[str, str]
    comment: str = ""

    @property
    def event(self) -> str:
        return self.fields.get("event", "")

    @property
    def id(self) -> str:
        return self.fields["id"]

    @property
    def data(self) -> Any:
        return orjson.loads(self.fields["data"])


class Frames:
    """Reads a stream block by block."""

    greeting: Frame

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> Frame:
        """Return the next block. Raises StopIteration where the server ended the stream."""
        frame = Frame({})
        for line in self._lines:
            if not line:
                return frame
            if line.startswith(":"):
                frame.comment = line[1:].strip()
                continue
            name, _, value = line.partition(": ")
            frame.fields[name] = value
        raise StopIteration

    def take(self, count: int) -> list[Frame]:
        """Return the next blocks that are events."""
        found: list[Frame] = []
        while len(found) < count:
            frame = self.next()
            if frame.event:
                found.append(frame)
        return found

    def titles(self, count: int) -> list[str]:
        """Return the titles of the next changes."""
        return [frame.data["title"] for frame in self.take(count)]


@contextmanager
def running_api(redis_url: str, **settings: Any) -> Iterator[Running]:
    """Run the API under uvicorn in a thread, on a free port and under keys of its own."""
    prefix = settings.setdefault("prefix", f"test-{uuid.uuid4().hex}:")
    app = create_app(Settings(redis_url=redis_url, **settings))
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, loop="uvloop", http=Protocol, log_config=None), app)

    def stop() -> None:
        server.should_exit = True

    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=ANSWERS_WITHIN_S) as http, Redis.from_url(redis_url) as redis:
        http.get("/healthz")
        yield Running(url, http, build(redis_url, prefix), redis, redis_url, Keys(prefix), stop)
    stop()
    thread.join(timeout=ANSWERS_WITHIN_S)


def ids(events: Sequence[dict[str, Any]]) -> list[str]:
    """Return the ids of some events."""
    return [event["id"] for event in events]
