"""What Faust alone loses: why our lanes commit in transactions of their own, and read changelogs themselves.

Each test states a fault of faust-streaming as it is. One that fails one day says that Faust has mended it, and that
the work-around in services/runtime/kafka_*.py may be looked at again.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from services.runtime.kafka_client import admin, common
from tests.conftest import Kafka

ALONE = Path(__file__).with_name("faust_alone.py")
GIVE_UP_S = 240


class Alone:
    """Faust alone on one topic of its own."""

    def __init__(self, bootstrap: str, mode: str, folder: Path) -> None:
        self.bootstrap, self.mode, self.folder = bootstrap, mode, folder
        self.topic, self.changelog = f"alone-{mode}", f"alone-{mode}-seen-changelog"
        self.output = folder.with_suffix(".out")
        self.process: subprocess.Popen[bytes] | None = None
        with admin(bootstrap) as client:
            ours = [name for name in (self.topic, self.changelog) if name in client.list_topics()]
            if ours:
                client.delete_topics(ours)
                wait_for(lambda: not set(ours) & set(client.list_topics()), "the old topics to go")
            client.create_topics([NewTopic(self.topic, 1, 1), NewTopic(self.changelog, 1, 1)])

    def start(self) -> None:
        with self.output.open("wb") as output:
            command = [sys.executable, str(ALONE), self.bootstrap, str(self.folder), self.mode]
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def send(self, *values: bytes) -> None:
        producer: Any = KafkaProducer(**common(self.bootstrap), acks="all")
        for value in values:
            producer.send(self.topic, value)
        producer.flush()
        producer.close()

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def in_changelog(self) -> set[bytes]:
        consumer: Any = KafkaConsumer(**common(self.bootstrap), isolation_level="read_committed")
        partition = TopicPartition(self.changelog, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning()
        end, found = consumer.end_offsets([partition])[partition], set()
        while consumer.position(partition) < end:
            for records in consumer.poll(timeout_ms=200).values():
                found |= {record.key for record in records}
        consumer.close()
        return found

    def committed(self) -> int:
        with admin(self.bootstrap) as client:
            places = client.list_group_offsets([self.topic])[self.topic]
            place = places.get(TopicPartition(self.topic, 0))
            return place.offset if place else 0

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def wait_for(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + GIVE_UP_S
    while not true():
        assert time.monotonic() < deadline, f"gave up waiting for {what}"
        time.sleep(0.1)


@pytest.fixture
def alone(kafka: Kafka, tmp_path: Path) -> Iterator[Callable[[str], Alone]]:
    started: list[Alone] = []

    def make(mode: str) -> Alone:
        started.append(Alone(kafka.bootstrap, mode, tmp_path / mode))
        return started[-1]

    yield make
    for each in started:
        each.kill()


def test_a_message_whose_agent_raises_is_skipped_for_good(alone: Callable[[str], Alone]) -> None:
    worker = alone("skips")
    worker.send(b"first", b"poison", b"last")
    worker.start()
    wait_for(lambda: worker.in_changelog() >= {b"first", b"last"}, "the messages around the poison")
    wait_for(lambda: worker.committed() == 3, "all three to be acknowledged")
    assert worker.in_changelog() == {b"first", b"last"}


def test_the_local_table_holds_what_was_never_stored_in_the_changelog(alone: Callable[[str], Alone]) -> None:
    from rocksdict import AccessType, Options, Rdict

    worker = alone("dies")
    worker.send(b"last")
    worker.start()
    assert worker.process is not None
    assert worker.process.wait(GIVE_UP_S) == 9
    (database,) = worker.folder.rglob("seen-0.db")
    options = Options(raw_mode=True)
    local = Rdict(str(database), options=options, access_type=AccessType.read_only())
    assert local.get(b"last") == b"last"
    assert worker.in_changelog() == set()
