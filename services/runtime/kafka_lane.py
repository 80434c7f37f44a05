"""A lane: one input partition of a stage or sink on Kafka, from its messages to the transaction that answers them.

What makes an answer count exactly once:

1. The lane's producer has a transactional id made of stage, topic and partition. Opening a lane opens that producer,
   and from then on Kafka refuses whoever opened it before: a worker that slept through its session changes nothing.
2. Only then the lane reads how far the group has got in its partition, and the changelog of its table to the end. So it
   begins with the state of exactly that place.
3. One transaction holds the outputs, the dead letters, the changelog records and the new place. All readers read
   committed messages only.
4. If anything goes wrong, the lane opens anew. A stage instance that has taken up writes which were not committed is
   given up; one whose place is the committed one is kept.

A sink's effect is outside of Kafka. It notes its place beside its effects (``Sink.note``), and that note decides where
the lane begins, so that a target that was emptied or set back is written anew.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from services.contracts.topics import BY_NAME
from services.runtime import telemetry
from services.runtime.entry import Answer, Entry, headers_of
from services.runtime.kafka_link import Committed, KafkaLink, close
from services.runtime.kafka_note import Note, read_note
from services.runtime.kafka_processor import Processor, SpoiledError
from services.runtime.kafka_producer import partition_of
from services.runtime.kafka_table import PLACE, Record
from services.runtime.kafka_topics import changelog_of
from services.runtime.stage import Emit, Unavailable

MAX_TRIES: Final = 10
"""A message at which this many workers died, alone since the second time, becomes a dead letter."""

DOUBTS: Final = 5
RETRY_FIRST_S: Final = 0.1
RETRY_MOST_S: Final = 3.0
COMMIT_S: Final = 60.0
FULL: Final = 1_000
FULL_BYTES: Final = 4 << 20
"""So much may wait in a lane before its partition is held. Far more than a batch: Faust takes up to a second to fetch
a partition again that was held."""

IDLE_S: Final = 2.0
"""After so long without messages a lane looks whether it has missed some, and a sink whether its note still stands."""
QUIET: Final = 10
"""After so many looks in a row that found nothing, a lane commits past the markers behind its last message."""

log = structlog.get_logger()


class Surroundings(ABC):
    """What a lane needs of the worker that runs it."""

    link: KafkaLink
    owner: str
    """Name of this run of the worker."""
    batch: int
    source: str
    """CloudEvents source of what is sent: "/dateline/dedup"."""
    known: dict[TopicPartition, int]
    """Places that this worker has committed: the group is there or further, whatever a restarting broker says."""

    @abstractmethod
    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Run work that takes the processor: one at a time in a worker."""

    @abstractmethod
    async def room(self) -> None:
        """Wait while the readers of the outputs are too far behind."""

    @abstractmethod
    async def seek(self, partition: TopicPartition, offset: int) -> None:
        """Fetch a partition from ``offset`` on."""

    @abstractmethod
    async def ahead(self, partition: TopicPartition, offset: int) -> tuple[int, bool]:
        """Return which offset is fetched next, and whether messages may lie between ``offset`` and there.

        Where it is not known now: ``offset`` itself, and no.
        """

    @abstractmethod
    async def upstream_answered(self) -> bool:
        """True where no message from before ``LATENESS`` waits in the topics of which the stage's inputs are made."""

    @abstractmethod
    def owns(self, partition: TopicPartition) -> bool:
        """True where the partition is this worker's, as far as it knows."""

    @abstractmethod
    def hold(self, partition: TopicPartition, on: bool) -> None:
        """Fetch no more of a partition for now, or go on."""

    @abstractmethod
    async def reassigned(self) -> None:
        """Wait for the next assignment, or as long as a session lasts."""


