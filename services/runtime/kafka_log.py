"""The log on Kafka as the command line and the outbox look at it: how far readers are, and what topics hold.

Everything is read as committed: what a transaction has not published, or never will, is not seen. Kafka puts a mark at
the end of each transaction into every partition it wrote to; marks take offsets, so figures that come from offsets
count them, as far as each function tells.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.protocol.consumer import IsolationLevel, OffsetSpec

from services.contracts.topics import Topic
from services.runtime.entry import Entry
from services.runtime.kafka_client import LARGEST_BYTES, PATIENCE_S, admin, common, made, unavailable_when_away
from services.runtime.kafka_topics import group_of
from services.runtime.stage import Unavailable

POLL_MS: Final = 200
MARK: Final = 1
"""A partition that is read to its end still has the mark of its last transaction before it."""

Place = tuple[str, int]
"""A partition: the topic's name and the partition's number."""


def backlog(bootstrap: str, topic: Topic) -> int:
    """Return how many messages of a topic the slowest of its readers has not answered; 0 where it has no readers.

    Marks between waiting messages count as messages; 0 means that nothing waits. Raises Unavailable.
    """
    with unavailable_when_away(bootstrap), admin(bootstrap) as client:
        return behind(client, topic)


def behind(client: Any, topic: Topic) -> int:
    """As ``backlog``, with an admin client that there is. Raises what kafka-python raises."""
    if not topic.readers:
        return 0
    partitions = _partitions(client, topic.name)
    if not partitions:
        return 0
    ends = offsets(client, partitions, OffsetSpec.LATEST)
    starts = offsets(client, partitions, OffsetSpec.EARLIEST)
    reached = client.list_group_offsets({group_of(reader): partitions for reader in topic.readers})
    most = 0
    for places in reached.values():
        waiting = 0
        for partition in partitions:
            place = places[partition].offset if partition in places else -1
            waiting += max(0, ends[partition] - max(place, starts[partition]) - MARK)
        most = max(most, waiting)
    return most


def sent(bootstrap: str, topic: Topic) -> int:
    """Return how many messages were ever sent to a topic, and the marks of their transactions: an upper bound.

    Raises Unavailable.
    """
    with unavailable_when_away(bootstrap), admin(bootstrap) as client:
        return sum(offsets(client, _partitions(client, topic.name), OffsetSpec.LATEST).values())


def _partitions(client: Any, topic: str) -> list[TopicPartition]:
    """Return the partitions of a topic, none where it does not exist."""
    found = client.describe_topics([topic])
    return [TopicPartition(topic, part["partition_index"]) for described in found for part in described["partitions"]]


def offsets(client: Any, partitions: Sequence[TopicPartition], where: Any) -> dict[TopicPartition, int]:
    """Return the first kept offset of partitions, or the one after what is committed in them."""
    if not partitions:
        return {}
    found = client.list_partition_offsets(
        dict.fromkeys(partitions, where), isolation_level=IsolationLevel.READ_COMMITTED
    )
    return {partition: int(place.offset) for partition, place in found.items()}


def read_all(bootstrap: str, topic: Topic) -> list[Entry]:
    """Return every message that a topic holds, each partition in order. Raises Unavailable.

    All of it is in memory at once: for topics of some ten thousand messages, and for tests.
    """
    with unavailable_when_away(bootstrap):
        return [entry_of(topic, record) for record in records(bootstrap, topic.name) if record.value is not None]


def stream(bootstrap: str, topic: Topic) -> Iterator[Entry]:
    """Yield every message that a topic holds now, each partition in order, one after the other. Raises Unavailable."""
    with unavailable_when_away(bootstrap):
        for record in records(bootstrap, topic.name):
            if record.value is not None:
                yield entry_of(topic, record)


def latest(bootstrap: str, topic: Topic) -> dict[str, Entry]:
    """Return the newest message of each key of a compacted topic; removed keys are not there. Raises Unavailable."""
    found: dict[str, Entry] = {}
    with unavailable_when_away(bootstrap):
        for record in records(bootstrap, topic.name):
            entry = entry_of(topic, record)
            found.pop(entry.key, None)
            if record.value is not None:
                found[entry.key] = entry
    return found


def records(bootstrap: str, topic: str, begin: Mapping[int, int] | None = None) -> Iterator[Any]:
    """Yield kafka-python's records of a topic, from the offsets ``begin`` (partition to offset; else the first) to the
    end as it is now. Raises Unavailable, and what kafka-python raises.
    """
    with _consumer(bootstrap) as consumer:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
        if not partitions:
            return
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        starts = consumer.beginning_offsets(partitions)
        places = {one: max(starts[one], (begin or {}).get(one.partition, 0)) for one in partitions}
        for partition, place in places.items():
            consumer.seek(partition, place)
        moved_at = time.monotonic()
        # The last offset may be a mark, which is never given: the consumer's position passes it.
        while any(places[one] < ends[one] for one in partitions):
            batches = consumer.poll(timeout_ms=POLL_MS, max_records=2_000)
            for batch in batches.values():
                yield from (record for record in batch if record.offset < ends[TopicPartition(topic, record.partition)])
            before, places = places, {one: consumer.position(one) for one in partitions}
            if places != before:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > PATIENCE_S:
                raise Unavailable(f"Kafka at {bootstrap} does not give the rest of {topic}")


def follow(bootstrap: str, topics: Sequence[Topic], start: Mapping[Place, int] | None = None) -> Iterator[Entry]:
    """Yield messages of topics as they are published, for ever: without a consumer group, so nobody notices.

    ``start`` gives the first offset of a partition; others begin at their end as it is now. What was deleted in the
    meantime is passed over. A Kafka that goes away later is waited for. Raises Unavailable where it is away at first.
    """
    by_name = {topic.name: topic for topic in topics}
    with unavailable_when_away(bootstrap), _consumer(bootstrap) as consumer:
        partitions = [
            TopicPartition(name, number) for name in by_name for number in sorted(consumer.partitions_for_topic(name))
        ]
        consumer.assign(partitions)
        for partition, end in consumer.end_offsets(partitions).items():
            consumer.seek(partition, (start or {}).get((partition.topic, partition.partition), end))
        while True:
            for batch in consumer.poll(timeout_ms=POLL_MS).values():
                for record in batch:
                    if record.value is not None:
                        yield entry_of(by_name[record.topic], record)


@contextmanager
def _consumer(bootstrap: str) -> Iterator[Any]:
    consumer = made(
        KafkaConsumer,
        **common(bootstrap),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        max_partition_fetch_bytes=LARGEST_BYTES,
        fetch_max_wait_ms=POLL_MS,
    )
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False, timeout_ms=1_000)


def entry_of(topic: Topic, record: Any) -> Entry:
    """Return a record of kafka-python as an Entry."""
    key = (record.key or b"").decode("utf-8", "replace")
    headers = {name: value or b"" for name, value in record.headers}
    return Entry(topic, f"{record.partition}:{record.offset}", key, record.value or b"", headers)
