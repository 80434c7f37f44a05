"""Time passes for linker and cache though no news comes: real logs of either runtime, a clock that the test sets."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cache.service import build as build_cache
from services.contracts.dateline.v1.article_pb2 import ArticleRef, UniqueArticle
from services.contracts.dateline.v1.event_pb2 import Change, Event, Mention, MentionBatch
from services.contracts.ids import derive
from services.contracts.instants import to_timestamp
from services.contracts.redis_model import Keys
from services.contracts.topics import ARTICLES_UNIQUE, CHANGES, EVENTS, MENTIONS, Topic
from services.linker.service import build
from services.runtime.embedded import SinkWorker, StageWorker
from services.runtime.entry import Answer
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Message
from services.runtime.stream_log import StreamLog, connect
from tests.conftest import Kafka
from tests.kafka_server import fresh
from tests.unit.cache.events import make_event

GIVE_UP_S = 120.0
DAY = timedelta(days=1)
FAMILY = "politics-government"


class Clock:
    """A clock that runs, from the real time on, and that the test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def planned(now: datetime, days: int) -> Emit:
    """A mention of a visit that is planned for so many days after ``now``, told at ``now``."""
    article = ArticleRef(id=derive("article"), published_at=to_timestamp(now), first_seen_at=to_timestamp(now))
    article.source.domain = "one.example"
    mention = Mention(id=derive("mention"), type="visit", status="planned", confidence=0.9, article=article)
    mention.place.country = mention.place.name = "KEN"
    mention.time.start = mention.time.end = (now + days * DAY).date().isoformat()
    mention.time.granularity, mention.time.origin = "day", "text"
    batch = MentionBatch(topic=FAMILY, article=article, mentions=[mention])
    return Emit(MENTIONS, FAMILY, batch, derive("batch", now.isoformat()), now)


class Surroundings(ABC):
    """A log with one linker on it."""

    def __init__(self) -> None:
        self.clock = Clock()

    @abstractmethod
    def publish(self, *emits: Emit) -> None:
        """Append messages."""

    @abstractmethod
    def messages(self, topic: Topic) -> list[Message]:
        """All messages of a topic."""

    @abstractmethod
    def run(self, stop: threading.Event) -> None:
        """Run a linker until told to stop."""

    @contextmanager
    def linker(self) -> Iterator[None]:
        """A linker at work."""
        stop = threading.Event()
        thread = threading.Thread(target=self.run, args=(stop,), daemon=True)
        thread.start()
        yield
        stop.set()
        thread.join(GIVE_UP_S)
        assert not thread.is_alive()

    def kinds(self) -> list[str]:
        """Kinds of all changes, in order."""
        return [m.value.kind for m in self.messages(CHANGES[FAMILY]) if isinstance(m.value, Change)]

    def wait_for(self, state: Callable[[], bool]) -> None:
        """Wait until ``state`` holds."""
        deadline = time.monotonic() + GIVE_UP_S
        while not state():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    @abstractmethod
    def wait_for_looks(self) -> None:
        """Wait until the linker has looked at the clock a few times."""

    @abstractmethod
    def answer_upstream(self) -> None:
        """Do as if the extractor had answered its messages."""


