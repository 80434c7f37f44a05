"""Everything the cache wrote, as bytes, to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from services.contracts.redis_model import Keys

Hashes = Mapping[str, Mapping[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class RedisDump:
    """The states and indexes of all events, and the logs beside them."""

    events: Hashes = field(default_factory=dict)
    """By event id: the fields of its hash."""
    indexes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """By term: the members, in order."""
    changes: tuple[bytes, ...] = ()
    """The stream of changes, oldest first."""


def dump(url: str) -> RedisDump:
    """Read it all. Raises redis.RedisError while the server is away."""
    client, keys = Redis.from_url(url), Keys()
    events: dict[str, dict[bytes, bytes]] = {}
    indexes: dict[str, tuple[bytes, ...]] = {}
    event, index = keys.event(""), keys.indexes
    for raw in client.scan_iter(match=f"{keys.base}*", count=1_000):
        key = raw.decode()
        if key.startswith(event):
            events[key.removeprefix(event)] = client.hgetall(raw)
        elif key.startswith(index):
            indexes[key.removeprefix(index)] = tuple(client.zrange(raw, 0, -1))
    changes = tuple(fields[b"change"] for _, fields in client.xrange(keys.changes))
    return RedisDump(events, indexes, changes)
