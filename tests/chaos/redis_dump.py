"""Everything the cache wrote, in terms of events, to be compared: which slot an event has is not part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from services.cache.projection import Projection
from services.contracts.redis_model import FIELD_CHANGE, Keys
from services.contracts.state_codec import Codec, State

Placed = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RedisDump:
    """The states and indexes of all events, and the logs beside them."""

    events: Mapping[str, State] = field(default_factory=dict)
    """By event id: the state that stands."""
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By term: the ids of the events that carry it, in order. By article id, after "article:": those it tells of."""
    orders: Mapping[str, Placed] = field(default_factory=dict)
    """By order: event ids with their scores, in the order of the ids."""
    changes: tuple[bytes, ...] = ()
    """The stream of changes, oldest first."""
    earlier: Mapping[str, tuple[State, ...]] = field(default_factory=dict)
    """By event id: the states that stood before, oldest first."""


def of_projections(projections: Mapping[str, Projection]) -> RedisDump:
    """Return what Redis should hold of the newest states, by event id."""
    indexes: dict[str, list[str]] = {}
    orders: dict[str, list[tuple[str, float]]] = {}
    for event_id, shown in projections.items():
        terms = {*shown.entries.terms, *(f"article:{article}" for article in shown.entries.articles)}
        for term in terms:
            indexes.setdefault(term, []).append(event_id)
        for order, score in shown.entries.ranks.items():
            orders.setdefault(order, []).append((event_id, score))
    return RedisDump(
        {event_id: shown.state for event_id, shown in projections.items()},
        {term: tuple(sorted(found)) for term, found in indexes.items()},
        {order: tuple(sorted(found)) for order, found in orders.items()},
    )


POSTINGS = """
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'set' then return redis.call('SMEMBERS', KEYS[1]) end
if kind == 'string' then return redis.call('GET', KEYS[1]) end
return false
"""
"""An index as it is stored, in one step: a cache that writes meanwhile may make a bitmap of a set, or take it away."""


def dump(url: str, keys: Keys | None = None) -> RedisDump:
    """Read it all. Raises redis.RedisError while the server is away."""
    client, keys, codec = Redis.from_url(url), keys or Keys(), Codec()
    ids = client.get(keys.ids) or b""
    events: dict[str, State] = {}
    earlier: dict[str, tuple[State, ...]] = {}
    indexes: dict[str, tuple[str, ...]] = {}
    orders: dict[str, Placed] = {}

    def named(slot: int) -> str:
        return ids[slot * 16 : slot * 16 + 16].hex()

    for raw in client.scan_iter(match=f"{keys.base}*", count=1_000):
        kind, _, rest = raw.decode().removeprefix(keys.base).partition(":")
        match kind:
            case "e":
                # Together: the history is packed by the state after it, and a cache may write meanwhile.
                with client.pipeline() as both:
                    value, history = both.get(raw).lrange(keys.history(rest), 0, -1).execute()
                if value is None:  # gone since it was listed
                    continue
                events[rest] = codec.unpack(value)
                before = list(codec.back(events[rest], history))[1:]
                if before:
                    earlier[rest] = tuple(reversed(before))
            case "t":
                if found := sorted(named(slot) for slot in _slots(client, raw)):
                    indexes[rest] = tuple(found)
            case "o" if rest != "was":
                rows = client.zrange(raw, 0, -1, withscores=True)
                orders[rest] = tuple(sorted((named(int(slot)), score) for slot, score in rows))
            case "a":
                for article, slots in client.hgetall(raw).items():
                    told = sorted(named(int.from_bytes(slots[at : at + 4])) for at in range(0, len(slots), 4))
                    indexes[f"article:{article.hex()}"] = tuple(told)
    changes = tuple(codec.unzip(fields[FIELD_CHANGE.encode()]) for _, fields in client.xrange(keys.changes))
    return RedisDump(events, indexes, orders, changes, earlier)


def _slots(client: Redis, key: bytes) -> list[int]:
    held = client.eval(POSTINGS, 1, key)
    if held is None:  # gone since it was listed
        return []
    if isinstance(held, list):
        return [int(slot) for slot in held]
    return [slot for slot in range(len(held) * 8) if held[slot // 8] & 0x80 >> slot % 8]