class Lane:
    """One partition at work. ``run`` returns only when it is cancelled."""

    def __init__(self, partition: TopicPartition, processor: Processor, around: Surroundings) -> None:
        self.partition = partition
        self.open = False
        self.busy = False
        """True while a batch is answered: better wait for its end than make another worker answer it again."""
        self._processor = processor
        self._around = around
        self._topic = BY_NAME[partition.topic]
        self._id = f"{around.link.group}-{partition.topic}-{partition.partition}"
        self._producer: Any = None
        self._waiting: deque[Any] = deque()
        self._waiting_bytes = 0
        self._tail = -1
        """Offset that must come next; -1: the lane is not open."""
        self._place = 0
        """Offset to answer next."""
        self._tries = 0
        self._single = 0
        """So many messages are answered one by one."""
        self._arrived = asyncio.Event()
        self._held = False
        self._leaving = False
        self._seeking: asyncio.Task[None] | None = None
        self._looks = 0
        """How often it looked around since its last message."""

    # what comes in

    def offer(self, message: Any) -> None:
        """Take a fetched message, if it is the next one; see to it that the next one is fetched if it is not."""
        if self._tail < 0:
            return
        if message.offset < self._tail:
            telemetry.MESSAGES.labels(self._processor.name, "repeated").inc()
            return
        if message.offset > self._tail and message.reached > self._tail:
            self._fetch_again()
            return
        self._waiting.append(message)
        self._tail = message.offset + 1
        self._arrived.set()
        self._waiting_bytes += len(message.value or b"")
        if not self._held and (len(self._waiting) >= FULL or self._waiting_bytes >= FULL_BYTES):
            self._held = True
            self._around.hold(self.partition, True)

    def _fetch_again(self) -> None:
        if self._seeking is None or self._seeking.done():
            telemetry.FETCHED_AGAIN.labels(self._processor.name).inc()
            self._seeking = asyncio.create_task(self._around.seek(self.partition, self._tail))

    def leave(self) -> None:
        """Finish the batch at hand, then end ``run``."""
        self._leaving = True
        self._arrived.set()

    # work

    async def run(self) -> None:
        """Open and work, again and again."""
        pause = RETRY_FIRST_S
        try:
            while not self._leaving:
                try:
                    await self._begin()
                    pause = RETRY_FIRST_S
                    await self._work()
                except (ProducerFenced, InvalidProducerEpoch):
                    self._count("fenced")
                    log.warning("another worker has taken over", lane=self._id)
                    self._shut()
                    await self._around.reassigned()
                except SpoiledError as error:
                    log.warning("a batch is answered one by one", lane=self._id, reason=str(error))
                    self._single = max(self._single, self._around.batch)
                except (KafkaError, Unavailable, OSError, TimeoutError) as error:
                    self._count("given-up")
                    telemetry.RECONNECTS.labels(self._processor.name).inc()
                    reason = f"{type(error).__name__}: {error}"
                    log.warning("lane opens anew", lane=self._id, reason=reason, again_in_s=round(pause, 2))
                    self._shut()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, RETRY_MOST_S)
                except Exception:  # a defect of ours must not stop the partition for ever, and must be seen
                    log.exception("lane broke", lane=self._id)
                    self._shut()
                    await asyncio.sleep(RETRY_MOST_S)
        finally:
            self._shut()
            if self._producer is not None:
                await close(self._producer)
            self._processor.end(self.partition.partition)

    def _count(self, outcome: str) -> None:
        if self.open:
            telemetry.TRANSACTIONS.labels(self._processor.name, outcome).inc()

    def _shut(self) -> None:
        self.open = self.busy = False
        self._tail = -1
        self._waiting.clear()
        self._waiting_bytes = 0
        self._release()

    async def _begin(self) -> None:
        """Fence whoever was here before, then learn the place and rebuild what belongs to it."""
        self._shut()
        link = self._around.link
        if not self._around.owns(self.partition):
            await self._around.reassigned()
        if self._producer is not None:
            await close(self._producer)
        self._producer = await link.producer(self._id)
        place = await self._committed()
        first, _ = await link.bounds(self.partition)
        if place.offset is not None and place.offset < first:
            log.error(
                "messages were removed before they were answered: they are lost. Raise the topic's retention",
                lane=self._id,
                lost=first - place.offset,
            )
        committed = max(first, place.offset or 0, self._around.known.get(self.partition, 0))
        note = read_note(place.note)
        self._tries = note.tries_before(self._around.owner)
        self._place = await self._processor.begin(link, self.partition, committed)
        if self._processor.time is not None:
            self._processor.time.begin(note.delay)
        self._tail = self._place
        self.open = True
        await self._around.seek(self.partition, self._place)

    async def _committed(self) -> Committed:
        """Return the group's place. That nothing was ever committed is asked again before it is believed: a broker that
        has just started may not have loaded the group yet.
        """
        for _ in range(DOUBTS):
            place = await self._around.link.committed(self.partition)
            if place.offset is not None:
                return place
            await asyncio.sleep(RETRY_FIRST_S)
        return Committed(None, "")

    async def _work(self) -> None:
        noted = False
        while not self._leaving:
            messages = await self._take()
            if self._leaving:
                return
            if messages:
                self._looks = 0
                await self._around.room()
                self.busy = True
                if not noted:
                    await self._note_try()
                    noted = True
                await self._answer(messages)
                self.busy = False
            elif self._processor.time is None or not self._processor.time.more:
                self._looks += 1
                await self._look_around()
            await self._pass_time()

    async def _answer(self, messages: Sequence[Any]) -> None:
        entries = [self._entry(message) for message in messages]
        place = messages[-1].offset + 1
        if self._tries >= MAX_TRIES:
            answers = [self._processor.died(entries[0], self._tries)]
        else:
            answers = await self._around.in_thread(partial(self._processor.answer, entries))
        await self._commit(answers, place)

    async def _pass_time(self) -> None:
        """Do a step of what has come due without a message, if all messages are answered."""
        processor = self._processor
        if processor.time is None or self._tries or self._leaving:
            return
        now = processor.now()
        due_by = processor.time.asks(now)
        if due_by is None:
            return
        answer: Answer | None = None
        if processor.time.more or await self._caught_up():
            await self._around.room()
            self.busy = True
            answer = await self._around.in_thread(partial(processor.due, due_by))
            if answer is not None:
                await self._commit([answer], self._place)
                telemetry.DUE_STEPS.labels(processor.name, "taken").inc()
            self.busy = False
        processor.time.looked(now, more=answer is not None)

    async def _caught_up(self) -> bool:
        """True where no message waits in the partition, and none for long in the topics that it is made of."""
        position, passed = await self._around.ahead(self.partition, self._tail)
        _, end = await self._around.link.bounds(self.partition)
        return position >= end and not passed and not self._waiting and await self._around.upstream_answered()

    async def _take(self) -> list[Any]:
        """Return the next messages; none where none came for a while."""
        if not self._waiting:
            self._arrived.clear()
            self._release()
            try:
                hurried = self._processor.time is not None and self._processor.time.more
                await asyncio.wait_for(self._arrived.wait(), 0.0 if hurried else IDLE_S)
            except TimeoutError:
                return []
        most = 1 if self._tries or self._single else self._around.batch
        self._single = max(0, self._single - most)
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._waiting_bytes -= sum(len(message.value or b"") for message in taken)
        if len(self._waiting) < FULL // 2 and self._waiting_bytes < FULL_BYTES // 2:
            self._release()
        return taken

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._around.hold(self.partition, False)

    async def _look_around(self) -> None:
        """See to what may go unnoticed while nothing comes: messages passed over, effects undone or due."""
        if self._processor.looks_around:
            await self._around.in_thread(partial(self._processor.look_around, self.partition))
        position, passed = await self._around.ahead(self.partition, self._tail)
        if passed:
            first, _ = await self._around.link.bounds(self.partition)
            if first > self._tail:
                raise Unavailable(f"messages were removed before they were answered, up to offset {first}")
            self._fetch_again()
        elif position > self._place and self._looks >= QUIET and not self._waiting and not self._tries:
            # only markers of transactions lie between: without this, a reader that has read all would seem behind
            await self._commit([], position)

    def _entry(self, message: Any) -> Entry:
        return Entry(
            self._topic,
            f"{message.partition}:{message.offset}",
            (message.key or b"").decode("utf-8", "replace"),
            message.value or b"",
            {name: value or b"" for name, value in message.headers or ()},
        )

    # what goes out

    async def _note_try(self) -> None:
        """Leave word that this worker begins here: if it dies of the message, the next one knows."""
        note = self._note(self._tries + 1)
        await self._transaction([], [], OffsetAndMetadata(self._place, note))

    def _note(self, tries: int = 0) -> str:
        time = self._processor.time
        return Note(tries, self._around.owner if tries else "", time.delay if time is not None else None).text()

    async def _commit(self, answers: Sequence[Answer], place: int) -> None:
        name = self._processor.name
        if self._processor.has_effects:  # else not worth a turn in the thread, behind the answers of all other lanes
            await self._around.in_thread(partial(self._processor.effective, self.partition, place))
        emits = [(emit, answer.traceparent) for answer in answers for emit in answer.emits]
        records: list[Record] = [(write.key.encode(), write.value) for answer in answers for write in answer.writes]
        if self._processor.keeps_state:
            records.append((PLACE, str(place).encode()))
        with telemetry.BATCH_SECONDS.labels(name, "commit").time():
            position = await self._transaction(emits, records, OffsetAndMetadata(place, self._note()))
        self._processor.committed(self.partition.partition, place, records, position)
        self._place, self._tries = place, 0
        self._around.known[self.partition] = place
        telemetry.TRANSACTIONS.labels(name, "committed").inc()
        telemetry.MESSAGES.labels(name, "processed").inc(sum(answer.entry is not None for answer in answers))
        for emit, _ in emits:
            telemetry.EMITTED.labels(name, emit.topic.name).inc()

    async def _transaction(
        self, emits: Sequence[tuple[Emit, str]], records: Sequence[Record], place: OffsetAndMetadata
    ) -> int | None:
        """Send everything in one transaction; return the offset of the last changelog record."""
        return await asyncio.wait_for(self._send(emits, records, place), COMMIT_S)

    async def _send(
        self, emits: Sequence[tuple[Emit, str]], records: Sequence[Record], place: OffsetAndMetadata
    ) -> int | None:
        producer, around = self._producer, self._around
        await producer.begin_transaction()
        sent, stored = [], []
        for emit, parent in emits:
            headers = list(headers_of(emit, around.source, parent).items())
            value = emit.value.SerializeToString(deterministic=True)
            partition = partition_of(emit.topic, emit.key)
            sent.append(await producer.send(emit.topic.name, value, emit.key.encode(), partition, headers=headers))
        changelog, number = changelog_of(self._processor.name), self.partition.partition
        for key, entry in records:
            stored.append(await producer.send(changelog, entry, key, number))
        await producer.send_offsets_to_transaction({self.partition: place}, around.link.group)
        await asyncio.gather(*sent)
        metadata = await asyncio.gather(*stored)
        await producer.commit_transaction()
        return max((each.offset for each in metadata), default=None)
