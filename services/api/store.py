"""Reading what the cache wrote. Every method is one round trip; all raise redis errors as they come."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import NoScriptError

from services.api import cursor
from services.api.changes import read_entry
from services.api.filters import IndexQuery
from services.api.stream_reader import StreamReader
from services.contracts.redis_model import FIELD_CHANGE, FIELD_JSON, FIELD_SUMMARY, Keys

CONNECTIONS: Final = 32
"""Reads under way at a time; more wait their turn."""

LOOKED_AT_PER_PAGE: Final = 2_000
"""Events that one page may look at before it ends early with a cursor: bounds how long Redis is busy (about 5 ms)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, newest first."""

    events: bytes
    """Members of a JSON array, as the cache rendered them, joined by commas."""
    next_cursor: str
    """Empty on the last page. A page may be short, even empty, and still have a next one."""
    position: str
    """Where the changes stream stood: changes after it are not in this page."""


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
        self.changes = StreamReader(self._redis, self._keys.changes, FIELD_CHANGE, read_entry)
        """The stream of all changes."""

    @property
    def redis(self) -> Redis:
        """The connections, for what else is kept beside the events."""
        return self._redis

    @property
    def keys(self) -> Keys:
        """The names of all keys."""
        return self._keys

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
