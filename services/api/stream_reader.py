"""Reading one stream of Redis by positions: the stream of changes, and that of fired alerts.

Every method is one round trip; all raise redis errors as they come. An entry that cannot be read is logged and left
out: one that is of another layout must not hold up the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from redis.asyncio import Redis

from services.api.sse import START, Position, format_position, parse_position

log = structlog.get_logger("dateline.api.stream_reader")


class Positioned(Protocol):
    """What has a place in a stream."""

    @property
    def position(self) -> Position: ...


Item = TypeVar("Item", bound=Positioned)


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a stream holds."""

    first: Position | None
    """Oldest entry kept; None where there is none."""
    last: Position
    """Newest entry ever written."""
    trimmed: bool
    """True once entries were dropped."""

    def lost_after(self, position: Position) -> bool:
        """True where entries after ``position`` may be gone, or where it is no position of this stream."""
        if position > self.last:
            return True
        if self.first is None:
            return position < self.last
        if position == START:
            return self.trimmed
        return position < self.first


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """Some entries of a stream."""

    entries: tuple[Item, ...]
    """Those that could be read."""
    upto: Position | None
    """The last one looked at; None where there was none."""


class StreamReader(Generic[Item]):
    """One stream whose entries hold JSON in one field."""

    def __init__(self, redis: Redis, key: str, field: str, read: Callable[[bytes, bytes], Item]) -> None:
        """``read`` makes an entry of its id and its bytes; it raises ValueError, KeyError, TypeError or
        AttributeError where it cannot.
        """
        self._redis = redis
        self._key = key
        self._field = field.encode()
        self._read = read

    async def state(self) -> StreamState:
        """Return what the stream holds."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.exists(self._key)
        pipeline.xinfo_stream(self._key)
        exists, info = await pipeline.execute(raise_on_error=False)
        if isinstance(exists, Exception):
            raise exists
        if not exists:
            return StreamState(None, START, trimmed=False)
        if isinstance(info, Exception):
            raise info
        first = info["first-entry"]
        return StreamState(
            first=parse_position(first[0].decode()) if first else None,
            last=parse_position(info["last-generated-id"].decode()),
            trimmed=info["entries-added"] > info["length"],
        )

    async def follow(self, after: Position, count: int, wait_ms: int | None) -> Slice[Item]:
        """Return the next entries after a position, waiting for the first of them (None: not at all)."""
        answer: Any = await self._redis.xread({self._key: format_position(after)}, count=count, block=wait_ms)
        return self._slice(answer[0][1] if answer else [])

    async def between(self, after: Position, upto: Position | None, count: int) -> Slice[Item]:
        """Return at most ``count`` entries after one position, up to and with another (None: the end)."""
        high = "+" if upto is None else format_position(upto)
        return self._slice(await self._redis.xrange(self._key, f"({format_position(after)}", high, count=count))

    async def latest(self, count: int) -> Slice[Item]:
        """Return the latest entries, newest first."""
        return self._slice(await self._redis.xrevrange(self._key, count=count))

    def _slice(self, rows: Any) -> Slice[Item]:
        entries = []
        for stream_id, fields in rows:
            try:
                entries.append(self._read(stream_id, fields[self._field]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                log.warning("entry left out", stream=self._key, id=stream_id.decode(), error=repr(error))
        return Slice(tuple(entries), parse_position(rows[-1][0].decode()) if rows else None)
