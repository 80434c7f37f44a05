"""What is kept beside Kafka can be thrown away: Redis and local tables are rebuilt, equal to the byte."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.articles import Newsdesk, Publication
from tests.chaos.checks import DEDUP_TABLE, LINKER_TABLE, problems
from tests.chaos.publishing import Publisher
from tests.chaos.reading import Watch, read
from tests.chaos.record import newest
from tests.chaos.redis_dump import dump
from tests.chaos.run import START, collect, settle, wait_until_ready
from tests.chaos.system import STATEFUL, System
from tests.kafka_server import KafkaServer

pytestmark = pytest.mark.timeout(900)
BEFORE, AFTER = 150, 60
"""Articles before and after something is thrown away."""


class Running:
    """A system with one worker a stage, and articles of one generator to publish."""

    def __init__(self, folder: Path, kafka: KafkaServer) -> None:
        self.system = System(folder, workers=1, session_s=6.0, kafka=kafka)
        self.watch = Watch(kafka.bootstrap)
        self._articles: Iterator[Publication] = Newsdesk(21, START).publications(10 * BEFORE)
        self._publisher = Publisher(kafka.bootstrap, iter(()), 1.0)
        self._publisher.start()
        wait_until_ready(self.system)

    def publish(self, count: int) -> None:
        """Publish the next articles and wait until everything is answered."""
        for publication in islice(self._articles, count):
            self._publisher.article(publication)
        self.published = self._publisher.acknowledged()
        settle(self.system, self.watch)

    def stop(self, *stages: str) -> None:
        """End workers; they stay away."""
        for stage in stages:
            for worker in self.system.of(stage):
                with self.system.lock:
                    worker.not_before = float("inf")
                worker.send(signal.SIGTERM)
                worker.wait()

    def start(self, *stages: str) -> None:
        """Let them come back."""
        with self.system.lock:
            for stage in stages:
                for worker in self.system.of(stage):
                    worker.not_before = 0.0

    def close(self) -> None:
        """End everything."""
        self._publisher.close()
        self.watch.close()
        self.system.close()


@pytest.fixture
def running(tmp_path: Path, own_kafka: KafkaServer) -> Iterator[Running]:
    found = Running(tmp_path / "system", own_kafka)
    yield found
    found.close()


def test_flushing_redis_and_restarting_the_cache_gives_byte_equal_states(running: Running) -> None:
    running.publish(BEFORE)
    before = dump(running.system.valkey.url)
    running.stop("cache")
    Redis.from_url(running.system.valkey.url).flushall()
    running.start("cache")
    settle(running.system, running.watch)
    after = dump(running.system.valkey.url)
    assert len(before.events) > BEFORE / 5
    assert after.events == before.events
    assert after.indexes == before.indexes


def test_deleting_every_local_table_gives_byte_equal_states(running: Running) -> None:
    running.publish(BEFORE)
    tables = tables_of(running)
    before = dump(running.system.valkey.url)
    running.stop("dedup", "extractor", "linker", "cache")
    for worker in running.system.workers.values():
        if worker.stage in STATEFUL:
            assert any((worker.folder / "data").rglob("*.sst")) or any((worker.folder / "data").rglob("*.log"))
        shutil.rmtree(worker.folder / "data", ignore_errors=True)
    running.start("dedup", "extractor", "linker", "cache")
    settle(running.system, running.watch)
    assert tables_of(running) == tables
    assert dump(running.system.valkey.url) == before
    # What comes now meets the rebuilt state: copies and revisions of earlier articles, other reports of their events.
    running.publish(AFTER)
    assert len(running.published) == BEFORE + AFTER
    assert problems(collect(running.system, running.published, ())) == []


def tables_of(running: Running) -> dict[str, dict[bytes, bytes | None]]:
    log = read(running.system.kafka.bootstrap, (DEDUP_TABLE, LINKER_TABLE))
    return {topic: {key: each.value for key, each in newest(records).items()} for topic, records in log.items()}
