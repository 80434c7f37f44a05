"""Reading what the cache wrote. Every method is one round trip; all raise redis errors as they come."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, cast

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import NoScriptError

from services.api import cursor
from services.api.changes import Entry, read_entry
from services.api.filters import IndexQuery
from services.api.sse import START, Position, format_position, parse_position
from services.contracts.redis_model import FIELD_CHANGE, FIELD_JSON, FIELD_SUMMARY, Keys

CONNECTIONS: Final = 32
"""Reads under way at a time; more wait their turn."""

LOOKED_AT_PER_PAGE: Final = 2_000
"""Events that one page may look at before it ends early with a cursor: bounds how long Redis is busy (about 5 ms)."""

log = structlog.get_logger("dateline.api.store")


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, newest first."""

    events: bytes
    """Members of a JSON array, as the cache rendered them, joined by commas."""
    next_cursor: str
    """Empty on the last page. A page may be short, even empty, and still have a next one."""
    position: str
    """Where the changes stream stood: changes after it are not in this page."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the changes stream holds."""

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
class Slice:
    """Some entries of the changes stream."""

    entries: tuple[Entry, ...]
    """Those that could be read."""
    upto: Position | None
    """The last one looked at; None where there was none."""


class EventStore:
    """The events of one Redis."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        """Connects with the first read. Raises ValueError where the address is of another kind."""
        pool = BlockingConnectionPool.from_url(
            redis_url, max_connections=CONNECTIONS, timeout=5, socket_connect_timeout=2, socket_timeout=10, protocol=2
        )
        self._redis = Redis.from_pool(pool)
        self._keys = Keys(prefix)
        self._script = files("services.api").joinpath("query.lua").read_bytes()
        self._sha = ""

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def ping(self) -> None:
        """Return when the server answers."""
        await self._redis.ping()

    async def event(self, event_id: str) -> bytes | None:
        """Return the JSON of an event."""
        answer = await cast("Awaitable[Any]", self._redis.hget(self._keys.event(event_id), FIELD_JSON))
        return cast("bytes | None", answer)

    async def history(self, event_id: str) -> list[bytes]:
        """Return the JSON of an event's changes, oldest first."""
        answer = await cast("Awaitable[Any]", self._redis.lrange(self._keys.history(event_id), 0, -1))
        return cast("list[bytes]", answer)

    async def page(self, query: IndexQuery, after: str = "") -> Page:
        """Return a page. Raises CursorError for a cursor that does not belong to the query."""
        upper = f"({cursor.decode(after, query.identity)}" if after else query.upper
        arguments: list[str | int] = [
            self._keys.indexes,
            self._keys.event(""),
            FIELD_SUMMARY if query.summary else FIELD_JSON,
            query.limit,
            upper,
            query.lower,
            LOOKED_AT_PER_PAGE,
            len(query.dimensions),
        ]
        for dimension in query.dimensions:
            arguments += [len(dimension), *dimension]
        position, following, events = await self._evaluate(arguments)
        next_cursor = cursor.encode(following.decode(), query.identity) if following else ""
        return Page(events, next_cursor, position.decode())

    async def _evaluate(self, arguments: Sequence[str | int]) -> list[bytes]:
        try:
            answer = await self._redis.evalsha_ro(self._sha or "0" * 40, 1, self._keys.changes, *arguments)
        except NoScriptError:
            self._sha = str(await self._redis.script_load(self._script))
            answer = await self._redis.evalsha_ro(self._sha, 1, self._keys.changes, *arguments)
        return cast("list[bytes]", answer)

    async def stream(self) -> StreamState:
        """Return what the changes stream holds."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.exists(self._keys.changes)
        pipeline.xinfo_stream(self._keys.changes)
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

    async def follow(self, after: Position, count: int, wait_ms: int) -> Slice:
        """Return the next changes after a position, waiting for the first of them."""
        answer: Any = await self._redis.xread({self._keys.changes: format_position(after)}, count=count, block=wait_ms)
        return _slice(answer[0][1] if answer else [])

    async def between(self, after: Position, upto: Position, count: int) -> Slice:
        """Return at most ``count`` changes after one position, up to and with another."""
        low, high = f"({format_position(after)}", format_position(upto)
        return _slice(await self._redis.xrange(self._keys.changes, low, high, count=count))

    async def latest(self, count: int) -> Slice:
        """Return the latest changes, newest first."""
        return _slice(await self._redis.xrevrange(self._keys.changes, count=count))


def _slice(rows: Any) -> Slice:
    entries = []
    for stream_id, fields in rows:
        try:
            entries.append(read_entry(stream_id, fields[FIELD_CHANGE.encode()]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("entry of the changes stream left out", id=stream_id.decode(), error=repr(error))
    return Slice(tuple(entries), parse_position(rows[-1][0].decode()) if rows else None)
