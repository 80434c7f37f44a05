"""How the fetcher publishes into a real Kafka: messages and state together, once, and only by one source at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.topics import ARTICLES_RAW
from services.runtime import kafka_client
from services.runtime.kafka_client import admin
from services.runtime.kafka_log import read_all
from services.runtime.kafka_outbox import KafkaOutbox
from services.runtime.kafka_topics import changelog_of, create
from services.runtime.settings import RuntimeSettings, SettingsError
from services.runtime.stage import Emit, Unavailable, Write
from services.runtime.stream_log import LeaseLostError
from tests.conftest import REPO, Kafka
from tests.kafka_server import KafkaServer, fresh

Make = Callable[..., KafkaOutbox]
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)

SLEEPER = """
import sys
from services.contracts.topics import ARTICLES_RAW
from services.runtime.kafka_outbox import KafkaOutbox
from services.runtime.kafka_topics import changelog_of, create
from services.runtime.settings import RuntimeSettings
from tests.integration.test_kafka_outbox import article
outbox = KafkaOutbox("fetcher", (ARTICLES_RAW,), RuntimeSettings(kafka=sys.argv[1], worker="sleeper", lease_s=6))
assert outbox.open()
outbox.commit([article(1)], [])
print("open", flush=True)
sys.stdin.readline()
try:
    outbox.commit([article(1)], [])
except Exception as error:
    print(type(error).__name__, flush=True)
