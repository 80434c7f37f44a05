"""The linker as a stage: mentions in; the latest state of every event they touch, and what changed in it, out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Final

from services.contracts.dateline.v1 import event_pb2
from services.contracts.topics import CHANGES, EVENTS, MENTIONS, Topic
from services.linker.activity import Memory
from services.linker.batch import Batch
from services.linker.resting import FORGOTTEN_A_STEP, rest
from services.linker.table import Table, day_of_us
from services.runtime.stage import Health, Message, Outcome, Stage, Write

FORGOTTEN_AT_ONCE: Final = 16
"""Articles and ids of merged events forgotten with one message, so that no message waits for a great clearing."""

DEFAULT_MEMORY: Final = Memory()


class Linker(Stage):
    """Links mentions to events.

    One owner per topic family sees all its mentions in order. Everything it knows is in its table: one entry an event,
    one an article and family, one for each event that was merged into another.
    """

    name: ClassVar[str] = "linker"
    inputs: ClassVar[tuple[Topic, ...]] = (MENTIONS,)
    outputs: ClassVar[tuple[Topic, ...]] = (EVENTS, *CHANGES.values())
    stateful: ClassVar[bool] = True

    def __init__(self, memory: Memory = DEFAULT_MEMORY) -> None:
        self._table = Table(memory)

    def handle(self, message: Message, now: datetime) -> Outcome:
        """Link one batch. Raises ValueError, saying what is missing, where it names no article or topic family."""
        batch = message.value
        if not isinstance(batch, event_pb2.MentionBatch):
            raise ValueError(
                f"the linker reads MentionBatch, not {type(batch).__name__}: check what feeds {MENTIONS.name}"
            )
        if batch.topic not in CHANGES:
            raise ValueError(f"{batch.topic!r} is not a topic family: the extractor must set MentionBatch.topic")
        if not batch.article.id:
            raise ValueError("the batch names no article: the extractor must set MentionBatch.article.id")
        for mention in batch.mentions:
            if not mention.id or not mention.type:
                raise ValueError(
                    f"a mention of article {batch.article.id} has no id or no type: the extractor must set both"
                )
        outcome = Batch(self._table, message, batch).outcome()
        return Outcome(outcome.emits, outcome.writes + self._forget(message.time, outcome.writes))

    def due(self, now: datetime) -> Outcome:
        """Mark some of the events that are overdue, quiet or archived by ``now``, or forget what is too old by then."""
        for topic in CHANGES:
            outcome = rest(self._table, topic, now)
            if not outcome.empty:
                return outcome
        old = self._table.expired(day_of_us(round(now.timestamp() * 1_000_000)), FORGOTTEN_A_STEP)
        return Outcome((), tuple(Write(key, None) for key in old))

    def apply(self, write: Write) -> None:
        """Take up one entry. Raises ValueError for a key or format that is not the linker's."""
        self._table.apply(write)

    def load(self, entries: Iterable[Write]) -> None:
        """Take up all stored entries. Records that cannot be read are left out and counted, see ``health``."""
        self._table.load(entries)

    def health(self) -> Health:
        """Return how many events and articles are known, and what they weigh."""
        return Health(
            {
                "events": float(len(self._table.index)),
                "events_live": float(self._table.held("live")),
                "events_quiet": float(self._table.held("quiet")),
                "events_archived": float(self._table.held("archived")),
                "events_divided": float(self._table.held("divided")),
                "ids_merged": float(self._table.held("merged")),
                "faulty_entries": float(self._table.held("faulty")),
                "articles": float(self._table.held("articles")),
                "index_keys": float(self._table.index.keys),
                "stored_bytes": float(self._table.stored_bytes),
            }
        )

    def _forget(self, time: datetime, written: tuple[Write, ...]) -> tuple[Write, ...]:
        today = day_of_us(round(time.timestamp() * 1_000_000))
        kept = {write.key for write in written}
        old = self._table.expired(today, FORGOTTEN_AT_ONCE)
        return tuple(Write(key, None) for key in old if key not in kept)
