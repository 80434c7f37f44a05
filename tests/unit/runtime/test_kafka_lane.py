"""Lanes: what they take, what they commit, and how they begin anew, on a Kafka made of lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, ProducerFenced

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, Topic
from services.runtime import kafka_lane, kafka_processor
from services.runtime.entry import headers_of
from services.runtime.kafka_lane import Lane, Surroundings
from services.runtime.kafka_link import Committed
from services.runtime.kafka_processor import Processor, SinkProcessor, StageProcessor
from services.runtime.kafka_table import PLACE, Record
from services.runtime.stage import Emit, Failure, Message, Outcome, Sink, Unavailable, Write
from tests.contract.toy_stages import Numbering, Reminding

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
RAW = TopicPartition("articles.raw", 3)


@dataclass
class Log:
    """What a fake Kafka holds."""

    committed: list[tuple[str, Any]] = field(default_factory=list)
    """(topic, value) of every message of a committed transaction, in order."""
    changelog: list[Record] = field(default_factory=list)
    place: int | None = None
    note: str = ""
    first: int = 0
    end: int = 1_000_000
    failures: list[Exception] = field(default_factory=list)
    """What the next commits raise."""
    lost_answers: int = 0
    """So many commits are carried out, and then raise all the same."""
    opened: int = 0


class FakeProducer:
    """Collects one transaction at a time."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def begin_transaction(self) -> None:
        self._sent: list[tuple[str, Any]] = []
        self._stored: list[Record] = []

    async def send(self, topic: str, value: Any, key: bytes, partition: Any = None, headers: Any = None) -> Any:
        answer = asyncio.get_running_loop().create_future()
        if topic.endswith("-changelog"):
            self._stored.append((key, value))
            answer.set_result(SimpleNamespace(offset=len(self._log.changelog) + len(self._stored) - 1))
        else:
            self._sent.append((topic, value))
            answer.set_result(SimpleNamespace(offset=0))
        return answer

    async def send_offsets_to_transaction(self, offsets: dict[Any, Any], group: str) -> None:
        (self._place,) = offsets.values()

    async def commit_transaction(self) -> None:
        if self._log.failures:
            raise self._log.failures.pop(0)
        self._log.committed += self._sent
        self._log.changelog += self._stored
        self._log.place, self._log.note = self._place.offset, self._place.metadata
        if self._log.lost_answers:
            self._log.lost_answers -= 1
            raise KafkaConnectionError("the answer was lost")

    async def stop(self) -> None:
        """Nothing to let go of."""


class FakeLink:
    group = "dateline-dedup"

    def __init__(self, log: Log) -> None:
        self._log = log

    async def producer(self, transactional_id: str) -> FakeProducer:
        self._log.opened += 1
        return FakeProducer(self._log)

    async def committed(self, partition: Any) -> Committed:
        return Committed(self._log.place, self._log.note)

    async def bounds(self, partition: Any) -> tuple[int, int]:
        if partition.topic.endswith("-changelog"):
            return 0, len(self._log.changelog)
        return self._log.first, self._log.end

    async def changelog(self, partition: Any, after: int | None) -> AsyncIterator[tuple[list[Record], int]]:
        begin = 0 if after is None else after + 1
        if self._log.changelog[begin:]:
            yield self._log.changelog[begin:], len(self._log.changelog) - 1


