"""Reading what the cache wrote. Methods raise redis errors as they come, CodecError for bytes of another version.

A list takes two round trips: one for the indexes it asks about, which are intersected here so that Redis stays free,
and one for a page of what is left. The position in the changes stream is that of the first: what changes in between
may be in the page and is told by the stream as well, and nothing falls between the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import isqrt
from typing import Any, Final, cast

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import NoScriptError

from services.api import cursor
from services.api.changes import Entry, read_entry
from services.api.filters import IndexQuery, Range
from services.api.rendered import SUMMARY, WHOLE, Rendered
from services.api.shared_connection import SharedConnection
from services.api.slots import Candidates, Posting, candidates
from services.api.stream_reader import StreamReader
from services.contracts.redis_model import FIELD_CHANGE, Keys
from services.contracts.state_codec import Codec, State

CONNECTIONS: Final = 32
"""Reads under way at a time; more wait their turn."""

SORTED_MOST: Final = 2_000
"""Candidates that are sorted at most: bounds how long Redis is busy (about 1 ms)."""

LOOKED_AT_PER_PAGE: Final = 5_000
"""Entries of an order that one page may walk over before it ends early with a cursor: bounds how long Redis is busy."""

ROWS_AT_ONCE: Final = (25, 400)
"""Entries of an order that are read at a time, at least and at most."""

RANGE_MOST: Final = 2_000
"""Slots of a range that are read (about 1 ms of Redis); a larger range is checked event by event."""

MOST_WALKS: Final = 8
"""Times that the states of a past moment are read for one page before it ends early with a cursor."""

FORMER_AT_ONCE: Final = 60
"""States of a past moment that are read at once; each is unpacked from those after it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in the order asked for."""

    events: bytes
    """Members of a JSON array, as the cache rendered them, joined by commas."""
    next_cursor: str
    """Empty on the last page. A page may be short, even empty, and still have a next one."""
    position: str
    """Where the changes stream stood: changes up to it are in this page."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the indexes say of a query."""

    position: str
    slots: int
    """How many there are."""
    candidates: Candidates
    checks: tuple[tuple[Range, ...], ...]
    """Ranges too large to be read: each event must be held against them."""


