"""From the streams to each webhook's queue: which messages a webhook gets, and up to where it has read.

Webhooks that are up with the others are served from one reading of the stream. One that is behind (its queue was
full, or it was changed) is brought up by a reading of its own. Where it stands is written whenever something is queued
for it and every few seconds besides: what lies between was not for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import structlog

from services.api.metrics import Metrics
from services.api.sse import Position
from services.api.stream_reader import Positioned, StreamReader
from services.api.webhook_config import Webhook
from services.api.webhook_messages import Message, missed_message
from services.api.webhook_store import FULL, Stream, WebhookStore

AT_ONCE: Final = 200
"""Entries of a stream that are looked at between two rounds."""
WAIT_MS: Final = 500
NOTE_EVERY_S: Final = 5.0

log = structlog.get_logger("dateline.api.webhooks")

Item = TypeVar("Item", bound=Positioned)

Choose = Callable[[Webhook, Item], Message | None]
"""What a webhook gets of an entry; None: nothing."""


class Dispatch(Generic[Item]):
    """Follows one stream for all webhooks. Lives as long as this process is the one that delivers."""

    def __init__(
        self,
        name: Stream,
        stream: StreamReader[Item],
        store: WebhookStore,
        choose: Choose[Item],
        queued: Callable[[str], None],
        metrics: Metrics,
        most_waiting: int,
    ) -> None:
        """``queued`` is told each webhook for which messages were queued."""
        self._name = name
        self._stream = stream
        self._store = store
        self._choose = choose
        self._queued = queued
        self._metrics = metrics
        self._most_waiting = most_waiting
        self._webhooks: dict[str, Webhook] = {}
        self._read: dict[str, Position] = {}
        """Up to where each webhook's entries were looked at."""
        self._noted: dict[str, Position] = {}
        """Up to where that is written down."""
        self._blocked: set[str] = set()
        """Those whose queue is full: they stay where they are."""
        self._generation: bytes | None = None
        self._note_at = 0.0

    def refresh(self) -> None:
        """Look at all webhooks anew before going on: something about them changed."""
        self._generation = None

    def unblock(self, webhook_id: str) -> None:
        """Look at a webhook again whose queue has become shorter."""
        self._blocked.discard(webhook_id)

    async def round(self) -> None:
        """Read on once, waiting up to half a second where nothing is there. Raises redis errors."""
        if (generation := await self._store.generation()) != self._generation:
            self._take(await self._store.all())
            self._generation = generation
        moving = [webhook_id for webhook_id in self._webhooks if webhook_id not in self._blocked]
        if not moving:
            await asyncio.sleep(WAIT_MS / 1_000)
            return
        state = await self._stream.state()
        for webhook_id in moving:
            if state.lost_after(self._read[webhook_id]):
                await self._tell_missed(webhook_id, state.last)
        head = max((self._read[webhook_id] for webhook_id in moving), default=state.last)
        behind = [webhook_id for webhook_id in moving if self._read[webhook_id] < head]
        for webhook_id in behind:
            part = await self._stream.between(self._read[webhook_id], head, AT_ONCE)
            await self._advance(webhook_id, part.entries, part.upto or head)
        slice_ = await self._stream.follow(head, AT_ONCE, None if behind else WAIT_MS)
        if slice_.upto is not None and await self._store.generation() == self._generation:
            for webhook_id in moving:
                if self._read.get(webhook_id) == head:
                    await self._advance(webhook_id, slice_.entries, slice_.upto)
        if time.monotonic() >= self._note_at:
            self._note_at = time.monotonic() + NOTE_EVERY_S
            await self.note()

    async def note(self) -> None:
        """Write down where every webhook stands."""
        for webhook_id in self._webhooks:
            if self._read[webhook_id] != self._noted[webhook_id]:
                await self._move(webhook_id, (), self._read[webhook_id])

    def _take(self, webhooks: Sequence[Webhook]) -> None:
        wanted = {webhook.id: webhook for webhook in webhooks if webhook.enabled and self._name in webhook.sends}
        for webhook_id, webhook in wanted.items():
            kept: Position = getattr(webhook, self._name)
            before = self._webhooks.get(webhook_id)
            if before is None or kept != self._noted[webhook_id] or before.filters != webhook.filters:
                self._read[webhook_id] = self._noted[webhook_id] = kept
        for webhook_id in self._webhooks.keys() - wanted.keys():
            del self._read[webhook_id], self._noted[webhook_id]
        self._blocked &= wanted.keys()
        self._webhooks = wanted

    async def _advance(self, webhook_id: str, entries: Sequence[Item], upto: Position) -> None:
        webhook = self._webhooks[webhook_id]
        messages = [message for entry in entries if (message := self._choose(webhook, entry)) is not None]
        if messages:
            await self._move(webhook_id, messages, upto)
        else:
            self._read[webhook_id] = upto

    async def _tell_missed(self, webhook_id: str, last: Position) -> None:
        self._metrics.webhook_missed.inc()
        log.warning("a webhook missed entries: they are no longer kept", webhook=webhook_id, stream=self._name)
        await self._move(webhook_id, (missed_message(self._name, self._read[webhook_id], last),), last)

    async def _move(self, webhook_id: str, messages: Sequence[Message], upto: Position) -> None:
        answer = await self._store.move(
            webhook_id,
            self._name,
            self._noted[webhook_id],
            upto,
            messages,
            now_ms=time.time_ns() // 1_000_000,
            most=self._most_waiting,
        )
        if answer >= 0:
            self._read[webhook_id] = self._noted[webhook_id] = upto
            if messages:
                self._queued(webhook_id)
            return
        if answer == FULL:
            self._blocked.add(webhook_id)
        else:  # it is gone, or was changed
            self.refresh()
