"""The log on a real Kafka as the command line reads it, and its dead letters."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import MessageSizeTooLargeError
from kafka.structs import OffsetAndMetadata

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Change, Event, MentionBatch
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import ARTICLES_RAW, CHANGES, DEAD_LETTERS, EVENTS, MENTIONS, Topic
from services.runtime import kafka_client
from services.runtime.dead_letters import Resent, dead_letter
from services.runtime.kafka_client import admin
from services.runtime.kafka_dead_letters import Replay, dead_letters, resend
from services.runtime.kafka_log import backlog, follow, latest, read_all, sent
from services.runtime.kafka_producer import FencedError, Record, TransactionalProducer, record_of
from services.runtime.kafka_topics import group_of
from services.runtime.stage import Emit, Unavailable
from tests.conftest import Kafka
from tests.kafka_server import fresh

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
AWAY = "127.0.0.1:1"


@pytest.fixture
def bootstrap(kafka: Kafka) -> str:
    """An empty log."""
    fresh(kafka.bootstrap)
    return kafka.bootstrap


@pytest.fixture
def producer(bootstrap: str) -> Iterator[TransactionalProducer]:
    """A producer of the test's own."""
    made = TransactionalProducer(bootstrap, "dateline-test")
    yield made
    made.close()


def event(key: str, title: str) -> Emit:
    """A state of an event."""
    return Emit(EVENTS, key, Event(id=key, title=title), f"{key}-{title}", NOON)


def article(number: int) -> Emit:
    """A message that names itself."""
    return Emit(ARTICLES_RAW, "en", Article(id=str(number)), f"a{number}", NOON)


def publish(producer: TransactionalProducer, *emits: Emit) -> None:
    """Publish messages in one transaction."""
    producer.publish([record_of(emit, "/dateline/test") for emit in emits])


def answer(bootstrap: str, topic: Topic, reader: str, partition: int, offset: int) -> None:
    """Commit a reader's place."""
    with admin(bootstrap) as client:
        place = {TopicPartition(topic.name, partition): OffsetAndMetadata(offset, "", -1)}
        client.alter_group_offsets(group_of(reader), place)


def letter(number: int) -> Emit:
    """A dead letter of dedup about an article."""
    return dead_letter(
        stage="dedup",
        topic="articles.raw",
        key="en",
        message_id=f"m{number}",
        value=Article(id=str(number)).SerializeToString(),
        headers={"ce_id": f"m{number}".encode()},
        error=ValueError("no title"),
        now=NOON,
    )


def ids(letters: list[tuple[str, DeadLetter]]) -> list[str]:
    """Message ids of letters."""
    return [found.message_id for _, found in letters]