class Around(Surroundings):
    """A worker that fetches nothing: the test offers what it likes."""

    def __init__(self, log: Log, batch: int = 10) -> None:
        self.link = FakeLink(log)  # type: ignore[assignment]
        self.owner = "dedup-0:1-1"
        self.batch = batch
        self.source = "/dateline/dedup"
        self.seeks: list[int] = []
        self.held: list[bool] = []
        self.fetched_to = 0
        """Messages before here have been fetched."""
        self.markers_to = 0
        """From there to here only markers of transactions were fetched."""
        self.reassignments = 0
        self.known = {}
        self.turns = 0
        self.answered = True
        """That nothing waits upstream."""

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        return work()

    async def room(self) -> None:
        """There is always room."""

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        self.seeks.append(offset)

    async def turned(self) -> None:
        """Wait until the lane has looked around once more."""
        before = self.turns
        for _ in range(1_000):
            if self.turns > before:
                return
            await asyncio.sleep(0.005)
        pytest.fail("the lane does not look around")

    async def ahead(self, partition: TopicPartition, offset: int) -> tuple[int, bool]:
        self.turns += 1
        return max(offset, self.fetched_to, self.markers_to), self.fetched_to > offset

    async def upstream_answered(self) -> bool:
        return self.answered

    def owns(self, partition: TopicPartition) -> bool:
        return True

    def hold(self, partition: TopicPartition, on: bool) -> None:
        self.held.append(on)

    async def reassigned(self) -> None:
        self.reassignments += 1
        await asyncio.sleep(0)


