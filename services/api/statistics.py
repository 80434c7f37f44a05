"""How many events there are, of what, and how many come. Counted from the indexes, at most once in some seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from services.api.lag import MOST, OVER_S, lag
from services.api.slots import candidates
from services.api.store import EventStore
from services.contracts import redis_model
from services.contracts.countries import country_names
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types

FRESH_FOR_S: Final = 10.0
"""Counting reads every index of types and countries: some 5 ms of Redis at 100,000 events."""

SPANS: Final[Mapping[str, int]] = MappingProxyType({"hour": 3_600, "day": 86_400, "week": 604_800})
"""Seconds of the spans for which it is told how many events came and changed."""

Json = dict[str, Any]


class Statistics:
    """The latest counts."""

    def __init__(self, store: EventStore, clock: Callable[[], float] = time.time) -> None:
        """``clock`` gives seconds since 1970."""
        self._store = store
        self._clock = clock
        self._counted_at = 0.0
        self._counts: Json = {}
        self._counting = asyncio.Lock()

    async def counts(self) -> Json:
        """Return what GET /v1/stats answers, some seconds old at most."""
        async with self._counting:
            now = self._clock()
            if not self._counts or not 0 <= now - self._counted_at < FRESH_FOR_S:
                self._counts, self._counted_at = await self._count(now), now
            return self._counts

    async def _count(self, now_s: float) -> Json:
        groups: dict[str, dict[str, str]] = {
            "status": {name: redis_model.status_term(name) for name in STATUSES},
            "topic": {name: redis_model.topic_term(name) for name in TOPIC_FAMILIES},
            "type": {name: redis_model.type_term(name) for name in event_types()},
            "country": {code: redis_model.country_term(code) for code in country_names()},
            "activity": {name: redis_model.activity_term(name) for name in redis_model.ACTIVITIES},
        }
        states = [redis_model.state_term(state) for state in redis_model.STATES]
        terms = [term for group in groups.values() for term in group.values()]
        size, postings = await self._store.postings([*states, *terms])
        live = postings[0]
        held = iter(postings[len(states) :])
        by: dict[str, dict[str, int]] = {}
        for name, group in groups.items():
            counted = {value: candidates([[live], [next(held)]], size).count for value in group}
            by[name] = {value: count for value, count in counted.items() if count}
        newest_us, came, changed = await self._recent(now_s)
        return {
            "events": candidates([[live]], size).count,
            "states": {
                state: candidates([[posting]], size).count
                for state, posting in zip(redis_model.STATES, postings, strict=False)
            },
            "by": by,
            "first_seen": came,
            "changed": changed,
            "last_changed": _instant(newest_us) if newest_us else None,
            "seconds_since_last_change": round(max(0.0, now_s - newest_us / 1e6), 3) if newest_us else None,
            "lag": lag(await self._store.written(round((now_s - OVER_S) * 1_000), MOST)),
            "counted_at": _instant(round(now_s * 1e6)),
        }

    async def _recent(self, now_s: float) -> tuple[int, Json, Json]:
        keys = self._store.keys
        pipeline = self._store.redis.pipeline(transaction=False)
        pipeline.zrange(keys.order(redis_model.CHANGED), 0, 0, desc=True, withscores=True)
        for order in (redis_model.FIRST_SEEN, redis_model.CHANGED):
            for span_s in SPANS.values():
                pipeline.zcount(keys.order(order), round((now_s - span_s) * 1e6), round(now_s * 1e6))
        newest, *counts = await pipeline.execute()
        names = [f"last_{name}" for name in SPANS]
        came, changed = dict(zip(names, counts, strict=False)), dict(zip(names, counts[len(names) :], strict=True))
        return (int(newest[0][1]) if newest else 0), came, changed


def _instant(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
