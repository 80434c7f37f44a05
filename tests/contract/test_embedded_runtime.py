"""The embedded runtime keeps the runtime contract, and what only it promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis

from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, Topic
from services.runtime.embedded import MAX_DELIVERIES, EmbeddedOutbox
from services.runtime.entry import Answer
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Message, Unavailable, Write
from services.runtime.stream_log import PREFIX, LeaseLostError, NewerDataError, StreamLog, connect
from tests.contract.runtime_contract import Backend, RuntimeContract, article, wait_for
from tests.valkey_server import ValkeyServer


class EmbeddedBackend(Backend):
    """The embedded log on a Valkey of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.server = ValkeyServer()
        self.log = StreamLog(connect(self.server.url), source="test")
        self.log.prepare()

    def publish(self, emits: Sequence[Emit]) -> None:
        self.log.commit("test", [Answer(None, tuple(emits))])

    def put_bytes(self, topic: Topic, value: bytes) -> None:
        self.publish([article(99)])
        stream = self.log.stream(topic)
        ((position, fields),) = self.log.client.xrevrange(stream, count=1)
        self.log.client.xdel(stream, position)
        self.log.client.xadd(stream, {**fields, b"value": value})

    def sent(self, topic: Topic) -> int:
        return self.log.sent(topic)

    def watch(self, topic: Topic) -> None:
        # a group that never reads: what every declared reader has answered is kept all the same
        self.log.client.xgroup_create(self.log.stream(topic), "watch", id="0", mkstream=True)

    def messages(self, topic: Topic) -> list[Message]:
        rows = self.log.client.xrange(self.log.stream(topic))
        return [self.log.entry(topic, position, fields).message() for position, fields in rows]

    def environment(self) -> dict[str, str]:
        return {"DATELINE_REDIS_URL": self.server.url}

    def restart_hard(self) -> None:
        self.server.kill()
        self.server.start()
        self.log.client.connection_pool.disconnect()

    def close(self) -> None:
        super().close()
        self.server.close()


class TestEmbeddedRuntime(RuntimeContract):
    """The contract, on Valkey."""

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[EmbeddedBackend]:
        backend = EmbeddedBackend()
        yield backend
        backend.close()

    def test_what_every_reader_has_answered_is_trimmed(self, backend: EmbeddedBackend) -> None:
        backend.publish([article(n) for n in range(100)])
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.log.client.xlen(backend.log.stream(ARTICLES_RAW)) == 0, "an empty articles.raw")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 100, "100 answers")
        assert backend.log.client.xlen(backend.log.stream(ARTICLES_UNIQUE)) == 100, "its reader has not read yet"
        backend.start("extractor", "extractor-0")
        wait_for(lambda: backend.log.client.xlen(backend.log.stream(ARTICLES_UNIQUE)) == 0, "an empty articles.unique")

    def test_a_message_that_kills_its_worker_becomes_a_dead_letter(self, backend: EmbeddedBackend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        backend.publish([article(1), article(2, "killer"), article(3)])
        for _ in range(MAX_DELIVERIES):
            worker = backend.start("dedup", "dedup-0")
            assert worker.wait(60) == 9
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(DEAD_LETTERS) == 1, "the dead letter")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 2, "the good ones")
        (letter,) = [message.value for message in backend.messages(DEAD_LETTERS)]
        assert "WorkerDied" in letter.error  # type: ignore[attr-defined]

    def test_a_log_that_was_emptied_is_set_up_again(self, backend: EmbeddedBackend) -> None:
        backend.start("dedup", "dedup-0")
        backend.publish([article(1)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 1, "the first answer")
        backend.log.client.flushall()
        backend.publish([article(2)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 1, "an answer in the new log")


class TestEmbeddedOutbox:
    """How the fetcher publishes."""

    @pytest.fixture
    def backend(self) -> Iterator[EmbeddedBackend]:
        backend = EmbeddedBackend()
        yield backend
        backend.close()

    def outbox(self, backend: EmbeddedBackend, worker: str = "fetcher-0", **settings: object) -> EmbeddedOutbox:
        log = StreamLog(connect(backend.server.url), source="fetcher")
        chosen = RuntimeSettings(worker=worker, **settings)  # type: ignore[arg-type]
        return EmbeddedOutbox("fetcher", (ARTICLES_RAW,), log, chosen)

    def test_messages_and_state_are_stored_together(self, backend: EmbeddedBackend) -> None:
        outbox = self.outbox(backend)
        assert outbox.open()
        outbox.commit([article(1)], [Write("feed", b"seen"), Write("old", b"x")])
        outbox.commit([], [Write("old", None)])
        assert backend.sent(ARTICLES_RAW) == 1
        assert self.outbox(backend).load() == {"feed": b"seen"}

    def test_a_commit_whose_answer_was_lost_counts_once(self, backend: EmbeddedBackend) -> None:
        outbox = self.outbox(backend)
        outbox.open()
        real = outbox._log._commit

        def cut_off(**arguments: object) -> int:
            real(**arguments)  # type: ignore[arg-type]
            raise redis.ConnectionError("cut off after the server had stored it")

        outbox._log._commit = cut_off  # type: ignore[assignment]
        with pytest.raises(Unavailable):
            outbox.commit([article(1)], [])
        outbox._log._commit = real
        outbox.commit([article(1)], [])
        assert backend.sent(ARTICLES_RAW) == 1
        outbox.commit([article(1)], [])
        assert backend.sent(ARTICLES_RAW) == 2, "a new commit of the same is no repetition"

    def test_there_is_one_source_at_a_time(self, backend: EmbeddedBackend) -> None:
        first, second = self.outbox(backend, "a"), self.outbox(backend, "b")
        assert first.open()
        assert not second.open()
        first.close()
        assert second.open()
        with pytest.raises(LeaseLostError):
            first.commit([article(1)], [])

    def test_it_is_congested_while_readers_are_behind(self, backend: EmbeddedBackend) -> None:
        outbox = self.outbox(backend, max_backlog=10)
        outbox.open()
        outbox.commit([article(n) for n in range(10)], [])
        assert outbox.congested()
        backend.start("dedup", "dedup-0")
        wait_for(lambda: not outbox.congested(), "room in articles.raw")


def test_data_of_a_newer_version_is_refused_with_what_to_do() -> None:
    server = ValkeyServer()
    try:
        log = StreamLog(connect(server.url))
        log.prepare()
        log.client.set(f"{PREFIX}format", 999)
        with pytest.raises(NewerDataError, match="Update Dateline"):
            log.prepare()
    finally:
        server.close()