class Embedded(Surroundings):
    """On Valkey."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.log = StreamLog(connect(url), source="test")
        self.log.client.flushall()
        self.log.prepare()
        self._turns = 0

    def publish(self, *emits: Emit) -> None:
        self.log.commit("test", [Answer(None, emits)])

    def messages(self, topic: Topic) -> list[Message]:
        rows = self.log.client.xrange(self.log.stream(topic))
        return [self.log.entry(topic, position, fields).message() for position, fields in rows]

    def run(self, stop: threading.Event) -> None:
        def clock() -> datetime:
            self._turns += 1
            return self.clock()

        log = StreamLog(connect(self._url), source="linker")
        StageWorker(build, log, RuntimeSettings(worker="linker-0", lease_s=5), clock=clock).run(stop)

    def wait_for_looks(self) -> None:
        enough = self._turns + 3
        self.wait_for(lambda: self._turns >= enough)

    def answer_upstream(self) -> None:
        self.log.client.delete(self.log.stream(ARTICLES_UNIQUE))


class OnKafka(Surroundings):
    """On Apache Kafka."""

    def __init__(self, bootstrap: str, data: Path) -> None:
        from services.runtime.kafka_producer import TransactionalProducer

        super().__init__()
        fresh(bootstrap)
        self._bootstrap, self._data = bootstrap, data
        self._producer = TransactionalProducer(bootstrap, "dateline-test")
        self._asked = 0

    def publish(self, *emits: Emit) -> None:
        from services.runtime.kafka_producer import record_of

        self._producer.publish([record_of(emit, "/dateline/test") for emit in emits])

    def messages(self, topic: Topic) -> list[Message]:
        from services.runtime.kafka_log import read_all

        found = [entry.message() for entry in read_all(self._bootstrap, topic)]
        return sorted(found, key=lambda message: message.value.revision)  # type: ignore[attr-defined]

    def run(self, stop: threading.Event) -> None:
        from services.runtime.kafka import KafkaWorker

        def clock() -> datetime:
            self._asked += 1
            return self.clock()

        settings = RuntimeSettings(kafka=self._bootstrap, data=self._data, worker="linker-0", lease_s=3, standbys=0)
        KafkaWorker(build, settings, clock=clock).run(stop)

    def wait_for_looks(self) -> None:
        enough = self._asked + 3 * MENTIONS.partitions
        self.wait_for(lambda: self._asked >= enough)

    def answer_upstream(self) -> None:
        from kafka import TopicPartition
        from kafka.structs import OffsetAndMetadata

        from services.runtime.kafka_client import admin
        from services.runtime.kafka_topics import group_of

        with admin(self._bootstrap) as client:
            places = {
                TopicPartition(ARTICLES_UNIQUE.name, number): OffsetAndMetadata(2, "", -1)
                for number in range(ARTICLES_UNIQUE.partitions)
            }
            client.alter_group_offsets(group_of("extractor"), places)

    def close(self) -> None:
        self._producer.close()


@pytest.fixture(params=["embedded", "kafka"])
def around(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    """A log on either runtime."""
    if request.param == "embedded":
        yield Embedded(request.getfixturevalue("url"))
        return
    from services.runtime import kafka as worker

    monkeypatch.setattr(worker, "UPSTREAM_S", 0.0)
    kafka: Kafka = request.getfixturevalue("kafka")
    surroundings = OnKafka(kafka.bootstrap, tmp_path)
    yield surroundings
    surroundings.close()


def test_an_event_is_overdue_and_goes_quiet_by_the_clock_once_all_news_is_in(around: Surroundings) -> None:
    now = around.clock()
    around.publish(planned(now, days=3))
    with around.linker():
        around.wait_for(lambda: around.kinds() == ["created"])
        unread = UniqueArticle()
        unread.article.id = derive("article that waits")
        around.publish(Emit(ARTICLES_UNIQUE, unread.article.id, unread, derive("waits"), now))
        around.wait_for_looks()
        around.clock.ahead = 6 * DAY
        around.wait_for_looks()
        assert around.kinds() == ["created"], "an article that may tell what became of it waits to be read"
        around.answer_upstream()
        around.clock.ahead += DAY / 2
        around.wait_for(lambda: around.kinds() == ["created", "overdue"])
    with around.linker():  # to which no message comes
        around.wait_for_looks()
        around.clock.ahead += 20 * DAY
        around.wait_for(lambda: around.kinds() == ["created", "overdue", "activity-changed"])
        around.wait_for_looks()
    states = [message.value for message in around.messages(EVENTS)]
    assert [(s.revision, s.overdue, s.activity) for s in states if isinstance(s, Event)] == [
        (1, False, "live"),
        (2, True, "live"),
        (3, True, "quiet"),
    ]


def test_last_months_news_ages_from_last_month_on(url: str) -> None:
    around = Embedded(url)
    around.publish(planned(around.clock() - 30 * DAY, days=3))
    for days in (2, 4):
        with around.linker():
            around.wait_for(lambda: around.kinds() == ["created"])
            around.wait_for_looks()
            around.clock.ahead = days * DAY
            around.wait_for_looks()
            assert around.kinds() == ["created"]
    with around.linker():
        around.wait_for_looks()
        around.clock.ahead = 6 * DAY
        around.wait_for(lambda: around.kinds() == ["created", "overdue"])


def test_the_cache_forgets_by_the_clock_though_no_state_comes(url: str) -> None:
    around = Embedded(url)
    now = around.clock()
    event = make_event(at=now)
    around.publish(Emit(EVENTS, event.id, event, derive("state", event.id), now))
    key, stop = Keys().event(event.id), threading.Event()
    sink = build_cache(url, kept_days=10)
    worker = SinkWorker(sink, around.log, RuntimeSettings(worker="cache-0", lease_s=5), clock=around.clock)
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    around.wait_for(lambda: around.log.client.exists(key) == 1)
    around.clock.ahead = 11 * DAY
    around.wait_for(lambda: around.log.client.exists(key) == 0)
    stop.set()
    thread.join(GIVE_UP_S)
