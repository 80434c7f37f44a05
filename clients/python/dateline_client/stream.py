"""Following a stream over lost connections: what both clients do alike. Does no I/O.

Server-sent events are read after the HTML standard (https://html.spec.whatwg.org/#event-stream-interpretation): bytes
come in pieces of any size, an event counts once its empty line has come, and what a cut leaves half read is dropped.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dateline_client.models import Alert, Change, Reset

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0

log = logging.getLogger("dateline_client")

Item = TypeVar("Item", Change, Alert)

OnReset = Callable[[Reset], None]


def log_reset(reset: Reset) -> None:
    """What is done about a reset unless something else is asked for."""
    log.warning("changes were missed (%s): load the state anew with events()", reset.reason)


@dataclass(frozen=True, slots=True)
class Frame:
    """One server-sent event."""

    id: str | None
    event: str
    data: str


class Frames:
    """Takes bytes as they come and gives whole events."""

    def __init__(self) -> None:
        self._rest = b""
        self._skip_newline = False
        self._fields: dict[str, str] = {}
        self._data: list[str] = []

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the events that ``data`` completes."""
        if self._skip_newline and data[:1] == b"\n":
            data = data[1:]
        self._skip_newline = data[-1:] == b"\r" if data else self._skip_newline
        lines = (self._rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if not line:
                if self._fields or self._data:
                    yield Frame(self._fields.get("id"), self._fields.get("event", ""), "\n".join(self._data))
                self._fields, self._data = {}, []
                continue
            name, _, value = line.decode("utf-8", "replace").partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name:
                self._fields[name] = value


class Follower(Generic[Item]):
    """Keeps the place in a stream, and decides how long to wait before the next connection."""

    def __init__(
        self,
        name: str,
        read: Callable[[Any, str], Item],
        after: str,
        on_reset: OnReset,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``name`` is that of the events to read; ``after`` the position to go on from, empty for now."""
        self._name = name
        self._read: Callable[[Any, str], Item] = read
        self._on_reset = on_reset
        self._chance = chance
        self._frames = Frames()
        self._failures = 0
        self.position = after
        """Where the next connection goes on."""

    @property
    def headers(self) -> dict[str, str]:
        """What to ask the next connection with."""
        wanted = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        return {**wanted, "Last-Event-ID": self.position} if self.position else wanted

    def connected(self) -> None:
        """A connection stands: what the one before left half read is dropped."""
        self._frames = Frames()

    def feed(self, data: bytes) -> Iterator[Item]:
        """Yield what ``data`` completes, each once."""
        for frame in self._frames.feed(data):
            self._failures = 0
            if frame.id is None:
                continue
            if frame.event == "reset":
                document = json.loads(frame.data)
                self.position = frame.id
                self._on_reset(Reset(str(document.get("reason", "")), frame.id))
            elif frame.event == self._name:
                if not _later(frame.id, self.position):
                    continue
                item = self._read(json.loads(frame.data), frame.id)
                self.position = frame.id
                yield item
            else:
                self.position = frame.id  # a heartbeat: it leads past what was not asked for

    def wait_s(self, asked_s: float | None = None) -> float:
        """Return how long to wait before connecting again: twice as long each time, at random up to that."""
        limit = min(FIRST_WAIT_S * 2.0**self._failures, LONGEST_WAIT_S)
        self._failures = min(self._failures + 1, 16)
        return max(limit * (0.5 + self._chance() / 2), asked_s or 0.0)


def _later(one: str, other: str) -> bool:
    """True where a position lies after another; positions are "milliseconds-number"."""
    return not other or _number(one) > _number(other)


def _number(position: str) -> tuple[int, int]:
    head, _, tail = position.partition("-")
    return int(head), int(tail or 0)
