"""The one process that evaluates alert rules and delivers webhooks, however many replicas of the API there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import structlog
from redis.exceptions import RedisError

from services.api.lease import Lease
from services.api.metrics import Metrics
from services.api.webhook_store import WebhookStore

RETRY_S: Final = 1.0

log = structlog.get_logger("dateline.api.deliverer")


class Part(Protocol):
    """One of the loops that the process with the lease runs."""

    def refresh(self) -> None:
        """Look at webhooks and rules anew."""

    async def round(self) -> None:
        """Do what there is to do, then wait a little for more. Raises redis errors."""


class Deliverer:
    """Waits for the lease; while it is held, runs the parts."""

    def __init__(
        self,
        lease: Lease,
        lease_s: float,
        store: WebhookStore,
        metrics: Metrics,
        parts: Callable[[], tuple[Sequence[Part], Callable[[], Awaitable[None]]]],
    ) -> None:
        """``parts`` makes the parts anew, and what ends them."""
        self._lease = lease
        self._renew_s = lease_s / 4
        self._store = store
        self._metrics = metrics
        self._parts = parts
        self._stopping = False

    def stop(self) -> None:
        """Let every loop end after its round: a cancellation alone may be lost inside a library."""
        self._stopping = True

    async def run(self) -> None:
        """Deliver whenever it is this process's turn, for ever."""
        try:
            while not self._stopping:
                held = False
                with suppress(RedisError, OSError):
                    held = await self._lease.hold()
                if held:
                    await self._lead()
                await asyncio.sleep(min(self._renew_s, RETRY_S))
        finally:
            with suppress(RedisError, OSError):
                async with asyncio.timeout(RETRY_S):
                    await self._lease.release()

    async def _lead(self) -> None:
        log.info("this process delivers webhooks and alerts")
        self._metrics.delivering.set(1)
        parts, close = self._parts()
        loops = [asyncio.create_task(self._repeat(part)) for part in parts]
        try:
            await self._hold(parts)
        finally:
            self._metrics.delivering.set(0)
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await close()
        log.warning("another process delivers webhooks and alerts, or Redis is away")

    async def _hold(self, parts: Sequence[Part]) -> None:
        """Keep the lease; return once it is lost, or cannot be renewed before it ends."""
        generation, missed = b"", 0
        while missed < 3 and not self._stopping:
            try:
                async with asyncio.timeout(self._renew_s):
                    if not await self._lease.hold():
                        return
                    seen = await self._store.generation()
                missed = 0
                if seen != generation:
                    generation = seen
                    for part in parts:
                        part.refresh()
            except (RedisError, OSError, TimeoutError):
                missed += 1
            await asyncio.sleep(min(self._renew_s, RETRY_S) / 2)

    async def _repeat(self, part: Part) -> None:
        while not self._stopping:
            try:
                await part.round()
            except (RedisError, OSError) as error:
                log.warning("Redis is away", part=type(part).__name__, error=str(error), again_in_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
            except Exception:  # one bad record must not end the deliveries of all
                log.exception("a round failed", part=type(part).__name__, again_in_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
