"""Plugs the cache into Redis: the only place where its connection is made."""

from __future__ import annotations

from math import inf

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.cache.sink import Cache
from services.contracts.redis_model import DEFAULT_PREFIX, Keys

CONNECT_TIMEOUT_S = 2.0
REPLY_TIMEOUT_S = 10.0


def build(redis_url: str, prefix: str = DEFAULT_PREFIX, kept_days: float = inf) -> Cache:
    """Return the cache that writes to ``redis_url`` (redis://, rediss:// or unix://) under ``prefix``.

    ``kept_days``: days after its last change for which an event stays.

    Connects with the first write. Raises ValueError where the address is of another kind.
    """
    client = Redis.from_url(
        redis_url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=REPLY_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),  # the runtime repeats the call, and a repeated call does no harm
    )
    return Cache(client, Keys(prefix), kept_s=kept_days * 86_400)
