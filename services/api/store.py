"""Reading what the cache wrote. Methods raise redis errors as they come, CodecError for bytes of another version.

A list takes two round trips: one for the indexes it asks about, which are intersected here so that Redis stays free,
and one for a page of what is left. The position in the changes stream is that of the first: what changes in between
may be in the page and is told by the stream as well, and nothing falls between the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TookTooLong

from services.api import cursor
from services.api.changes import Entry, read_entry
from services.api.filters import IndexQuery
from services.api.past import require_lists, standing
from services.api.ranking import Ranking
from services.api.ranks import CAUGHT_UP_AT_ONCE, Ranks
from services.api.rendered import SUMMARY, WHOLE, Rendered
from services.api.script import Script
from services.api.shared_connection import SharedConnection
from services.api.slots import Candidates, Posting, candidates
from services.api.stream_reader import StreamReader
from services.contracts.redis_model import FIELD_CHANGE, ORDERS, Keys
from services.contracts.state_codec import Codec, State

CONNECTIONS: Final = 32
"""Reads under way at a time; more wait their turn."""

ENTRIES_KEPT: Final = 256
"""Changes whose reading is kept: subscribers, alert rules and webhooks each follow the stream, close behind another."""

LOOKED_AT_PER_PAGE: Final = 5_000
"""Entries that a page of a past moment may walk over before it ends with a cursor: this bounds Redis's work."""

MOST_LOOKS: Final = 100
"""Looks at the indexes for one list, until everything written since the last list is taken up."""

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
    not_kept: int | None = None
    """Of a past moment: of how many events it may not be known what they were, so that they are missing; else None."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the indexes say of a query."""

    position: str
    candidates: Candidates
    ranking: Ranking | None
    """Where they stand, in the same instant; None for a past moment."""
    since: str
    """The last entry of the touched slots that is taken up there."""


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
        self._states = Script(self._shared, "states")
        self._ranks = Ranks(self._keys, Script(self._shared, "ranks"), self._rendered)
        self._former = Script(self._shared, "former")
        self._entry = lru_cache(ENTRIES_KEPT)(self._read_entry)
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

    async def prepare(self) -> None:
        """Read the orders before the first list asks for them; where Redis is away, that list tries again."""
        with suppress(RedisError, OSError):
            await self._ranks.prepare()

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

    async def naming(self, article_ids: Sequence[str]) -> list[list[str]]:
        """Return, for each article (32 hex digits), the ids of the events whose states name it or once named it."""
        pipeline = self._redis.pipeline(transaction=False)
        for article in article_ids:
            pipeline.hget(self._keys.articles(article), bytes.fromhex(article))
        held = await pipeline.execute()
        slots = sorted({each[at : at + 4] for each in held if each for at in range(0, len(each), 4)})
        for slot in slots:
            start = int.from_bytes(slot) * 16
            pipeline.getrange(self._keys.ids, start, start + 15)
        ids = dict(zip(slots, (identity.hex() for identity in await pipeline.execute()), strict=True))
        return [[ids[each[at : at + 4]] for at in range(0, len(each or b""), 4)] for each in held]

    async def written(self, since_ms: int, most: int) -> list[tuple[int, bytes]]:
        """Return the latest changes written since a moment: the millisecond of each, and its JSON."""
        rows: Any = await self._redis.xrevrange(self._keys.changes, min=str(since_ms), count=most)
        return [(int(name.split(b"-")[0]), self._codec.unzip(fields[FIELD_CHANGE.encode()])) for name, fields in rows]

    async def postings(self, terms: Sequence[str]) -> tuple[int, list[Posting]]:
        """Return the number of slots, and what the index of each term holds."""
        _, size, _, *answers = await self._look([f"t:{term}" for term in terms])
        return size, answers

    async def page(self, query: IndexQuery, after: str = "") -> Page:
        """Return a page. Raises CursorError for a cursor that does not belong to the query."""
        place = cursor.decode(after, query.identity) if after else ("", "")
        found = await self._find(query)
        not_kept = None
        if query.as_of_us is not None:
            not_kept = await self._not_kept(query.as_of_us)
            states, place = await self._read_former(query, found, place)
            texts = [state.summary() if query.summary else state.whole() for state in states]
        else:
            texts, place = await self._read(query, found, place)
        next_cursor = cursor.encode(place, query.identity) if place[0] else ""
        return Page(b",".join(texts), next_cursor, found.position, not_kept)

    async def _not_kept(self, as_of_us: int) -> int:
        """Return of how many events it may not be known what they were at a moment.

        Raises Problem where that is so of more than can be counted.
        """
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.get(self._keys.forgotten)
        pipeline.zcount(self._keys.holes, f"({as_of_us}", "+inf")
        forgotten, holes = await pipeline.execute()
        require_lists(as_of_us, int(float(forgotten or 0)))
        return int(holes)

    async def _find(self, query: IndexQuery) -> Found:
        """Ask the indexes. Of a past moment: which events may have been such, by what they carry or once carried."""
        past = query.as_of_us is not None
        terms = [
            f"{letter}:{term}"
            for dimension in query.dimensions
            for term in dimension
            for letter in ("tw" if past else "t")
        ]
        for _ in range(MOST_LOOKS):
            ranking = None if past else await self._ranks.ready()
            since = "" if past else self._ranks.since
            position, size, touched, *answers = await self._look(terms, since)
            if past or self._ranks.take_up(since, touched):
                break
        else:
            raise TookTooLong("more events are written than can be taken up")
        dimensions: list[Sequence[Posting]] = []
        at = 0
        for dimension in query.dimensions:
            width = len(dimension) * (2 if past else 1)
            dimensions.append(answers[at : at + width])
            at += width
        return Found(position.decode(), candidates(dimensions, size), ranking, self._ranks.since)

    async def _look(self, terms: Sequence[str], since: str = "") -> list[Any]:
        return await self._postings(
            [self._keys.changes, self._keys.next_slot, self._keys.touched],
            [self._keys.base, since, CAUGHT_UP_AT_ONCE, " ".join(ORDERS), *terms],
        )

    async def _read(self, query: IndexQuery, found: Found, place: cursor.Place) -> tuple[list[bytes], cursor.Place]:
        if not found.candidates.count or found.ranking is None:
            return [], ("", "")
        after = (float(place[0]), int(place[1])) if place[0] else None
        slots, last = found.ranking.page(
            query.order, query.descending, found.candidates, query.ranges, after, query.limit
        )
        form = SUMMARY if query.summary else WHOLE
        texts = {slot: self._rendered.get(slot, form) for slot in slots}
        missing = [slot for slot, text in texts.items() if text is None]
        if missing:
            states = await self._states([self._keys.ids], [self._keys.base, " ".join(map(str, missing))])
            lasting = self._ranks.stand(found.ranking, found.since)
            for slot, state in zip(missing, states, strict=True):
                if state is None or int.from_bytes(state[:4]) != slot:
                    continue  # it was taken out meanwhile
                texts[slot] = text = self._rendered.render(state, form)
                if lasting:
                    self._rendered.put(slot, form, text)
        place = (repr(last[0]), str(last[1])) if last else ("", "")
        return [text for text in texts.values() if text is not None], place

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
                then = standing(self._codec.back(latest, rows[at + 3]), as_of_us)
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

    def _read_entry(self, stream_id: bytes, frame: bytes) -> Entry:
        return read_entry(stream_id, self._codec.unzip(frame))