"""


@pytest.fixture
def bootstrap(kafka: Kafka) -> str:
    """An empty log."""
    fresh(kafka.bootstrap)
    return kafka.bootstrap


@pytest.fixture
def make(kafka: Kafka) -> Iterator[Make]:
    """Makes outboxes that are closed at the end."""
    made: list[KafkaOutbox] = []

    def outbox(worker: str = "fetcher-0", bootstrap: str = kafka.bootstrap, **settings: Any) -> KafkaOutbox:
        made.append(
            KafkaOutbox("fetcher", (ARTICLES_RAW,), RuntimeSettings(kafka=bootstrap, worker=worker, **settings))
        )
        return made[-1]

    yield outbox
    for each in made:
        each.close()


def article(number: int) -> Emit:
    """A message that names itself."""
    return Emit(ARTICLES_RAW, "en", Article(id=str(number)), f"a{number}", NOON)


def published(bootstrap: str) -> list[str]:
    """Ids of the articles in the log, in order."""
    return [entry.message().id for entry in read_all(bootstrap, ARTICLES_RAW)]


def wait_for(true: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, f"waited 60 s for {what}"
        time.sleep(0.1)


def test_messages_and_state_are_stored_together(bootstrap: str, make: Make) -> None:
    outbox = make()
    assert outbox.open()
    outbox.commit([article(1)], [Write("feed", b"seen"), Write("old", b"x")])
    outbox.commit([], [Write("old", None)])
    assert published(bootstrap) == ["a1"]
    assert make().load() == {"feed": b"seen"}


def test_a_message_carries_its_attributes_and_a_trace(bootstrap: str, make: Make) -> None:
    outbox = make()
    outbox.open()
    outbox.commit([article(1)], [])
    entry = read_all(bootstrap, ARTICLES_RAW)[0]
    message = entry.message()
    assert (message.key, message.id, message.time, message.value) == ("en", "a1", NOON, Article(id="1"))
    assert entry.headers["ce_source"] == b"/dateline/fetcher"
    assert message.traceparent.startswith("00-")


def test_a_commit_whose_answer_was_lost_counts_once(
    bootstrap: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = make()
    outbox.open()
    outbox.commit([article(1)], [])
    transactions = outbox._producer._transactions
    real = transactions.begin_commit

    class Silent:
        def __init__(self, asked: Any) -> None:
            self._asked = asked

        def wait(self, timeout_ms: int) -> bool:
            assert self._asked.wait(timeout_ms)  # the broker has it
            return False  # and its answer never arrives

    transactions.begin_commit = lambda: Silent(real())
    with pytest.raises(Unavailable):
        outbox.commit([article(2)], [Write("feed", b"seen")])
    outbox.commit([article(2)], [Write("feed", b"seen")])
    assert published(bootstrap) == ["a1", "a2"]
    outbox.commit([article(2)], [Write("feed", b"seen")])
    assert published(bootstrap) == ["a1", "a2", "a2"], "a new commit of the same is no repetition"


def test_a_commit_that_never_reached_kafka_is_repeated(bootstrap: str, make: Make) -> None:
    outbox = make()
    outbox.open()

    def never() -> Any:
        raise TimeoutError("the commit was not sent")

    outbox._producer._transactions.begin_commit = never
    with pytest.raises(Unavailable):
        outbox.commit([article(1)], [Write("feed", b"seen")])
    assert published(bootstrap) == [], "what is not committed is not read"
    outbox.commit([article(1)], [Write("feed", b"seen")])
    assert published(bootstrap) == ["a1"]


def test_there_is_one_source_at_a_time(bootstrap: str, make: Make) -> None:
    first, second = make("a"), make("b")
    assert first.open()
    assert not second.open()
    first.keep()
    first.close()
    wait_for(second.open, "the second to take over")
    with pytest.raises(LeaseLostError):
        first.commit([article(1)], [])
    with pytest.raises(LeaseLostError):
        first.keep()


def test_a_process_that_comes_back_under_its_name_takes_over_at_once(bootstrap: str, make: Make) -> None:
    before, after = make("a"), make("a")
    assert before.open()
    assert after.open()
    after.commit([article(1)], [])
    with pytest.raises(LeaseLostError):
        before.commit([article(2)], [])
    assert published(bootstrap) == ["a1"]


@pytest.mark.parametrize("attempt", range(4))
def test_a_source_that_was_replaced_notices_though_it_has_nothing_to_publish(
    bootstrap: str, make: Make, attempt: int
) -> None:
    """More than once: by turns the group decides before or after its members have heard of the topic."""
    before, after = make("a"), make("a")
    before.open()
    after.open()

    def replaced() -> bool:
        after.keep()
        try:
            before.keep()
        except LeaseLostError:
            return True
        return False

    wait_for(replaced, "the first source to notice")


def test_a_source_that_slept_through_its_lease_publishes_nothing_more(bootstrap: str, make: Make) -> None:
    sleeper = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, bootstrap], cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert sleeper.stdin is not None
        assert sleeper.stdout is not None
        assert sleeper.stdout.readline() == "open\n"
        os.kill(sleeper.pid, signal.SIGSTOP)
        other = make("other")
        wait_for(other.open, "the sleeper's session to end")
        other.commit([article(2)], [])
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.stdin.write("go on\n")
        sleeper.stdin.flush()
        assert sleeper.stdout.readline() == "LeaseLostError\n"
        other.commit([article(3)], [])
    finally:
        sleeper.kill()
        sleeper.wait()
    assert published(bootstrap) == ["a1", "a2", "a3"]


def test_a_replaced_source_that_reconnects_publishes_nothing_more(bootstrap: str, make: Make) -> None:
    before, after = make("a"), make("a")
    before.open()
    after.open()
    after.commit([article(1)], [])
    before._drop_producer()  # as after a commit without an answer: it begins anew, and by that fences the other
    with pytest.raises(LeaseLostError, match="another source has published since"):
        before.commit([article(2)], [])
    assert published(bootstrap) == ["a1"]


def test_a_source_can_be_reopened_after_it_was_replaced(bootstrap: str, make: Make) -> None:
    first, second = make("a"), make("b")
    first.open()
    first.commit([], [Write("feed", b"1")])
    first.close()
    wait_for(second.open, "the second to take over")
    second.commit([], [Write("feed", b"2")])
    second.close()
    third = make("a")
    wait_for(third.open, "the third to take over")
    assert third.load() == {"feed": b"2"}
    third.commit([article(1)], [])
    assert published(bootstrap) == ["a1"]


def test_a_message_too_large_is_refused_and_the_next_one_goes_through(bootstrap: str, make: Make) -> None:
    outbox = make()
    outbox.open()
    large = Emit(ARTICLES_RAW, "en", Article(id="x", text="x" * (17 << 20)), "large", NOON)
    with pytest.raises(Exception, match="larger than"):
        outbox.commit([large], [Write("feed", b"large")])
    outbox.commit([article(1)], [])
    assert published(bootstrap) == ["a1"]
    assert outbox.load() == {}


def test_it_is_congested_while_readers_are_behind(bootstrap: str, make: Make) -> None:
    outbox = make(max_backlog=10)
    outbox.open()
    outbox.commit([article(n) for n in range(9)], [])
    assert not outbox.congested()
    outbox.commit([article(9)], [])
    wait_for(outbox.congested, "the figure to be asked for again")


def test_a_lease_too_short_for_the_brokers_is_told(bootstrap: str, make: Make) -> None:
    with pytest.raises(SettingsError, match=r"DATELINE_LEASE_S=0\.01.*group\.min\.session\.timeout\.ms"):
        make(lease_s=0.01).open()


def test_a_missing_changelog_is_told_with_what_to_do(bootstrap: str, make: Make) -> None:
    with admin(bootstrap) as client:
        client.delete_topics([changelog_of("fetcher")])
        wait_for(lambda: changelog_of("fetcher") not in client.list_topics(), "the topic to be deleted")
    try:
        with pytest.raises(
            Unavailable, match="no topic dateline-fetcher-state-changelog: run `dateline topics create`"
        ):
            make().open()
    finally:
        create(bootstrap)


def test_while_kafka_is_away_everything_says_so_and_leaves_no_threads(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_client, "PATIENCE_S", 1.0)
    outbox = make(bootstrap="127.0.0.1:1")
    threads = threading.active_count()
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 does not answer"):
        outbox.open()
    with pytest.raises(Unavailable):
        outbox.load()
    with pytest.raises(Unavailable):
        outbox.congested()
    assert threading.active_count() == threads


def test_kill_9_of_kafka_at_any_moment_loses_and_doubles_nothing(own_kafka: KafkaServer, make: Make) -> None:
    outbox = make(bootstrap=own_kafka.bootstrap)
    assert outbox.open()
    done, enough = [0], threading.Event()

    def publish() -> None:
        number = 0
        while not enough.is_set():
            while True:
                try:
                    outbox.commit([article(number)], [Write("last", str(number).encode())])
                    break
                except Unavailable:
                    time.sleep(0.1)
            number += 1
            done[0] = number

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        for _ in range(2):
            before = done[0]
            wait_for(lambda before=before: done[0] > before + 5, "articles to be published")
            own_kafka.kill()
            own_kafka.start()
        before = done[0]
        wait_for(lambda: done[0] > before + 5, "articles to be published")
    finally:
        enough.set()
        publisher.join(60)
    outbox.keep()
    assert published(own_kafka.bootstrap) == [f"a{number}" for number in range(done[0])]
    assert outbox.load() == {"last": str(done[0] - 1).encode()}
