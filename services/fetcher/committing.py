"""The fetcher's side of the log: commits that wait together are stored as one, and one question about room serves all.

A commit costs the log a round trip (a transaction on Kafka) whatever it holds, and thousands of polls end at the same
time. So while one commit is under way the next ones gather, and are then published and stored together, or not at all.
Each caller goes on only once what it gave is durable, so the order of its own commits is kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from services.fetcher import metrics
from services.runtime.stage import Emit, Outbox, Unavailable, Write

RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 10.0
_CONGESTED_S: Final = 0.25
"""How soon a log that is congested is asked again, and how long its answer that there is room holds."""
MAX_ENTRIES: Final = 500
"""Messages and entries of one commit, unless a single caller gives more: articles are a few kB each."""


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    emits: Sequence[Emit]
    writes: Sequence[Write]
    stored: asyncio.Future[None]


class Committer:
    """Stores in ``outbox`` and has each write taken up by ``apply`` once it is durable; ``published`` is told of the
    messages then, in the order in which they were published."""

    def __init__(
        self,
        outbox: Outbox,
        apply: Callable[[Write], None],
        monotonic: Callable[[], float],
        published: Callable[[Sequence[Emit]], None] = lambda _: None,
    ) -> None:
        self._outbox = outbox
        self._apply = apply
        self._published = published
        self._monotonic = monotonic
        self._gathered: deque[_Given] = deque()
        self._work: asyncio.Task[None] | None = None
        self._room_until = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("fetcher")

    async def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        """Publish and store together; while the log is away, wait for it. Raises what the outbox says of this one."""
        given = _Given(emits, writes, asyncio.get_running_loop().create_future())
        self._gathered.append(given)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._store_gathered(), name="commits")
        await given.stored

    async def wait_for_room(self) -> None:
        """Return once readers are not too far behind."""
        if self._monotonic() < self._room_until:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_for_room(), name="room")
        # All who wait go on at once: taking turns at a lock, thousands would be overtaken by whoever comes later.
        await asyncio.shield(self._asking)

    async def close(self) -> None:
        """Give up what is not stored yet."""
        tasks = [task for task in (self._work, self._asking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_for_room(self) -> None:
        while await asyncio.to_thread(self._no_room):
            metrics.CONGESTED.set(1)
            await asyncio.sleep(_CONGESTED_S)
        metrics.CONGESTED.set(0)
        self._room_until = self._monotonic() + _CONGESTED_S

    async def _store_gathered(self) -> None:
        while self._gathered:
            await self._store(self._together())

    def _together(self) -> list[_Given]:
        taken: list[_Given] = []
        entries = 0
        while self._gathered:
            first = self._gathered[0]
            entries += len(first.emits) + len(first.writes)
            if taken and entries > MAX_ENTRIES:
                break
            self._gathered.popleft()
            if not first.stored.cancelled():  # else its poll was ended meanwhile
                taken.append(first)
        return taken

    async def _store(self, together: Sequence[_Given]) -> None:
        emits = [emit for given in together for emit in given.emits]
        writes = [write for given in together for write in given.writes]
        try:
            await self._until_stored(emits, writes)
            for write in writes:
                self._apply(write)
            if emits:
                self._published(emits)
        except Exception as error:
            if len(together) > 1:  # one of them may be at fault, and the others must not suffer for it
                for given in together:
                    await self._store([given])
            elif together and not together[0].stored.done():
                together[0].stored.set_exception(error)
        else:
            for given in together:
                if not given.stored.done():
                    given.stored.set_result(None)

    async def _until_stored(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        wait_s = RETRY_S
        while emits or writes:
            try:
                await asyncio.to_thread(self._outbox.commit, emits, writes)
                return
            except Unavailable as error:
                self._log.warning("log away", reason=str(error), then=f"tried again in {wait_s:g} s")
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_RETRY_S)

    def _no_room(self) -> bool:
        try:
            return self._outbox.congested()
        except Unavailable:  # a log that is away takes nothing: wait as for one that is full
            return True
