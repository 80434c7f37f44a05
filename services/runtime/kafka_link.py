"""What the lanes of one worker ask of Kafka: producers, committed offsets, changelogs, how far readers are behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupLoadInProgressError

from services.contracts.topics import Topic
from services.runtime.kafka_client import LARGEST_BYTES
from services.runtime.kafka_table import Record
from services.runtime.kafka_topics import group_of

COMMITTED: Final = "read_committed"
REQUEST_MS: Final = 20_000
TRANSACTION_MS: Final = 60_000
"""Kafka aborts a transaction that is open for longer: its worker has died, and readers wait for its end."""

CLOSE_S: Final = 5.0
READ_MS: Final = 500


@dataclass(frozen=True, slots=True)
class Committed:
    """The consumer group's place in one partition."""

    offset: int | None
    """Next offset to answer; None where nothing was ever committed."""
    note: str
    """What was written beside it."""


class KafkaLink:
    """One worker's connections. All methods may raise aiokafka's KafkaError while brokers are away."""

    def __init__(self, servers: str, stage: str, worker: str) -> None:
        self._servers = [server.strip() for server in servers.split(",")]
        self._stage = stage
        self._client_id = worker
        self._admin: AIOKafkaAdminClient | None = None
        self._asker: AIOKafkaConsumer | None = None
        self._turn = asyncio.Lock()
        self._counts: dict[str, int] = {}

    @property
    def group(self) -> str:
        """The stage's consumer group."""
        return group_of(self._stage)

    async def start(self) -> None:
        """Connect."""
        self._admin = AIOKafkaAdminClient(
            bootstrap_servers=self._servers, client_id=f"{self._client_id}-admin", request_timeout_ms=REQUEST_MS
        )
        await self._admin.start()
        self._asker = self._consumer()
        await self._asker.start()

    async def stop(self) -> None:
        """Let go of the connections."""
        if self._admin is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._admin.close(), CLOSE_S)
        if self._asker is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._asker.stop(), CLOSE_S)

    async def producer(self, transactional_id: str) -> AIOKafkaProducer:
        """Return a started producer of that id. From now on whoever had the id before is refused by Kafka, and what
        it had not committed is undone.
        """
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=f"{self._client_id}-{transactional_id}",
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_MS,
            acks="all",
            compression_type="zstd",
            max_request_size=LARGEST_BYTES,
            request_timeout_ms=REQUEST_MS,
            linger_ms=0,
        )
        try:
            await asyncio.wait_for(producer.start(), 3 * REQUEST_MS / 1000)
        except BaseException:
            await close(producer)
            raise
        return producer

    async def committed(self, partition: TopicPartition) -> Committed:
        """Return the group's place in a partition.

        A coordinator that has just started and still loads its groups answers with nothing. That is no answer: taken
        for "never committed", it would have the partition answered from its beginning again.
        """
        assert self._admin is not None
        found = await self._admin.list_consumer_group_offsets(self.group, partitions=[partition])
        place = found.get(partition)
        if place is None:
            raise GroupLoadInProgressError(f"the place of {self.group} in {partition.topic} is not known yet")
        if place.offset < 0:
            return Committed(None, "")
        return Committed(place.offset, place.metadata or "")

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """Return the first offset that is kept and the one after the last committed message."""
        assert self._asker is not None
        async with self._turn:
            first = await self._asker.beginning_offsets([partition])
            last = await self._asker.end_offsets([partition])
        return int(first[partition]), int(last[partition])

    async def behind(self, topic: Topic) -> int:
        """Return how far the slowest reader of a topic is behind, in offsets (transactions' markers count too)."""
        assert self._admin is not None
        assert self._asker is not None
        partitions = await self._partitions(topic)
        async with self._turn:
            first = await self._asker.beginning_offsets(partitions)
            last = await self._asker.end_offsets(partitions)
        most = 0
        for reader in topic.readers:
            places = await self._admin.list_consumer_group_offsets(group_of(reader), partitions=partitions)
            waiting = 0
            for partition in partitions:
                waiting += max(0, last[partition] - _reached(places.get(partition), first[partition]))
            most = max(most, waiting)
        return most

    async def waits(self, topic: Topic, before: datetime) -> bool:
        """True where a message of a topic that was sent before then is not answered by every reader."""
        assert self._admin is not None
        assert self._asker is not None
        partitions = await self._partitions(topic)
        async with self._turn:
            first = await self._asker.beginning_offsets(partitions)
            last = await self._asker.end_offsets(partitions)
            later = await self._asker.offsets_for_times(dict.fromkeys(partitions, round(before.timestamp() * 1000)))
        for reader in topic.readers:
            places = await self._admin.list_consumer_group_offsets(group_of(reader), partitions=partitions)
            for partition in partitions:
                bound = later.get(partition)
                answered_to = last[partition] if bound is None else bound.offset
                if _reached(places.get(partition), first[partition]) < answered_to:
                    return True
        return False

    async def _partitions(self, topic: Topic) -> list[TopicPartition]:
        """Return the partitions that a topic really has: an operator may have added some for a stateless stage."""
        assert self._admin is not None
        if topic.name not in self._counts:
            (found,) = await self._admin.describe_topics([topic.name])
            self._counts[topic.name] = max(1, len(found["partitions"]))
        return [TopicPartition(topic.name, number) for number in range(self._counts[topic.name])]

    async def changelog(self, partition: TopicPartition, after: int | None) -> AsyncIterator[tuple[list[Record], int]]:
        """Yield what a changelog partition holds after an offset up to its end now: records, and the offset reached."""
        first, end = await self.bounds(partition)
        begin = first if after is None else max(first, after + 1)
        if begin >= end:
            return
        async with self.follower([(partition, begin)]) as consumer:
            while True:
                batches = await consumer.getmany(timeout_ms=READ_MS)
                for found in batches.values():
                    yield [(record.key, record.value) for record in found], found[-1].offset
                # the last offsets may be a transaction's marker, which no consumer is given: its position passes it
                if await consumer.position(partition) >= end:
                    return

    @asynccontextmanager
    async def follower(self, places: Iterable[tuple[TopicPartition, int]]) -> AsyncIterator[AIOKafkaConsumer]:
        """Give a consumer, of no group, of partitions from given offsets on."""
        consumer = self._consumer()
        await consumer.start()
        try:
            places = list(places)
            consumer.assign([partition for partition, _ in places])
            for partition, offset in places:
                consumer.seek(partition, offset)
            yield consumer
        finally:
            with suppress(Exception):
                await asyncio.wait_for(consumer.stop(), CLOSE_S)

    async def missing(self, topics: Sequence[str]) -> list[str]:
        """Return those of the topics that Kafka does not have."""
        assert self._admin is not None
        have = await self._admin.list_topics()
        return [topic for topic in topics if topic not in have]

    def _consumer(self) -> Any:
        return AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id=f"{self._client_id}-tables",
            isolation_level=COMMITTED,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            request_timeout_ms=REQUEST_MS,
            max_partition_fetch_bytes=LARGEST_BYTES,
            max_poll_records=2_000,
        )


def _reached(place: Any, first: int) -> int:
    """Return up to where a group has answered a partition: what is deleted already, or was never asked for, counts."""
    return max(first, place.offset) if place is not None else first


async def close(producer: AIOKafkaProducer) -> None:
    """Let go of a producer, whatever state it is in."""
    with suppress(Exception):
        await asyncio.wait_for(producer.stop(), CLOSE_S)
