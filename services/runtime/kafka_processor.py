"""What a lane does with its messages: runs a stage or a sink, and keeps what that needs in memory and on disk."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from aiokafka import TopicPartition

from services.runtime import heap, telemetry
from services.runtime.clock import LeastDelay, SinkClock, StageClock, failed
from services.runtime.dead_letters import WorkerDied
from services.runtime.entry import Answer, Entry, dead_answer, decode
from services.runtime.kafka_client import LARGEST_BYTES
from services.runtime.kafka_link import KafkaLink
from services.runtime.kafka_table import CommittedStore, Record
from services.runtime.stage import Emit, Failure, Sink, Stage, Unavailable

log = structlog.get_logger()


class TooLargeError(ValueError):
    """An output that Kafka would not take."""


class SpoiledError(Exception):
    """A batch cannot be answered as a whole; the lane opens anew and takes its messages one by one."""


class Processor(ABC):
    """What a lane does with messages, and what it keeps in memory for that."""

    keeps_state = False
    """True where a changelog goes with it."""
    has_effects = False
    """True where it writes outside of Kafka and notes how far."""
    looks_around = False
    """True where it has something to see to while no message comes."""

    time: StageClock | None = None
    """What time it is for the stage; None where nothing comes due in its table without a message."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.now = clock

    @abstractmethod
    async def begin(self, link: KafkaLink, partition: TopicPartition, place: int) -> int:
        """Get ready to answer from ``place`` on, the committed one. Return where to begin: there, or elsewhere."""

    @abstractmethod
    def answer(self, entries: Sequence[Entry]) -> list[Answer]:
        """Answer entries, in a thread. Raises Unavailable, SpoiledError."""

    def due(self, due_by: datetime) -> Answer | None:
        """Return, in a thread, the next thing that has come due without a message; None where nothing is left."""
        return None

    def effective(self, partition: TopicPartition, place: int) -> None:
        """Note, in a thread, that the effects up to ``place`` stand, before it is committed. Raises Unavailable."""
        raise AssertionError(f"{self.name} has no effects outside of Kafka: ask has_effects first")

    @abstractmethod
    def committed(self, partition: int, place: int, records: Sequence[Record], position: int | None) -> None:
        """Take in that a transaction was committed: the new place, and changelog records with the last one's offset.

        Raises SpoiledError where the state in memory must be built anew.
        """

    def look_around(self, partition: TopicPartition) -> None:
        """See, in a thread, whether effects still stand, and do what is due there. Raises Unavailable where not."""
        raise AssertionError(f"{self.name} has no effects outside of Kafka: ask looks_around first")

    @abstractmethod
    def end(self, partition: int) -> None:
        """Let go of what is kept on disk."""

    def _dead(self, entry: Entry, error: Exception) -> Answer:
        return dead_answer(self.name, entry, error, self.now())

    def died(self, entry: Entry, tries: int) -> Answer:
        """Return the dead letter of a message that workers died of."""
        return self._dead(entry, WorkerDied(f"tried {tries} times, and each time the worker died before it answered"))


