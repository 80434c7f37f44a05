"""Shows people how the feeds do: what feed_status.py says of each, in the Redis that the api reads.

It is a window and no memory: everything on it is in the fetcher's own state, it is written anew at each start, and a
Redis that is away costs nothing but the view.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import orjson
import structlog
from redis import Redis
from redis.exceptions import RedisError

from services.contracts.redis_model import DEFAULT_PREFIX, Keys
from services.fetcher.state import feed_key

WRITE_S: Final = 1.0
"""How often what is new is written."""


class Noticeboard:
    """Collects notices and writes them in bundles. ``redis_url`` "" shows nothing to anybody."""

    def __init__(self, redis_url: str, prefix: str = DEFAULT_PREFIX) -> None:
        self._redis: Any = (
            Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5, protocol=2) if redis_url else None
        )
        self._key = Keys(prefix).feeds
        self._stale: dict[str, Callable[[], dict[str, Any]]] = {}
        self._afresh = True
        self._away = False
        self._log = structlog.get_logger("fetcher")

    def put(self, url: str, status: Callable[[], dict[str, Any]]) -> None:
        """Show a feed as ``status`` will tell it when it is written."""
        if self._redis is not None:
            self._stale[url] = status

    async def run(self) -> None:
        """Write what is new until cancelled."""
        while self._redis is not None:
            await asyncio.sleep(WRITE_S)
            await self.write()

    async def write(self) -> None:
        """Write what is new now; keep it for later where Redis is away."""
        if self._redis is None or not (self._stale or self._afresh):
            return
        taken, self._stale = self._stale, {}
        notices = {feed_key(url): orjson.dumps(status(), option=orjson.OPT_UTC_Z) for url, status in taken.items()}
        try:
            await asyncio.to_thread(self._write, notices)
        except (RedisError, OSError) as error:
            self._stale = {**taken, **self._stale}
            if not self._away:
                self._log.warning("feeds not shown", reason=str(error), then="tried again; polling goes on")
            self._away = True
        else:
            self._afresh = self._away = False

    def forget(self, url: str) -> None:
        """Show a feed no more."""
        self._stale.pop(url, None)
        self._afresh = True

    @property
    def wants_all(self) -> bool:
        """True where everything is to be written anew: at the start, and after a feed was taken off the list."""
        return self._redis is not None and self._afresh

    def _write(self, notices: dict[str, bytes]) -> None:
        pipe = self._redis.pipeline(transaction=True)
        if self._afresh:
            pipe.delete(self._key)
        if notices:
            pipe.hset(self._key, mapping=notices)
        pipe.execute()
