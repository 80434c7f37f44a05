"""One reader of a stream, that of changes or of fired alerts, for all subscribers of a process.

What is chosen of some entries is chosen and joined once for all who choose alike. A subscriber has a bounded queue. Who
does not keep up is told so and sent away: it must not cost the others memory, and it can come back and read what it
missed from the stream, as fast as it takes it.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from prometheus_client import Counter, Gauge
from redis.exceptions import RedisError

from services.api.sse import Position
from services.api.stream_reader import Positioned, Slice, StreamReader

READ_AT_ONCE = 64
"""Entries between two chances for subscribers to send: below the smallest queue, so that a burst drops nobody."""

WAIT_MS = 5_000
RETRY_AFTER_S = (0.1, 0.3, 1.0, 3.0)

TOO_SLOW = "too-slow"
TRIMMED = "trimmed"
"""Why a subscriber gets no more: it did not keep up; changes it asked for are no longer kept (a reset)."""

log = structlog.get_logger("dateline.api.broadcast")

Item = TypeVar("Item", bound=Positioned)

Choose = Callable[[Item], bytes | None]
"""What a subscriber gets of an entry; None: nothing. Those that are equal choose alike."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What some entries, in order, give to those who choose alike."""

    positions: tuple[Position, ...]
    """Of the entries that give something."""
    data: tuple[bytes, ...]
    """What each of them gives."""
    joined: bytes

    def after(self, position: Position) -> Chosen:
        """Return what entries after a position give."""
        if not self.positions or self.positions[0] > position:
            return self
        first = bisect_right(self.positions, position)
        return Chosen(self.positions[first:], self.data[first:], b"".join(self.data[first:]))


def chosen(choose: Choose[Item], entries: Iterable[Item]) -> Chosen:
    """Return what entries give."""
    pairs = [(entry.position, data) for entry in entries if (data := choose(entry)) is not None]
    given = tuple(data for _, data in pairs)
    return Chosen(tuple(position for position, _ in pairs), given, b"".join(given))


class Subscription:
    """One subscriber's queue."""

    def __init__(self, after: Position, limit: int) -> None:
        self._after = after
        self._limit = limit
        self._queue: list[bytes] = []
        self._queued = 0
        """Entries."""
        self._wake = asyncio.Event()
        self.reset_reason = ""
        """Set once the subscriber has missed changes; nothing is queued after that."""
        self.closed = False
        """Set when the server stops."""

    def offer(self, what: Chosen) -> None:
        """Queue what entries give, but for those that the subscriber has."""
        if self.reset_reason:
            return
        what = what.after(self._after)
        if not what.positions:
            return
        if self._queued + len(what.positions) > self._limit:
            self.miss(TOO_SLOW)
            return
        self._queue.append(what.joined)
        self._queued += len(what.positions)
        self._wake.set()

    def miss(self, reason: str) -> None:
        """Give up what is queued: the subscriber has to load the state anew."""
        self.reset_reason = reason
        self._forget()
        self._wake.set()

    def close(self) -> None:
        """Let the subscriber go after what is queued."""
        self.closed = True
        self._wake.set()

    async def take(self, timeout_s: float) -> bytes:
        """Return everything queued, waiting for something to come; b"" after ``timeout_s`` of silence or at the end."""
        if not self._queue and not self.reset_reason and not self.closed:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._wake.wait()
            except TimeoutError:
                if not self._queue:  # something may have come at the very moment of the timeout
                    return b""
        self._wake.clear()
        data = self._queue[0] if len(self._queue) == 1 else b"".join(self._queue)
        self._forget()
        return data

    def _forget(self) -> None:
        self._queue.clear()
        self._queued = 0


class Broadcast(Generic[Item]):
    """Reads a stream and offers each entry to every subscriber."""

    def __init__(self, stream: StreamReader[Item], subscribers: Gauge, offered: Counter, queue: int) -> None:
        """``subscribers`` and ``offered`` count those who follow and the entries offered to them."""
        self._stream = stream
        self._count = subscribers
        self._offered = offered
        self._queue = queue
        self._subscribers: dict[Choose[Item], set[Subscription]] = {}
        """By what they choose."""
        self.position: Position | None = None
        """Last entry offered; None until the stream was reached for the first time."""
        self.closed = False

    def __len__(self) -> int:
        return sum(map(len, self._subscribers.values()))

    def subscribe(self, choose: Choose[Item], after: Position) -> Subscription:
        """Return a subscription to what comes after now; entries up to ``after`` are left out."""
        subscription = Subscription(after, self._queue)
        if self.closed:
            subscription.close()
        self._subscribers.setdefault(choose, set()).add(subscription)
        self._count.set(len(self))
        return subscription

    def unsubscribe(self, choose: Choose[Item], subscription: Subscription) -> None:
        """Forget a subscription."""
        alike = self._subscribers.get(choose, set())
        alike.discard(subscription)
        if not alike:
            self._subscribers.pop(choose, None)
        self._count.set(len(self))

    def _all(self) -> Iterator[Subscription]:
        for alike in self._subscribers.values():
            yield from alike

    def close(self) -> None:
        """Let every subscriber go: the server stops."""
        self.closed = True
        for subscription in self._all():
            subscription.close()

    async def run(self) -> None:
        """Read for ever; starts again, without a gap or with a reset, when Redis was away."""
        failures = 0
        while True:
            try:
                await self._find_place()
                while (slice_ := await self._next()).upto is not None:
                    failures = 0
                    self._publish(slice_.entries)
                    self.position = slice_.upto
                    await asyncio.sleep(0)  # subscribers send what they have before more comes
                failures = 0
            except (RedisError, OSError) as error:
                delay_s = RETRY_AFTER_S[min(failures, len(RETRY_AFTER_S) - 1)]
                failures += 1
                log.warning("a stream cannot be read", error=str(error), again_in_s=delay_s)
                await asyncio.sleep(delay_s)

    async def _find_place(self) -> None:
        """Start at the end of the stream, or make sure that the place where we stood still is one."""
        state = await self._stream.state()
        if self.position is None:
            self.position = state.last
        elif state.lost_after(self.position):
            self.position = state.last
            for subscription in self._all():
                subscription.miss(TRIMMED)

    async def _next(self) -> Slice[Item]:
        assert self.position is not None
        return await self._stream.follow(self.position, READ_AT_ONCE, WAIT_MS)

    def _publish(self, entries: tuple[Item, ...]) -> None:
        for choose, alike in self._subscribers.items():
            what = chosen(choose, entries)
            if what.positions:
                for subscription in alike:
                    subscription.offer(what)
        self._offered.inc(len(entries))
