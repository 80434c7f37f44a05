"""A lease in Redis: of several replicas, one at a time holds it."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_HOLD: Final = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


class Lease:
    """Who holds it must call ``hold`` again well before ``lasts_s`` has passed, and stop where that gives False."""

    def __init__(self, redis: Redis, key: str, token: str, lasts_s: float) -> None:
        """``token`` names this run of this process and nothing else."""
        self._token = token
        self._key = key
        self._lasts_ms = max(1, round(lasts_s * 1_000))
        self._hold = redis.register_script(_HOLD)
        self._release = redis.register_script(_RELEASE)

    async def hold(self) -> bool:
        """Take the lease, or keep it; False where somebody else has it."""
        return bool(await self._hold(keys=[self._key], args=[self._token, self._lasts_ms]))

    async def release(self) -> None:
        """Give it up, so that the next one need not wait for its end."""
        await self._release(keys=[self._key], args=[self._token])
