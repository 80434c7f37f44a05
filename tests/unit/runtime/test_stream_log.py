"""The embedded log on a real server: reading, trimming, taking over, dead letters, a server in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ARTICLES_RAW, CHANGES, DEAD_LETTERS, Topic
from services.runtime.dead_letters import dead_letter
from services.runtime.entry import Answer, Entry
from services.runtime.stage import Emit, Unavailable, Write
from services.runtime.stream_log import LeaseLostError, StreamLog, connect
from tests.valkey_server import ValkeyServer

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
RAW = (ARTICLES_RAW,)


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.close()


@pytest.fixture
def log(server: ValkeyServer) -> StreamLog:
    """An empty, prepared log."""
    log = StreamLog(connect(server.url), source="test")
    log.client.flushall()
    log.prepare()
    return log


def article(number: int) -> Emit:
    value = Article(id=f"{number:032x}", title=f"Article {number}")
    return Emit(ARTICLES_RAW, "en", value, value.id, NOON)


def publish(log: StreamLog, *numbers: int) -> None:
    log.commit("fetcher", [Answer(None, tuple(article(number) for number in numbers))])


def read(log: StreamLog, consumer: str = "owner", count: int = 100) -> list[Entry]:
    return log.read_new(RAW, "dedup", consumer, count, 1)


def left(log: StreamLog, topic: Topic = ARTICLES_RAW) -> int:
    return int(log.client.xlen(log.stream(topic)))


def test_a_message_comes_out_as_it_went_in(log: StreamLog) -> None:
    publish(log, 7)
    (entry,) = read(log)
    message = entry.message()
    assert (message.topic, message.key, message.id, message.time) == (ARTICLES_RAW, "en", f"{7:032x}", NOON)
    assert message.value == article(7).value
    assert message.traceparent.startswith("00-")


def test_preparing_twice_changes_nothing(log: StreamLog) -> None:
    publish(log, 1)
    read(log)
    log.prepare()
    assert read(log) == []


def test_what_is_being_worked_on_is_not_trimmed(log: StreamLog) -> None:
    publish(log, 1, 2, 3)
    first, second, third = read(log)
    log.commit("dedup", [Answer(first), Answer(third)])
    assert log.trim(ARTICLES_RAW) == 2, "the second is pending, and what comes after it stays too"
    log.commit("dedup", [Answer(second)])
    assert log.trim(ARTICLES_RAW) == 0


def test_what_nobody_has_been_given_yet_is_not_trimmed(log: StreamLog) -> None:
    publish(log, 1, 2, 3)
    (first,) = read(log, count=1)
    log.commit("dedup", [Answer(first)])
    assert log.trim(ARTICLES_RAW) == 2


def test_the_slowest_of_several_groups_decides(log: StreamLog) -> None:
    log.client.xgroup_create(log.stream(ARTICLES_RAW), "watch", id="0")
    publish(log, 1, 2)
    log.commit("dedup", [Answer(entry) for entry in read(log)])
    assert log.trim(ARTICLES_RAW) == 2
    log.client.xreadgroup("watch", "w", {log.stream(ARTICLES_RAW): ">"}, noack=True)
    assert log.trim(ARTICLES_RAW) == 0


def test_nothing_is_trimmed_before_every_declared_reader_has_its_group(log: StreamLog) -> None:
    publish(log, 1)
    log.client.xgroup_create(log.stream(ARTICLES_RAW), "watch", id="$")  # has nothing left to read
    log.client.xgroup_destroy(log.stream(ARTICLES_RAW), "dedup")
    assert log.trim(ARTICLES_RAW) == 1


def test_a_topic_that_was_deleted_under_a_worker_is_an_unavailable_log(log: StreamLog) -> None:
    log.client.flushall()
    with pytest.raises(Unavailable, match="no such key"):
        log.trim(ARTICLES_RAW)


def test_a_topic_for_subscribers_keeps_a_bounded_number(log: StreamLog) -> None:
    changes = CHANGES["sport"]
    value = changes.value()
    for _ in range(3):
        emits = tuple(Emit(changes, "e", value, f"c{number}", NOON) for number in range(changes.keep // 2))
        log.commit("linker", [Answer(None, emits)])
    assert changes.keep <= left(log, changes) < changes.keep * 1.1


def test_backlog_counts_what_waits_and_sent_what_ever_was(log: StreamLog) -> None:
    publish(log, 1, 2, 3)
    log.commit("dedup", [Answer(entry) for entry in read(log)])
    log.trim(ARTICLES_RAW)
    publish(log, 4)
    assert (log.backlog(ARTICLES_RAW), log.sent(ARTICLES_RAW)) == (1, 4)
    assert (log.backlog(DEAD_LETTERS), log.sent(DEAD_LETTERS)) == (0, 0)


def test_what_was_answered_once_does_not_count_again(log: StreamLog) -> None:
    publish(log, 1)
    (entry,) = read(log)
    answer = Answer(entry, (Emit(CHANGES["sport"], "e", CHANGES["sport"].value(), "c", NOON),), (Write("k", b"1"),))
    assert log.commit("dedup", [answer]) == 1
    assert log.commit("dedup", [answer]) == 0
    assert left(log, CHANGES["sport"]) == 1


def test_unanswered_messages_come_back_in_order_with_how_often_they_came(log: StreamLog) -> None:
    publish(log, 1, 2)
    read(log)
    found = log.read_unanswered(RAW, "dedup", "owner", 10)
    assert [entry.message().id for entry, _ in found] == [f"{1:032x}", f"{2:032x}"]
    again = log.read_unanswered(RAW, "dedup", "owner", 10)
    assert [times for _, times in again] == [times + 1 for _, times in found]


def test_only_messages_idle_for_long_enough_are_taken_over(log: StreamLog) -> None:
    publish(log, 1)
    read(log, "dead")
    assert log.take_over(RAW, "dedup", "alive", 3_600_000, 10) == 0
    assert log.take_over(RAW, "dedup", "alive", 0, 10) == 1
    assert len(log.read_unanswered(RAW, "dedup", "alive", 10)) == 1
    assert log.read_unanswered(RAW, "dedup", "dead", 10) == []


def test_a_lease_belongs_to_one_until_it_is_given_up(log: StreamLog) -> None:
    assert log.acquire("linker", "linker-0:1", 60)
    assert not log.acquire("linker", "linker-1:1", 60)
    log.give_up("linker", "linker-1:1")
    assert not log.acquire("linker", "linker-1:1", 60), "only the owner gives it up"
    log.give_up("linker", "linker-0:1")
    assert log.acquire("linker", "linker-1:1", 60)


def test_a_worker_that_comes_back_under_its_name_takes_its_lease_from_its_former_self(log: StreamLog) -> None:
    assert log.acquire("linker", "linker-0:1", 60)
    assert log.acquire("linker", "linker-0:2", 60)
    with pytest.raises(LeaseLostError):
        log.commit("linker", [Answer(None, (), (Write("k", b"late"),))], owner="linker-0:1", lease_s=60)
    assert list(log.load_state("linker")) == []


def test_state_is_written_and_removed(log: StreamLog) -> None:
    log.commit("linker", [Answer(None, (), (Write("a", b"\x00\xff"), Write("b", b"2")))])
    log.commit("linker", [Answer(None, (), (Write("b", None),))])
    assert list(log.load_state("linker")) == [Write("a", b"\x00\xff")]


def bury(log: StreamLog, **changes: Any) -> DeadLetter:
    """Put a dead letter into the log."""
    parts: dict[str, Any] = {
        "stage": "dedup", "topic": "articles.raw", "key": "en", "message_id": "m1", "value": b"\xff\x00",
        "headers": {"ce_id": b"m1", "ce_time": b"2026-03-14T12:00:00Z"}, "error": ValueError("bad"), "now": NOON,
    }  # fmt: skip
    emit = dead_letter(**{**parts, **changes})
    log.commit("dedup", [Answer(None, (emit,))])
    assert isinstance(emit.value, DeadLetter)
    return emit.value


def test_a_dead_letter_is_sent_again_byte_for_byte_and_once(log: StreamLog) -> None:
    letter = bury(log)
    ((position, found),) = log.dead_letters()
    assert found == letter
    assert log.resend(position, found)
    (entry,) = read(log)
    assert (entry.key, entry.value, dict(entry.headers)) == (
        "en", b"\xff\x00", {"ce_id": b"m1", "ce_time": b"2026-03-14T12:00:00Z"},
    )  # fmt: skip
    assert log.dead_letters() == []
    assert not log.resend(position, found), "it is gone"
    assert log.sent(ARTICLES_RAW) == 1


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [("maxmemory", "1", "maxmemory"), ("min-replicas-to-write", "1", "NOREPLICAS")],
)
def test_a_server_that_cannot_write_is_an_unavailable_log_and_no_crash(
    log: StreamLog, setting: str, value: str, words: str
) -> None:
    before = log.client.config_get(setting)[setting]
    log.client.config_set(setting, value)
    try:
        with pytest.raises(Unavailable, match=words):
            publish(log, 1)
    finally:
        log.client.config_set(setting, before)
    publish(log, 1)
    assert log.sent(ARTICLES_RAW) == 1


def test_a_server_that_is_away_is_an_unavailable_log(server: ValkeyServer) -> None:
    nobody = StreamLog(connect(f"{server.url}.nobody"))
    for ask in (nobody.prepare, nobody.dead_letters, lambda: nobody.sent(ARTICLES_RAW), lambda: read(nobody)):
        with pytest.raises(Unavailable, match="the log does not answer"):
            ask()