class EventStore:
    """The events of one Redis."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        """Connects with the first read. Raises ValueError where the address is of another kind."""
        pool = BlockingConnectionPool.from_url(
            redis_url, max_connections=CONNECTIONS, timeout=5, socket_connect_timeout=2, socket_timeout=10, protocol=2
        )
        self._redis = Redis.from_pool(pool)
        self._keys = Keys(prefix)
        self._codec = Codec()
        self._rendered = Rendered(self._codec)
        self._shared = SharedConnection(pool)
        self._postings = Script(self._shared, "postings")
        self._page = Script(self._shared, "page")
        self._former = Script(self._shared, "former")
        self.changes = StreamReader(self._redis, self._keys.changes, FIELD_CHANGE, self._entry)
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
        await self._shared.close()
        await self._redis.aclose()

    async def ping(self) -> None:
        """Return when the server answers."""
        await self._redis.ping()

    async def packed(self, event_id: str) -> bytes | None:
        """Return the value that holds an event, equal as long as it does not change; ``state`` reads it."""
        return cast("bytes | None", await self._shared.ask("GET", self._keys.event(event_id)))

    def state(self, packed: bytes) -> State:
        """Return the state in a value."""
        return self._codec.unpack(packed)

    async def event(self, event_id: str) -> bytes | None:
        """Return the JSON of an event."""
        packed = await self.packed(event_id)
        return None if packed is None else self.state(packed).whole()

    async def states(self, event_id: str) -> list[State]:
        """Return all states of an event that are kept, the latest first; none where there is no such event."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.get(self._keys.event(event_id))
        pipeline.lrange(self._keys.history(event_id), 0, -1)
        packed, earlier = await pipeline.execute()
        return [] if packed is None else list(self._codec.back(self.state(packed), earlier))

    async def feeds(self) -> list[bytes]:
        """Return how each feed does, as JSON, in no particular order."""
        return await cast(Awaitable[list[bytes]], self._redis.hvals(self._keys.feeds))

    async def history(self, event_id: str) -> list[bytes]:
        """Return the JSON of an event's changes, as far as its states are kept, oldest first."""
        states = await self.states(event_id)
        return [orjson.dumps(change) for state in reversed(states) for change in orjson.loads(state.whole())["changes"]]

    async def told_by(self, article_id: str) -> list[State]:
        """Return the states of the events that an article tells. ``article_id`` is 32 hex digits."""
        slots = await cast(
            "Awaitable[Any]",
            self._redis.hget(self._keys.articles(article_id), bytes.fromhex(article_id)),
        )
        if not slots:
            return []
        pipeline = self._redis.pipeline(transaction=False)
        for at in range(0, len(slots), 4):
            start = int.from_bytes(slots[at : at + 4]) * 16
            pipeline.getrange(self._keys.ids, start, start + 15)
        events = [identity.hex() for identity in await pipeline.execute()]
        packed = await self._redis.mget([self._keys.event(event) for event in events])
        return [self.state(cast("bytes", value)) for value in packed if value is not None]

    async def postings(self, terms: Sequence[str]) -> tuple[int, list[Posting]]:
        """Return the number of slots, and what the index of each term holds."""
        asked = [f"t:{term}" for term in terms]
        _, size, *answers = await self._postings(
            [self._keys.changes, self._keys.next_slot], [self._keys.base, RANGE_MOST, len(asked), *asked]
        )
        return size, answers

    async def page(self, query: IndexQuery, after: str = "") -> Page:
        """Return a page. Raises CursorError for a cursor that does not belong to the query."""
        place = cursor.decode(after, query.identity) if after else ("", "")
        found = await self._find(query)
        if query.as_of_us is not None:
            states, place = await self._read_former(query, found, place)
            texts = [state.summary() if query.summary else state.whole() for state in states]
        else:
            packed, place = await self._read(query, found, place)
            form = SUMMARY if query.summary else WHOLE
            texts = [self._rendered.get(value, form) for value in packed]
        next_cursor = cursor.encode(place, query.identity) if place[0] else ""
        return Page(b",".join(texts), next_cursor, found.position)

    async def _find(self, query: IndexQuery) -> Found:
        """Ask the indexes. Of a past moment: which events may have been such, by what they carry or once carried."""
        past = query.as_of_us is not None
        terms = [
            f"{letter}:{term}"
            for dimension in query.dimensions
            for term in dimension
            for letter in ("tw" if past else "t")
        ]
        ranges = () if past else query.ranges
        asked = [value for group in ranges for each in group for value in (each.order, *each.bounds)]
        position, size, *answers = await self._postings(
            [self._keys.changes, self._keys.next_slot], [self._keys.base, RANGE_MOST, len(terms), *terms, *asked]
        )
        dimensions: list[Sequence[Posting]] = []
        at = 0
        for dimension in query.dimensions:
            width = len(dimension) * (2 if past else 1)
            dimensions.append(answers[at : at + width])
            at += width
        checks = []
        for group in ranges:
            held = answers[at : at + len(group)]
            at += len(group)
            if any(isinstance(each, int) for each in held):
                checks.append(group)
            else:
                dimensions.append(held)
        return Found(position.decode(), size, candidates(dimensions, size), tuple(checks))

    async def _read(self, query: IndexQuery, found: Found, place: cursor.Place) -> tuple[list[bytes], cursor.Place]:
        if not found.candidates.count:
            return [], ("", "")
        # to sort takes a step a candidate, to walk one an entry until the page is full: limit * slots / count
        if found.candidates.count <= min(SORTED_MOST, isqrt(query.limit * found.slots)):
            how: list[str | bytes] = ["list", " ".join(map(str, found.candidates.slots()))]
        else:
            how = ["bits", found.candidates.bitmap()]
        checks: list[str] = []
        for group in found.checks:
            checks.append(str(len(group)))
            checks += [value for each in group for value in (each.order, *each.bounds)]
        score, slot, *packed = await self._page(
            [self._keys.order(query.order), self._keys.ids],
            [
                self._keys.base,
                query.limit,
                "desc" if query.descending else "asc",
                *place,
                LOOKED_AT_PER_PAGE,
                rows_at_once(query.limit, found),
                *how,
                *checks,
            ],
        )
        return packed, (score.decode(), slot.decode())

    async def _read_former(
        self, query: IndexQuery, found: Found, place: cursor.Place
    ) -> tuple[list[State], cursor.Place]:
        """Read states of a past moment, by when they were reached. An event comes where the walk down from that moment
        meets the state that stood then; its earlier states are passed over.
        """
        as_of_us = cast("int", query.as_of_us)
        states: list[State] = []
        if not found.candidates.count:
            return states, ("", "")
        bitmap = found.candidates.bitmap()
        if not place[0]:
            place = (str(as_of_us), "")
        for _ in range(MOST_WALKS):
            score, member, *rows = await self._former(
                [self._keys.order("last_changed"), self._keys.earlier, self._keys.ids],
                [self._keys.base, *place, FORMER_AT_ONCE, LOOKED_AT_PER_PAGE, bitmap],
            )
            for at in range(0, len(rows), 4):
                latest = self.state(rows[at + 2])
                _, _, revision = rows[at + 1].decode().partition(":")
                then = _as_of(self._codec.back(latest, rows[at + 3]), as_of_us)
                if then is None or then.revision != int(revision or latest.revision):
                    continue
                if query.takes(orjson.loads(then.whole())):
                    if len(states) == query.limit:
                        return states, place
                    states.append(then)
                    place = (rows[at].decode(), rows[at + 1].decode())
            place = (score.decode(), member.decode())
            if not place[0]:
                return states, place
        return states, place

    def _entry(self, stream_id: bytes, frame: bytes) -> Entry:
        return read_entry(stream_id, self._codec.unzip(frame))


def rows_at_once(limit: int, found: Found) -> int:
    """Return in what steps to walk an order: so that most pages are full after the first one."""
    least, most = ROWS_AT_ONCE
    return max(least, min(most, (limit + 1) * found.slots * 5 // (found.candidates.count * 4)))


def _as_of(states: Any, as_of_us: int) -> State | None:
    """Return the state that stood at a moment, of states that come the latest first."""
    found: State | None = next((state for state in states if state.changed_us <= as_of_us), None)
    return found


class Script:
    """One of the scripts that only read, loaded where the server does not have it."""

    def __init__(self, shared: SharedConnection, name: str) -> None:
        self._shared = shared
        self._text = files("services.api").joinpath(f"{name}.lua").read_bytes()
        self._sha = "0" * 40

    async def __call__(self, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> list[Any]:
        """Run it."""
        try:
            answer = await self._shared.ask("EVALSHA_RO", self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            self._sha = (await self._shared.ask("SCRIPT", "LOAD", self._text)).decode()
            answer = await self._shared.ask("EVALSHA_RO", self._sha, len(keys), *keys, *arguments)
        return cast("list[Any]", answer)
