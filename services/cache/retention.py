"""Takes events out of Redis that have not changed for long, so that its memory is bounded by what happens in that time.

An event that changes once more comes back with its next state. What it was before is then not kept. An event that
cannot be read is left where it is, and told in the log: what leads to it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
import structlog
from redis import Redis

from services.cache.projection import entries_of
from services.cache.scripts import available, lines, script
from services.contracts.redis_model import CHANGED, ORDERS, Keys
from services.contracts.state_codec import Codec, CodecError, State
from services.runtime.stage import Unavailable

AT_ONCE: Final = 200
"""Events taken out at a time: some 20 ms of Redis."""

EVERY_S: Final = 10.0
"""Seconds between two looks for what is old."""

log = structlog.get_logger()


class Retention:
    """Forgets events of one Redis."""

    def __init__(self, client: Redis, keys: Keys, codec: Codec, kept_s: float) -> None:
        """``kept_s``: seconds after its last change for which an event is kept."""
        self._client = client
        self._keys = keys
        self._codec = codec
        self._kept_s = kept_s
        self._script = script("remove.lua")
        self._looked_at_s = 0.0

    def forget(self, now_s: float) -> int:
        """Take out some of the events that are too old at ``now_s`` (seconds since 1970); returns how many.

        Does nothing where it has looked a moment ago. Raises Unavailable.
        """
        if 0 <= now_s - self._looked_at_s < EVERY_S:
            return 0
        slots = self._old(now_s)
        if len(slots) < AT_ONCE:  # else there may be more: look again with the next call
            self._looked_at_s = now_s
        return sum(self._forget(slot, now_s) for slot in slots)

    def _old(self, now_s: float) -> Sequence[int]:
        before_us = round((now_s - self._kept_s) * 1e6)
        rows: Any = available(
            lambda: self._client.zrangebyscore(self._keys.order(CHANGED), "-inf", f"({before_us}", start=0, num=AT_ONCE)
        )
        return [int(row) for row in rows]

    def _forget(self, slot: int, now_s: float) -> int:
        event_id = available(lambda: self._client.getrange(self._keys.ids, slot * 16, slot * 16 + 15)).hex()
        try:
            return self._remove(event_id, now_s)
        except Unavailable:
            raise
        except Exception as error:  # any event may be damaged; the others must go
            log.error("an event that is too old cannot be taken out", event_id=event_id, exc_info=error)
            return 0

    def _remove(self, event_id: str, now_s: float) -> int:
        packed = available(lambda: self._client.get(self._keys.event(event_id)))
        earlier = available(lambda: self._client.lrange(self._keys.history(event_id), 0, -1))
        if packed is None:
            return 0
        states = self._states(packed, earlier)
        held = [entries_of(orjson.loads(state.whole())) for state in states]
        carried = frozenset(term for entries in held for term in entries.terms)
        articles = frozenset(article for entries in held for article in entries.articles)
        keys = [self._keys.event(event_id), self._keys.history(event_id), self._keys.free_slots]
        arguments: list[str | int] = [
            self._keys.base,
            states[0].revision,
            int(now_s),
            lines(carried),
            lines(carried),
            lines(ORDERS),
            lines(articles),
        ]
        return int(available(lambda: self._client.eval(self._script.decode(), len(keys), *keys, *arguments)))

    def _states(self, packed: bytes, earlier: Sequence[bytes]) -> list[State]:
        latest = self._codec.unpack(packed)
        try:
            return list(self._codec.back(latest, earlier))
        except CodecError:  # what cannot be read cannot be looked up: the state that stands leads to most of it
            return [latest]