class FakeStore:
    """A checkpoint in memory."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}
        self.at: int | None = None

    def position(self, partition: int) -> int | None:
        return self.at

    def write(self, partition: int, records: Sequence[Record], position: int) -> None:
        for key, value in records:
            self.held.pop(key, None)
            if value is not None:
                self.held[key] = value
        self.at = position

    def entries(self, partition: int) -> list[Write]:
        return [Write(key.decode(), value) for key, value in self.held.items() if key != PLACE]

    def place(self, partition: int) -> int:
        return int(self.held.get(PLACE, b"0"))

    def release(self, partition: int) -> None:
        """Nothing is open."""

    def forget(self, partition: int) -> None:
        self.held, self.at = {}, None


def fetched(number: int, title: str = "", *, offset: int | None = None, reached: int | None = None) -> Any:
    """Article ``number`` as the consumer gives it."""
    value = Article(id=f"{number:032x}", title=title or "news", language="en")
    return message(ARTICLES_RAW, value, value.id, number if offset is None else offset, reached)


def message(topic: Topic, value: Any, id_: str, offset: int, reached: int | None = None) -> Any:
    headers = headers_of(Emit(topic, "en", value, id_, NOON), "/dateline/test", "")
    return SimpleNamespace(
        topic=topic.name,
        partition=3,
        offset=offset,
        key=b"en",
        value=value.SerializeToString(),
        headers=list(headers.items()),
        reached=offset if reached is None else reached,
    )


class Running:
    """A lane at work."""

    def __init__(self, log: Log, processor: Processor | None = None, batch: int = 10) -> None:
        self.log, self.store = log, FakeStore()
        self.around = Around(log, batch)
        self.processor = processor or StageProcessor(
            Numbering,
            self.store,
            "dateline-dedup-state-changelog",
            lambda: NOON,  # type: ignore[arg-type]
        )
        self.lane = Lane(RAW, self.processor, self.around)

    async def __aenter__(self) -> Running:
        self.task = asyncio.create_task(self.lane.run())
        await self.until(lambda: self.lane.open)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.lane.leave()
        await asyncio.wait_for(self.task, 10)

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(1_000):
            if true():
                return
            await asyncio.sleep(0.005)
        pytest.fail("waited in vain")

    async def offer_until_committed(self, messages: Sequence[Any], place: int) -> None:
        """Offer, as a consumer does that is sent back by seeks, until the place is committed."""
        for _ in range(1_000):
            if (self.log.place or 0) >= place and "tries" not in self.log.note:
                return
            for each in messages:
                self.lane.offer(each)
            await asyncio.sleep(0.005)
        pytest.fail("waited in vain for the commit")


def numbers(log: Log) -> list[int]:
    return [
        int(UniqueArticle.FromString(value).verdict.story_id)
        for topic, value in log.committed
        if topic == ARTICLES_UNIQUE.name
    ]


def letters(log: Log) -> list[DeadLetter]:
    return [DeadLetter.FromString(value) for topic, value in log.committed if topic == "dead-letters"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RETRY_FIRST_S", "RETRY_MOST_S", "IDLE_S"):
        monkeypatch.setattr(kafka_lane, name, 0.01)


async def test_messages_that_come_again_are_dropped() -> None:
    async with Running(Log()) as run:
        for number in (0, 1, 0, 1, 2, 2):
            run.lane.offer(fetched(number))
        await run.until(lambda: run.log.place == 3)
        assert numbers(run.log) == [1, 2, 3]


async def test_a_message_that_was_passed_over_is_fetched_again() -> None:
    async with Running(Log()) as run:
        run.lane.offer(fetched(0))
        run.lane.offer(fetched(2, reached=2))
        run.lane.offer(fetched(3))
        await run.until(lambda: run.around.seeks == [0, 1])
        for number in (1, 2, 3):
            run.lane.offer(fetched(number))
        await run.until(lambda: run.log.place == 4)
        assert numbers(run.log) == [1, 2, 3, 4]


async def test_offsets_that_are_markers_of_transactions_are_no_gap() -> None:
    async with Running(Log()) as run:
        run.lane.offer(fetched(0))
        run.lane.offer(fetched(5, reached=1))
        await run.until(lambda: run.log.place == 6)
        assert run.around.seeks == [0]


async def test_a_message_lost_on_its_way_is_fetched_until_it_comes() -> None:
    async with Running(Log()) as run:
        run.lane.offer(fetched(0))
        run.around.fetched_to = 2
        await run.until(lambda: run.around.seeks[:4] == [0, 1, 1, 1])
        run.lane.offer(fetched(1))
        await run.until(lambda: run.log.place == 2)
        assert numbers(run.log) == [1, 2]


async def test_markers_behind_the_last_message_are_passed_and_leave_no_lag() -> None:
    async with Running(Log()) as run:
        run.lane.offer(fetched(0))
        await run.until(lambda: run.log.place == 1)
        run.around.markers_to = 3
        await run.until(lambda: run.log.place == 3)
        assert dict(run.log.changelog)[PLACE] == b"3"
        run.lane.offer(fetched(4, reached=1))
        await run.until(lambda: run.log.place == 5)
        assert numbers(run.log) == [1, 2]
        assert run.around.seeks == [0]


async def test_the_count_of_workers_that_died_is_not_forgotten_over_markers() -> None:
    log = Log(place=1, note="tries=3 by=dedup-0:0-0")
    async with Running(log) as run:
        run.around.markers_to = 2
        await asyncio.sleep(0.1)
        assert (log.place, log.note) == (1, "tries=3 by=dedup-0:0-0")


async def test_messages_that_were_removed_unanswered_are_passed_over() -> None:
    async with Running(Log()) as run:
        run.lane.offer(fetched(0))
        await run.until(lambda: run.log.place == 1)
        run.log.first, run.around.fetched_to = 5, 6  # retention took 1 to 4
        await run.offer_until_committed([fetched(5, reached=5)], 6)
        assert numbers(run.log) == [1, 2]


async def test_a_commit_that_failed_is_made_again_from_the_committed_state() -> None:
    async with Running(Log()) as run:
        await run.offer_until_committed([fetched(0)], 1)
        run.log.failures.append(KafkaConnectionError("the broker went away"))
        await run.offer_until_committed([fetched(1), fetched(2)], 3)
        assert numbers(run.log) == [1, 2, 3]
        assert run.log.opened == 2


async def test_a_commit_whose_answer_was_lost_counts_once() -> None:
    async with Running(Log()) as run:
        await run.offer_until_committed([fetched(0)], 1)
        run.log.lost_answers = 1
        await run.offer_until_committed([fetched(1), fetched(2)], 3)
        assert numbers(run.log) == [1, 2, 3]
        await run.until(lambda: len(run.store.entries(3)) == 3)


async def test_a_fenced_lane_waits_for_its_next_assignment() -> None:
    async with Running(Log()) as run:
        await run.offer_until_committed([fetched(0)], 1)
        run.log.failures.append(ProducerFenced())
        await run.offer_until_committed([fetched(1)], 2)
        assert run.around.reassignments == 1
        assert numbers(run.log) == [1, 2]


async def test_a_new_owner_begins_with_the_state_of_the_old_one() -> None:
    log = Log()
    async with Running(log) as run:
        await run.offer_until_committed([fetched(0), fetched(1)], 2)
    async with Running(log) as other:
        assert other.store.held, "rebuilt from the changelog"
        await other.offer_until_committed([fetched(2)], 3)
    assert numbers(log) == [1, 2, 3]


async def test_a_broker_that_has_forgotten_the_place_has_nothing_answered_again() -> None:
    log = Log()
    async with Running(log) as run:
        await run.offer_until_committed([fetched(0), fetched(1)], 2)
        log.place = None  # as a coordinator says that has not loaded the group
        log.failures.append(KafkaConnectionError("the broker was restarted"))
        await run.offer_until_committed([fetched(2)], 3)
    log.place = None
    async with Running(log) as other:  # another worker, which has the changelog only
        for number in range(4):
            other.lane.offer(fetched(number))
        await other.until(lambda: log.place == 4)
    assert numbers(log) == [1, 2, 3, 4]


async def test_a_batch_whose_handling_breaks_is_answered_one_by_one() -> None:
    class Brittle(Numbering):
        def handle_many(self, messages: Sequence[Message], now: datetime) -> list[Outcome | Failure]:
            if any("breaks" in message.value.title for message in messages):  # type: ignore[attr-defined]
                raise MemoryError("too much")
            return super().handle_many(messages, now)

    log = Log()
    store: Any = FakeStore()
    async with Running(log, StageProcessor(Brittle, store, "dateline-dedup-state-changelog", lambda: NOON)) as run:
        await run.offer_until_committed([fetched(0), fetched(1, "breaks"), fetched(2)], 3)
    assert numbers(log) == [1, 2]
    (letter,) = letters(log)
    assert (letter.message_id, letter.error) == (f"{1:032x}", "MemoryError: too much")


async def test_a_message_at_which_workers_died_is_tried_alone_and_in_the_end_a_dead_letter() -> None:
    log = Log(place=0, note="tries=9 by=dedup-0:7-7")
    async with Running(log) as run:
        run.lane.offer(fetched(0))
        run.lane.offer(fetched(1))
        await run.until(lambda: log.place == 2)
        assert numbers(log) == [1, 2]
    log = Log(place=0, note="tries=10 by=dedup-0:8-8")
    async with Running(log) as run:
        run.lane.offer(fetched(0))
        run.lane.offer(fetched(1))
        await run.until(lambda: log.place == 2)
    (letter,) = letters(log)
    assert (letter.message_id, letter.error.split(":")[0]) == (f"{0:032x}", "WorkerDied")
    assert numbers(log) == [1]


async def test_a_worker_that_lives_does_not_count_against_its_message() -> None:
    log = Log(place=0, note="tries=10 by=dedup-0:1-1")
    async with Running(log) as run:
        run.lane.offer(fetched(0))
        await run.until(lambda: log.place == 1)
    assert letters(log) == []


async def test_an_output_that_is_too_large_makes_its_input_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_processor, "LARGEST_BYTES", 1_000)
    log = Log()
    async with Running(log) as run:
        await run.offer_until_committed([fetched(0), fetched(1, "x" * 2_000), fetched(2)], 3)
    assert numbers(log) == [1, 2], "what the large one had changed in the state is gone"
    (letter,) = letters(log)
    assert letter.error.startswith("TooLargeError: the output to articles.unique has ")


async def test_a_partition_whose_lane_is_full_is_held_until_it_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_lane, "FULL", 6)
    async with Running(Log(), batch=2) as run:
        for number in range(8):
            run.lane.offer(fetched(number))
        assert run.around.held == [True]
        await run.until(lambda: run.log.place == 8)
        assert run.around.held == [True, False]


class Shelf(Sink):
    """A sink with notes, that can be emptied."""

    name = "cache"
    inputs = (EVENTS,)
    keeps_notes = True

    def __init__(self) -> None:
        self.events: list[str] = []
        self.noted: dict[str, int] = {}

    def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
        self.events += [message.id for message in messages]
        return [None] * len(messages)

    def reached(self, partition: str) -> int | None:
        return self.noted.get(partition)

    def note(self, partition: str, before: int | None, place: int) -> bool:
        if self.noted.get(partition) != before:
            return False
        self.noted[partition] = place
        return True


def event(number: int) -> Any:
    value = Event(id=f"{number:032x}")
    return message(EVENTS, value, value.id, number)


async def test_a_sink_that_was_emptied_is_written_anew() -> None:
    shelf = Shelf()
    run = Running(Log(), SinkProcessor(shelf, lambda: NOON))
    run.lane = Lane(TopicPartition("events", 3), run.processor, run.around)
    async with run:
        await run.offer_until_committed([event(0), event(1)], 2)
        shelf.events.clear()
        shelf.noted.clear()
        await run.until(lambda: run.around.seeks.count(0) == 2)
        for _ in range(200):
            for number in range(2):
                run.lane.offer(event(number))
            await asyncio.sleep(0.005)
            if shelf.noted == {"events/3": 2}:
                break
        assert shelf.events == [f"{0:032x}", f"{1:032x}"]


async def test_a_sink_that_is_away_is_asked_again() -> None:
    class Away(Shelf):
        away = 2

        def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
            if self.away:
                self.away -= 1
                raise Unavailable("not at home")
            return super().write(messages, now)

    shelf = Away()
    run = Running(Log(), SinkProcessor(shelf, lambda: NOON))
    run.lane = Lane(TopicPartition("events", 3), run.processor, run.around)
    async with run:
        await run.offer_until_committed([event(0)], 1)
    assert shelf.events == [f"{0:032x}"]


async def test_a_sink_does_what_comes_due_while_no_message_comes() -> None:
    class Forgetful(Shelf):
        def due(self, now: datetime) -> bool:
            return bool(now > NOON and self.events and self.events.pop())

    clock, shelf = [NOON], Forgetful()
    run = Running(Log(), SinkProcessor(shelf, lambda: clock[0], 60))
    run.lane = Lane(TopicPartition("events", 3), run.processor, run.around)
    async with run:
        await run.offer_until_committed([event(0), event(1)], 2)
        await run.around.turned()
        assert len(shelf.events) == 2
        clock[0] = NOON + DAY
        await run.until(lambda: not shelf.events)


DAY = timedelta(days=1)


class Passing(Running):
    """A lane whose stage has each article to send again a day later, and a clock that the test sets."""

    def __init__(self, log: Log) -> None:
        self.now = NOON
        store: Any = FakeStore()
        build = partial(Reminding, NOON + DAY)
        super().__init__(log, StageProcessor(build, store, "dateline-dedup-state-changelog", lambda: self.now, 60))

    async def answered(self, *messages: Any) -> None:
        await self.offer_until_committed(messages, len(messages))
        self.log.end = self.around.markers_to = len(messages)
        await self.looks()  # for the first time what time it is

    async def looks(self) -> None:
        """Wait until the lane has turned a few times."""
        for _ in range(3):
            await self.around.turned()


def reminders(log: Log) -> list[int]:
    return [number for number in numbers(log) if number < 0]


async def test_what_comes_due_without_a_message_is_done_step_by_step_each_in_a_transaction_at_the_same_place() -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(fetched(0), fetched(1), fetched(2))
        run.now = NOON + 2 * DAY
        await run.until(lambda: len(reminders(log)) == 3)
        await run.looks()
    assert reminders(log) == [-1, -2, -3]
    assert log.place == 3
    assert [key.decode() for key, _ in log.changelog if key.startswith(b"reminded")] == [
        f"reminded {number:032x}" for number in range(3)
    ]


async def test_nothing_comes_due_while_a_message_waits_here_or_upstream() -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(fetched(0))
        log.end = 2
        run.now = NOON + 2 * DAY
        await run.looks()
        assert reminders(log) == [], "the next message is in the partition"
        log.end, run.around.answered, run.now = 1, False, NOON + 3 * DAY
        await run.looks()
        assert reminders(log) == [], "a message waits upstream"
        run.around.answered, run.now = True, NOON + 4 * DAY
        await run.until(lambda: reminders(log) == [-1])


async def test_messages_go_before_the_rest_of_what_is_due() -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(*(fetched(number) for number in range(20)))
        commit, come = run.lane._commit, []

        async def come_between(answers: Any, place: int) -> None:
            await commit(answers, place)
            if len(reminders(log)) == 2 and not come:
                come.append(True)
                run.lane.offer(fetched(20))

        run.lane._commit = come_between  # type: ignore[method-assign]
        run.now = NOON + 2 * DAY
        await run.until(lambda: len(reminders(log)) == 21)
    assert numbers(log)[20:24] == [-1, -2, 21, -3]


async def test_a_step_that_was_not_committed_is_done_once_by_the_next_owner() -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(fetched(0), fetched(1))
        log.failures.append(KafkaConnectionError("the broker went away"))
        run.now = NOON + 2 * DAY
        await run.until(lambda: not log.failures and run.lane.open)
        await run.looks()
        log.failures.append(ProducerFenced())
        run.now = NOON + 3 * DAY
        await run.until(lambda: run.around.reassignments == 1)
    assert reminders(log) == []
    async with Passing(log) as other:
        other.around.markers_to = 2
        await other.looks()
        other.now = NOON + 5 * DAY
        await other.until(lambda: len(reminders(log)) == 2)
        await other.looks()
    assert reminders(log) == [-1, -2]


async def test_a_step_that_was_not_committed_is_done_by_the_same_lane_once_it_is_open_again() -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(fetched(0), fetched(1))
        log.failures.append(KafkaConnectionError("the broker went away"))
        run.now = NOON + 2 * DAY
        await run.until(lambda: not log.failures and log.opened == 2)
        await run.looks()
        run.now = NOON + 3 * DAY
        await run.until(lambda: reminders(log) == [-1, -2])


async def test_the_next_owner_knows_how_far_messages_lag_though_none_comes() -> None:
    log = Log()
    async with Passing(log) as run:
        run.now = NOON + 30 * DAY  # a replay: what comes is a month old
        await run.answered(fetched(0))
        assert log.note == "delay=2592000.000"
    async with Passing(log) as other:
        other.log.end = other.around.markers_to = 1
        other.now = NOON + 30 * DAY
        await other.looks()
        other.now = NOON + 30 * DAY + DAY / 2
        await other.looks()
        assert reminders(log) == [], "not a day has passed since, wherever the clock on the wall stands"
        other.now = NOON + 32 * DAY
        await other.until(lambda: reminders(log) == [-1])


async def test_a_stage_that_fails_at_what_is_due_goes_on_with_its_messages() -> None:
    class Failing(Reminding):
        def due(self, now: datetime) -> Outcome:
            super().due(now)
            raise ValueError("poison in the table")

    log = Log()
    run = Passing(log)
    store: Any = FakeStore()
    build = partial(Failing, NOON)
    run.processor = StageProcessor(build, store, "dateline-dedup-state-changelog", lambda: run.now, 60)
    run.lane = Lane(RAW, run.processor, run.around)
    async with run:
        await run.answered(fetched(0))
        run.now = NOON + 2 * DAY
        await run.looks()
        await run.offer_until_committed([fetched(1)], 2)
    assert numbers(log) == [1, 2]
    assert log.opened == 1


async def test_a_step_whose_output_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    async with Passing(log) as run:
        await run.answered(fetched(0))
        monkeypatch.setattr(kafka_processor, "LARGEST_BYTES", 20)
        run.now = NOON + 2 * DAY
        await run.looks()
        assert (reminders(log), log.opened) == ([], 1)
        monkeypatch.setattr(kafka_processor, "LARGEST_BYTES", 1_000)
        run.now = NOON + 3 * DAY
        await run.until(lambda: reminders(log) == [-1])