class StageProcessor(Processor):
    """Runs a stage: one instance for this partition, rebuilt from its table where it has one."""

    def __init__(
        self,
        build: Callable[[], Stage],
        store: CommittedStore | None,
        changelog: str,
        clock: Callable[[], datetime],
        tick_s: float = 0.0,
        among: LeastDelay | None = None,
    ) -> None:
        """``tick_s``: seconds between two looks at what has come due without a message; 0: none. ``among``: what the
        worker's processors know together of the delay of messages.
        """
        self._build = build
        self._stage = build()
        self._place: int | None = None
        """Place in the input that the instance's state belongs to; None: unknown."""
        self._spoiled = False
        """True where the instance has taken up what will not be committed."""
        self._store = store
        self.keeps_state = store is not None
        self.time = StageClock(tick_s, among) if store is not None else None
        self._changelog = changelog
        super().__init__(self._stage.name, clock)

    async def begin(self, link: KafkaLink, partition: TopicPartition, place: int) -> int:
        if self._store is not None and self._place != place:
            await self._rebuild(link, TopicPartition(self._changelog, partition.partition))
            # committed in one transaction with the state, it is never behind what Kafka says of the group
            place = self._place = max(place, self._store.place(partition.partition))
        return place

    async def _rebuild(self, link: KafkaLink, changelog: TopicPartition) -> None:
        assert self._store is not None
        number = changelog.partition
        _, end = await link.bounds(changelog)
        position = self._store.position(number)
        if position is None or position >= end:  # nothing here, too old, or of another Kafka
            self._store.forget(number)
            position = None
        telemetry.REBUILT.labels(self.name, "changelog" if position is None else "checkpoint").inc()
        async for records, reached in link.changelog(changelog, position):
            self._store.write(number, records, reached)
        self._stage = self._build()
        try:
            await asyncio.to_thread(self._stage.load, self._store.entries(number))
        except Exception:
            if position is not None:  # the next attempt reads the changelog alone
                self._store.forget(number)
            raise
        heap.settle()  # what was loaded lives as long as the instance

    def answer(self, entries: Sequence[Entry]) -> list[Answer]:
        self._place = None  # until it is committed
        readable, unreadable = decode(entries)
        by_position = {entry.position: self._dead(entry, error) for entry, error in unreadable}
        messages = [message for _, message in readable]
        now = self.now()
        if self.time is not None:
            self.time.heard(now, (message.time for message in messages))
        try:
            with telemetry.BATCH_SECONDS.labels(self.name, "handle").time():
                outcomes = self._stage.handle_many(messages, now)
        except Exception as error:
            if len(entries) > 1:
                raise SpoiledError(f"{type(error).__name__}: {error}") from error
            self._spoiled = True
            return [self._dead(entries[0], error)]
        for (entry, message), outcome in zip(readable, outcomes, strict=True):
            if isinstance(outcome, Failure):
                by_position[entry.position] = self._dead(entry, outcome.error)
                continue
            answer = Answer(entry, outcome.emits, outcome.writes, message.traceparent)
            too_large = [emit for emit in outcome.emits if emit.value.ByteSize() > LARGEST_BYTES // 2]
            if too_large:
                if outcome.writes and len(entries) > 1:
                    raise SpoiledError(f"an output to {too_large[0].topic.name} is too large")
                self._spoiled = bool(outcome.writes)
                answer = self._dead(entry, TooLargeError(_too_large(too_large[0])))
            by_position[entry.position] = answer
            telemetry.LAG_SECONDS.labels(self.name).observe(max(0.0, (now - message.time).total_seconds()))
        return [by_position[entry.position] for entry in entries]

    def due(self, due_by: datetime) -> Answer | None:
        assert self.time is not None
        outcome = self.time.step(self._stage, due_by)
        too_large = [emit for emit in outcome.emits if emit.value.ByteSize() > LARGEST_BYTES // 2]
        if too_large:
            failed(self.name, TooLargeError(_too_large(too_large[0])))
        if outcome.empty or too_large:
            return None
        self._place = None  # until it is committed
        for write in outcome.writes:
            self._stage.apply(write)
        return Answer(None, outcome.emits, outcome.writes)

    def committed(self, partition: int, place: int, records: Sequence[Record], position: int | None) -> None:
        if self._store is not None and position is not None:
            self._store.write(partition, records, position)
        if self._spoiled:
            self._spoiled = False
            raise SpoiledError("the state holds what a dead letter's message had changed")
        self._place = place

    def end(self, partition: int) -> None:
        if self._store is not None:
            self._store.release(partition)

    def gauges(self) -> dict[str, float]:
        """Figures that the stage tells of itself."""
        return dict(self._stage.health().gauges)


class SinkProcessor(Processor):
    """Runs a sink, shared by all lanes of a worker."""

    looks_around = True

    def __init__(self, sink: Sink, clock: Callable[[], datetime], tick_s: float = 0.0) -> None:
        """``tick_s``: seconds between two looks at what has come due without a message; 0: none."""
        self._sink = sink
        self._ticks = SinkClock(tick_s)
        self.has_effects = sink.keeps_notes
        self._noted: int | None = None
        super().__init__(sink.name, clock)

    async def begin(self, link: KafkaLink, partition: TopicPartition, place: int) -> int:
        if not self.has_effects:
            return place
        self._noted = await asyncio.to_thread(self._sink.reached, _name(partition))
        first, end = await link.bounds(partition)
        begin = first if self._noted is None or self._noted > end else max(first, self._noted)
        if begin < place:
            telemetry.REFILLED.labels(self.name).inc()
            log.warning("written anew", sink=self.name, partition=_name(partition), place=begin, committed=place)
        return begin

    def answer(self, entries: Sequence[Entry]) -> list[Answer]:
        readable, unreadable = decode(entries)
        by_position = {entry.position: self._dead(entry, error) for entry, error in unreadable}
        now = self.now()
        with telemetry.BATCH_SECONDS.labels(self.name, "handle").time():
            faults = self._sink.write([message for _, message in readable], now)
        for (entry, message), fault in zip(readable, faults, strict=True):
            by_position[entry.position] = Answer(entry) if fault is None else self._dead(entry, fault)
            telemetry.LAG_SECONDS.labels(self.name).observe(max(0.0, (now - message.time).total_seconds()))
        return [by_position[entry.position] for entry in entries]

    def effective(self, partition: TopicPartition, place: int) -> None:
        if not self._sink.note(_name(partition), self._noted, place):
            raise Unavailable("what the sink writes to was emptied or set back, or another worker writes there")
        self._noted = place

    def committed(self, partition: int, place: int, records: Sequence[Record], position: int | None) -> None:
        """Nothing is kept in memory."""

    def look_around(self, partition: TopicPartition) -> None:
        if self.has_effects and self._sink.reached(_name(partition)) != self._noted:
            raise Unavailable("what the sink writes to was emptied or set back")
        self._ticks.pass_time(self._sink, self.now())

    def end(self, partition: int) -> None:
        """Nothing is kept on disk."""


def _name(partition: TopicPartition) -> str:
    return f"{partition.topic}/{partition.partition}"


def _too_large(emit: Emit) -> str:
    return f"the output to {emit.topic.name} has {emit.value.ByteSize()} bytes, more than {LARGEST_BYTES // 2}"