class TestReading:
    """What topics hold."""

    def test_messages_are_read_in_order_with_their_attributes(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        for number in range(3):
            publish(producer, article(number))
        messages = [entry.message() for entry in read_all(bootstrap, ARTICLES_RAW)]
        assert [message.id for message in messages] == ["a0", "a1", "a2"]
        assert messages[0].value == Article(id="0")

    def test_what_is_not_committed_is_not_read(self, bootstrap: str, producer: TransactionalProducer) -> None:
        publish(producer, article(1))
        producer._producer.begin_transaction()
        producer._producer.send(ARTICLES_RAW.name, b"half", b"en").get(10)
        assert [entry.name() for entry in read_all(bootstrap, ARTICLES_RAW)] == ["a1"]

    def test_an_empty_topic_and_one_that_is_missing_hold_nothing(self, bootstrap: str) -> None:
        missing = Topic("dateline-no-such-topic", Article, "nothing", 1, None)
        assert read_all(bootstrap, ARTICLES_RAW) == []
        assert read_all(bootstrap, missing) == []
        assert sent(bootstrap, missing) == 0

    def test_of_a_compacted_topic_the_newest_value_of_each_key_is_told(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        publish(producer, event("e1", "old"), event("e2", "other"), event("e3", "removed"))
        publish(producer, event("e1", "new"))
        producer.publish([Record(EVENTS.name, b"e3", None)])
        found = {key: entry.message().value for key, entry in latest(bootstrap, EVENTS).items()}
        assert found == {"e1": Event(id="e1", title="new"), "e2": Event(id="e2", title="other")}

    def test_each_topic_family_has_its_own_partition(self, bootstrap: str, producer: TransactionalProducer) -> None:
        for family in TOPIC_FAMILIES:
            publish(producer, Emit(MENTIONS, family, MentionBatch(), family, NOON))
        places = {entry.key: int(entry.position.partition(":")[0]) for entry in read_all(bootstrap, MENTIONS)}
        assert places == {family: number for number, family in enumerate(TOPIC_FAMILIES)}

    def test_changes_are_followed_from_now_on_and_from_a_place(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        topic = CHANGES[TOPIC_FAMILIES[0]]

        def change(number: int) -> Emit:
            return Emit(topic, "e1", Change(event_id="e1", revision=number), f"c{number}", NOON)

        publish(producer, change(1))
        found: list[str] = []
        first = threading.Event()

        def listen() -> None:
            for entry in islice(follow(bootstrap, [topic]), 2):
                found.append(entry.name())
                first.set()

        listening = threading.Thread(target=listen)
        listening.start()
        number = 2
        while not first.wait(0.3):  # nobody tells when it listens: speak until it hears
            publish(producer, change(number))
            number += 1
        publish(producer, change(number))
        listening.join(30)
        assert len(found) == 2
        assert "c1" not in found
        everywhere = {(topic.name, partition): 0 for partition in range(topic.partitions)}
        assert [entry.name() for entry in islice(follow(bootstrap, [topic], everywhere), 2)] == ["c1", "c2"]


class TestCounting:
    """How far things are."""

    def test_the_backlog_is_what_the_slowest_reader_has_not_answered(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        assert backlog(bootstrap, ARTICLES_RAW) == 0
        publish(producer, *(article(number) for number in range(5)))
        assert backlog(bootstrap, ARTICLES_RAW) == 5
        number = int(read_all(bootstrap, ARTICLES_RAW)[0].position.partition(":")[0])
        answer(bootstrap, ARTICLES_RAW, "dedup", number, 3)
        assert backlog(bootstrap, ARTICLES_RAW) == 2
        answer(bootstrap, ARTICLES_RAW, "dedup", number, 5)
        assert backlog(bootstrap, ARTICLES_RAW) == 0

    def test_a_topic_without_readers_has_no_backlog(self, bootstrap: str, producer: TransactionalProducer) -> None:
        publish(producer, letter(1))
        assert backlog(bootstrap, DEAD_LETTERS) == 0

    def test_what_was_sent_is_counted_with_the_marks_of_transactions(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        publish(producer, article(1), article(2))
        assert sent(bootstrap, ARTICLES_RAW) == 3

    @pytest.mark.parametrize("ask", [backlog, read_all])
    def test_a_kafka_that_is_away_is_named(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kafka_client, "PATIENCE_S", 1.0)
        with pytest.raises(Unavailable, match=f"Kafka at {AWAY} does not answer"):
            ask(AWAY, ARTICLES_RAW)


class TestDeadLetters:
    """What could not be processed, and once more."""

    def test_letters_are_listed_oldest_first(self, bootstrap: str, producer: TransactionalProducer) -> None:
        publish(producer, letter(1))
        publish(producer, letter(2))
        assert ids(dead_letters(bootstrap)) == ["m1", "m2"]

    def test_a_replayed_message_is_sent_as_it_was_and_its_letter_is_gone(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        publish(producer, letter(1), letter(2))
        position, found = dead_letters(bootstrap)[0]
        assert resend(bootstrap, position, found)
        (entry,) = read_all(bootstrap, ARTICLES_RAW)
        assert (entry.key, entry.value, entry.headers) == ("en", found.value, {"ce_id": b"m1"})
        assert ids(dead_letters(bootstrap)) == ["m2"]

    def test_a_letter_is_replayed_once(self, bootstrap: str, producer: TransactionalProducer) -> None:
        publish(producer, letter(1))
        position, found = dead_letters(bootstrap)[0]
        assert resend(bootstrap, position, found)
        assert not resend(bootstrap, position, found)
        assert len(read_all(bootstrap, ARTICLES_RAW)) == 1

    def test_a_message_that_fails_again_is_listed_again(self, bootstrap: str, producer: TransactionalProducer) -> None:
        publish(producer, letter(1))
        assert resend(bootstrap, *dead_letters(bootstrap)[0])
        publish(producer, letter(1))
        assert ids(dead_letters(bootstrap)) == ["m1"]
        assert resend(bootstrap, *dead_letters(bootstrap)[0])
        assert dead_letters(bootstrap) == []

    def test_an_older_state_is_not_sent_over_a_newer_one(self, bootstrap: str, producer: TransactionalProducer) -> None:
        def state(name: str) -> Record:
            return Record(EVENTS.name, b"event", name.encode(), (("ce_id", name.encode()),))

        producer.publish([state("old"), state("new")])
        for name in ("old", "new"):
            value = DeadLetter(
                id=f"letter-{name}", topic=EVENTS.name, key="event", message_id=name, value=name.encode()
            )
            value.headers["ce_id"] = name
            producer.publish([Record(DEAD_LETTERS.name, b"cache", value.SerializeToString())])
        (first, old), (second, new) = dead_letters(bootstrap)
        with Replay(bootstrap) as replay:
            assert replay.resend(first, old) is Resent.SUPERSEDED
            assert replay.resend(second, new) is Resent.SENT
        assert [entry.value for entry in read_all(bootstrap, EVENTS)] == [b"old", b"new", b"new"]
        assert dead_letters(bootstrap) == []

    def test_of_two_that_replay_at_once_the_later_one_goes_on(
        self, bootstrap: str, producer: TransactionalProducer
    ) -> None:
        publish(producer, letter(1), letter(2))
        (first, one), (second, two) = dead_letters(bootstrap)
        with Replay(bootstrap) as early:
            assert early.resend(first, one)
            with Replay(bootstrap) as late:
                with pytest.raises(Unavailable, match="somebody else replays"):
                    early.resend(second, two)
                assert not late.resend(first, one)
                assert late.resend(second, two)
        assert sorted(entry.name() for entry in read_all(bootstrap, ARTICLES_RAW)) == ["m1", "m2"]


class TestTransactions:
    """One producer of a name."""

    def test_one_that_is_replaced_in_the_middle_publishes_nothing_and_does_not_replace_its_successor(
        self, bootstrap: str, producer: TransactionalProducer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = producer._producer.flush
        successors: list[TransactionalProducer] = []

        def replaced(timeout: float) -> None:
            real(timeout)
            if not successors:  # its partition is in the transaction by now: the partition's leader refuses the rest
                successors.append(TransactionalProducer(bootstrap, "dateline-test"))
                producer._producer.send(ARTICLES_RAW.name, b"late", b"en")
                real(timeout)

        monkeypatch.setattr(producer._producer, "flush", replaced)
        with pytest.raises(FencedError):
            publish(producer, article(1))
        publish(successors[0], article(2))
        successors[0].close()
        assert [entry.name() for entry in read_all(bootstrap, ARTICLES_RAW)] == ["a2"]

    def test_one_whose_record_is_refused_leaves_nothing_open_that_readers_would_wait_for(
        self, bootstrap: str, producer: TransactionalProducer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = producer._producer.flush

        def refused(timeout: float) -> None:
            real(timeout)
            raise MessageSizeTooLargeError("a record is too large")

        monkeypatch.setattr(producer._producer, "flush", refused)
        with pytest.raises(MessageSizeTooLargeError):
            publish(producer, article(1))
        other = TransactionalProducer(bootstrap, "dateline-other")
        publish(other, article(2))
        other.close()
        assert [entry.name() for entry in read_all(bootstrap, ARTICLES_RAW)] == ["a2"]
