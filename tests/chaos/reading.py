"""Reading what is committed on Kafka: whole topics after a run, and how far everybody has got while it lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from services.contracts.topics import ALL, BY_NAME, Topic
from services.runtime.kafka_client import AWAY, common
from services.runtime.kafka_table import PLACE
from services.runtime.kafka_topics import group_of
from tests.chaos.record import Record
from tests.chaos.timeline import Owned, Step, Timeline

POLL_MS: Final = 200
SAMPLE_S: Final = 0.25
STALE_S: Final = 2.0
"""A look older than this says nothing: Kafka is away."""
READERS: Final = tuple((reader, topic) for topic in ALL for reader in topic.readers)
"""Every stage or sink with a topic it reads."""


def partitions_of(topic: Topic) -> list[TopicPartition]:
    """Return the partitions of a declared topic."""
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]


def read(bootstrap: str, topics: Iterable[str]) -> dict[str, list[Record]]:
    """Return what is committed to topics up to now, each partition in order, without a table's note of its place.

    Raises what is in AWAY.
    """
    consumer = _consumer(bootstrap)
    try:
        found: dict[str, list[Record]] = {topic: [] for topic in topics}
        places = [TopicPartition(topic, number) for topic in found for number in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=POLL_MS).values():
                for each in records:
                    if each.key == PLACE:
                        continue
                    headers = {name: value or b"" for name, value in each.headers or ()}
                    found[each.topic].append(
                        Record(each.topic, each.partition, each.offset, each.key, each.value, headers)
                    )
        return found
    finally:
        consumer.close()


def open_transactions(bootstrap: str, topics: Iterable[str]) -> list[TopicPartition]:
    """Return the partitions whose readers wait for the end of a transaction. Raises what is in AWAY."""
    committed, everything = _consumer(bootstrap), _consumer(bootstrap, "read_uncommitted")
    try:
        places = [TopicPartition(topic, number) for topic in topics for number in committed.partitions_for_topic(topic)]
        stable, high = committed.end_offsets(places), everything.end_offsets(places)
        return [place for place in places if stable[place] < high[place]]
    finally:
        committed.close()
        everything.close()


def _consumer(bootstrap: str, isolation: str = "read_committed") -> Any:
    return KafkaConsumer(**common(bootstrap), isolation_level=isolation, group_id=None, fetch_max_wait_ms=100)


class Watch:
    """Looks a few times a second how far every group has got. Outlives brokers that are away."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin: Any = None
        self._consumer: Any = None
        self._last: dict[TopicPartition, int] = {}
        self._timeline = Timeline()
        self._looked_at = time.monotonic()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def idle_s(self, since: float = 0.0) -> float:
        """Return for how long after ``since`` (``time.monotonic``) nothing came in and nobody got further.

        0 while Kafka is away, and until it was looked at after ``since``.
        """
        with self._lock:
            fresh = time.monotonic() - self._looked_at < STALE_S
            return max(0.0, self._looked_at - max(self._timeline.changed_at, since)) if fresh else 0.0

    def behind(self) -> dict[Owned, int]:
        """Return how many offsets each reader is behind in the partitions where it is."""
        with self._lock:
            return self._timeline.behind()

    def taken_over_s(self, owned: Sequence[Owned], left_at: float) -> tuple[float, bool]:
        """Return how long messages waited for a new owner where they waited longest, and whether all have one."""
        with self._lock:
            return self._timeline.taken_over_s(owned, left_at)

    def owned_by(self, reader: str, worker: str) -> list[Owned]:
        """Return the partitions that a worker has now. Empty while Kafka is away."""
        topics = {topic.name for name, topic in READERS if name == reader}
        client = None
        try:
            client = KafkaAdminClient(**common(self._bootstrap, 5.0))
            (group,) = client.describe_groups([group_of(reader)]).values()
            found: list[Owned] = []
            for member in group["members"]:
                if member["client_id"] != worker or not member.get("member_assignment"):
                    continue
                for each in member["member_assignment"]["assigned_partitions"]:
                    if each["topic"] in topics:
                        found += [Owned(reader, TopicPartition(each["topic"], n)) for n in each["partitions"]]
            return found
        except AWAY:
            return []
        finally:
            if client is not None:
                client.close()

    # the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._look()
            except Exception:  # whatever a client raises while its broker restarts: begin anew
                self._forget_clients()
            self._stop.wait(max(0.0, SAMPLE_S - (time.monotonic() - began)))
        self._forget_clients()

    def _look(self) -> None:
        if self._consumer is None:
            self._admin = KafkaAdminClient(**common(self._bootstrap, 5.0))
            self._consumer = _consumer(self._bootstrap)
            places = [place for _, topic in READERS for place in partitions_of(topic)]
            self._consumer.assign(places)
            for place in places:
                self._consumer.seek(place, self._last.get(place, 0))
        found = self._consumer.poll(timeout_ms=POLL_MS)
        arrived = {place: records[-1].offset + 1 for place, records in found.items() if records}
        committed = self._admin.list_group_offsets({group_of(reader): None for reader, _ in READERS})
        now = time.monotonic()
        with self._lock:
            self._looked_at = now
            self._last.update(arrived)
            for reader, topic in READERS:
                places = committed.get(group_of(reader), {})
                for each in partitions_of(topic):
                    reached = max(0, places[each].offset) if each in places else 0
                    self._timeline.note(Owned(reader, each), Step(now, self._last.get(each, 0), reached))

    def _forget_clients(self) -> None:
        for client in (self._admin, self._consumer):
            if client is not None:
                with suppress(Exception):
                    client.close()
        self._admin = self._consumer = None


def declared_topics() -> list[str]:
    """Return the names of all topics, without changelogs."""
    return list(BY_NAME)
