"""The Kafka runtime keeps the runtime contract, and what only it promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, Topic
from services.runtime.entry import Entry, headers_of
from services.runtime.kafka_client import common
from services.runtime.kafka_lane import MAX_TRIES
from services.runtime.stage import Emit, Message
from tests.contract.runtime_contract import Backend, RuntimeContract, article, numbers, wait_for
from tests.kafka_server import KafkaServer, fresh


class Reading:
    """Everything that is committed to a topic, from its beginning."""

    def __init__(self, bootstrap: str, topic: Topic) -> None:
        self._topic = topic
        self._consumer: Any = KafkaConsumer(**common(bootstrap), isolation_level="read_committed")
        self._consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        self._consumer.seek_to_beginning()
        self.records: list[Any] = []

    def poll(self) -> list[Any]:
        """Read what has come in; return all records."""
        for found in self._consumer.poll(timeout_ms=50).values():
            self.records += found
        return self.records

    def messages(self) -> list[Message]:
        """All of them up to now, decoded."""
        ends = self._consumer.end_offsets(list(self._consumer.assignment()))
        while any(self._consumer.position(partition) < end for partition, end in ends.items()):
            self.poll()
        return [
            Entry(
                self._topic,
                f"{record.partition}:{record.offset}",
                (record.key or b"").decode(),
                record.value,
                dict(record.headers),
            ).message()
            for record in self.records
        ]

    def close(self) -> None:
        """Let go."""
        self._consumer.close()


class KafkaBackend(Backend):
    """Apache Kafka."""

    def __init__(self, bootstrap: str, server: KafkaServer | None, data: Path) -> None:
        super().__init__()
        self.bootstrap = bootstrap
        self._server = server
        self.data = data
        self._readings: dict[str, Reading] = {}
        fresh(bootstrap)

    def publish(self, emits: Sequence[Emit]) -> None:
        self._send((emit, emit.value.SerializeToString()) for emit in emits)

    def put_bytes(self, topic: Topic, value: bytes) -> None:
        self._send([(article(99), value)])

    def _send(self, messages: Any) -> None:
        producer: Any = KafkaProducer(**common(self.bootstrap), acks="all")
        for emit, value in messages:
            headers = list(headers_of(emit, "/dateline/test", "").items())
            producer.send(emit.topic.name, key=emit.key.encode(), value=value, headers=headers)
        producer.flush()
        producer.close()

    def _reading(self, topic: Topic) -> Reading:
        if topic.name not in self._readings:
            self._readings[topic.name] = Reading(self.bootstrap, topic)
        return self._readings[topic.name]

    def sent(self, topic: Topic) -> int:
        return len(self._reading(topic).poll())

    def watch(self, topic: Topic) -> None:
        """Kafka keeps messages whoever has read them."""

    def messages(self, topic: Topic) -> list[Message]:
        return self._reading(topic).messages()

    def environment(self) -> dict[str, str]:
        return {
            "DATELINE_KAFKA": self.bootstrap,
            "DATELINE_DATA": str(self.data),
            "DATELINE_LEASE_S": "2",
        }

    def restart_hard(self) -> None:
        assert self._server is not None, "the shared Kafka is not this test's to kill"
        self._server.kill()
        self._server.start()

    def close(self) -> None:
        super().close()
        for reading in self._readings.values():
            reading.close()


class TestKafkaRuntime(RuntimeContract):
    """The contract, on Apache Kafka."""

    @pytest.fixture
    def backend(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KafkaBackend]:
        own = "restarted_log" in request.node.name
        kafka = request.getfixturevalue("own_kafka" if own else "kafka")
        backend = KafkaBackend(kafka.bootstrap, kafka if own else None, tmp_path / "data")
        yield backend
        backend.close()

    def test_a_message_that_kills_its_worker_becomes_a_dead_letter(self, backend: KafkaBackend) -> None:
        backend.publish([article(1), article(2, "killer"), article(3)])
        for _ in range(MAX_TRIES + 2):
            worker = backend.start("dedup", "dedup-0")
            wait_for(lambda run=worker: run.poll() is not None or backend.sent(DEAD_LETTERS) > 0, "its death")
            if worker.poll() is None:
                break
        wait_for(lambda: backend.sent(DEAD_LETTERS) == 1, "the dead letter")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 2, "the good ones")
        (letter,) = [message.value for message in backend.messages(DEAD_LETTERS)]
        assert "WorkerDied" in letter.error  # type: ignore[attr-defined]

    def test_workers_share_the_partitions_of_a_stateful_stage(self, backend: KafkaBackend) -> None:
        languages = ["en", "de", "fr", "es", "ru", "pt", "it", "nl"]
        articles = [article(n) for n in range(400)]
        backend.publish(
            [Emit(ARTICLES_RAW, languages[n % 8], each.value, each.id, each.time) for n, each in enumerate(articles)]
        )
        backend.start("dedup", "dedup-0", DATELINE_BATCH="5")
        backend.start("dedup", "dedup-1", DATELINE_BATCH="5")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 400, "all answers")
        ids = [message.id for message in backend.messages(ARTICLES_UNIQUE)]
        assert len(ids) == len(set(ids)) == 400

    def test_a_standby_follows_the_table_and_takes_over_with_it(self, backend: KafkaBackend) -> None:
        backend.start("dedup", "dedup-0", DATELINE_BATCH="5")
        backend.publish([article(n) for n in range(50)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 50, "the owner's answers")
        backend.start("dedup", "dedup-1", DATELINE_BATCH="5")
        backend.publish([article(n) for n in range(50, 100)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 100, "answers while both work")
        for round_ in range(3):
            leaving, staying = backend.workers[-2], backend.workers[-1]
            leaving.kill()
            leaving.wait()
            backend.start("dedup", f"dedup-{round_ % 2}", DATELINE_BATCH="5")
            first = 100 + 50 * round_
            backend.publish([article(n) for n in range(first, first + 50)])
            wait_for(lambda done=first: backend.sent(ARTICLES_UNIQUE) >= done + 50, "answers by the others")
            assert staying.poll() is None
        assert numbers(backend) == list(range(1, 251))

    def test_a_deleted_table_is_rebuilt_from_its_changelog(self, backend: KafkaBackend) -> None:
        import shutil

        backend.publish([article(n) for n in range(50)])
        worker = backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 50, "the first answers")
        worker.terminate()
        assert worker.wait(60) == 0
        shutil.rmtree(backend.data)
        backend.publish([article(n) for n in range(50, 100)])
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 100, "the others")
        assert numbers(backend) == list(range(1, 101))
