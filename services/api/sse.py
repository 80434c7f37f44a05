"""Server-sent events as bytes, after the HTML standard, section 9.2: https://html.spec.whatwg.org/#server-sent-events"""

from __future__ import annotations

import re
from typing import Final

import orjson

MEDIA_TYPE: Final = "text/event-stream"
RETRY_MS: Final = 2_000
"""How long a browser waits before it connects again."""

_POSITION: Final = re.compile(r"(\d{1,20})(?:-(\d{1,20}))?")

Position = tuple[int, int]
"""A place in the changes stream: milliseconds and sequence number."""

START: Final[Position] = (0, 0)

BEGINNING: Final[Position] = (-1, 0)
"""Before everything that is kept, whatever no longer is."""


LARGEST: Final = 2**64 - 1
"""Both numbers of a stream id have 64 bits: https://redis.io/docs/latest/develop/data-types/streams/"""


def parse_resume(text: str) -> Position:
    """Return where a reader wants to go on: ``BEGINNING``, or the position in a text. Raises ValueError."""
    return BEGINNING if text.strip() == "beginning" else parse_position(text)


def parse_position(text: str) -> Position:
    """Return the position that a stream id such as "1763542800000-0" names. Raises ValueError where it is none."""
    match = _POSITION.fullmatch(text.strip())
    position = (int(match[1]), int(match[2] or 0)) if match else None
    if position is None or max(position) > LARGEST:
        raise ValueError("not an id of this stream: pass the id of the last event received, such as 1763542800000-0")
    return position


def format_position(position: Position) -> str:
    """Return a position as Redis writes it."""
    return f"{position[0]}-{position[1]}"


def frame(event: str, position: Position, data: bytes) -> bytes:
    """Return one event. ``data`` is JSON: it has no line breaks that could end the event early."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (format_position(position).encode(), event.encode(), data)


def greeting(position: Position) -> bytes:
    """Return what a stream begins with: how long to wait before reconnecting, and where it starts."""
    return b"retry: %d\nid: %s\n\n" % (RETRY_MS, format_position(position).encode())


def heartbeat(position: Position) -> bytes:
    """Return a sign of life that also moves the client's last event id on, past changes it did not ask for."""
    return b": heartbeat\nid: %s\n\n" % format_position(position).encode()


def reset(position: Position, reason: str) -> bytes:
    """Return the event that tells a client to load the state anew and to go on from ``position``."""
    data = orjson.dumps({"reason": reason, "position": format_position(position)})
    return frame("reset", position, data)


def too_slow() -> bytes:
    """Return the last event for a client that did not keep up. It has no id: the client resumes where it stood."""
    return b'event: too-slow\ndata: {"reason":"too-slow"}\n\n'
