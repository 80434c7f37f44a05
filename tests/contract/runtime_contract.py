"""What every runtime must keep, as an abstract test class with one subclass a runtime.

Workers are processes, so that kill -9 and SIGSTOP mean what they mean in production. Nothing asserts on wall-clock
time: a test waits for a state, and only gives up after a generous deadline.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, EVENTS, MENTIONS, Topic
from services.runtime.stage import Emit, Message

GIVE_UP_S = 240.0
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def article(number: int, title: str = "") -> Emit:
    """An article to publish."""
    value = Article(id=f"{number:032x}", title=title or f"Article {number}", language="en")
    return Emit(ARTICLES_RAW, "en", value, value.id, NOON)


def wait_for(state: Callable[[], bool], what: str) -> None:
    """Wait until ``state`` holds."""
    deadline = time.monotonic() + GIVE_UP_S
    while not state():
        if time.monotonic() > deadline:
            pytest.fail(f"gave up waiting for: {what}")
        time.sleep(0.02)


class Backend(ABC):
    """A log under test, with workers that can be hurt."""

    def __init__(self) -> None:
        self.workers: list[subprocess.Popen[bytes]] = []

    @abstractmethod
    def publish(self, emits: Sequence[Emit]) -> None:
        """Append messages to their topics."""

    @abstractmethod
    def put_bytes(self, topic: Topic, value: bytes) -> None:
        """Append a message whose value is anything, with proper attributes."""

    @abstractmethod
    def sent(self, topic: Topic) -> int:
        """How many messages a topic ever got."""

    @abstractmethod
    def watch(self, topic: Topic) -> None:
        """Keep what is sent to ``topic`` from now on, although its readers read it."""

    @abstractmethod
    def messages(self, topic: Topic) -> list[Message]:
        """All messages of a watched topic, or of one without readers."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """What a worker needs to find the log."""

    @abstractmethod
    def restart_hard(self) -> None:
        """Kill -9 the log's server and start it again."""

    def start(self, stage: str, worker: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a worker process of a toy stage."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.toy_worker", stage],
            env={**os.environ, **self.environment(), "DATELINE_WORKER": worker, **env},
            cwd=Path(__file__).resolve().parents[2],
        )
        self.workers.append(process)
        return process

    def close(self) -> None:
        """End every worker that still runs."""
        for process in self.workers:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def numbers(backend: Backend) -> list[int]:
    """The numbers that Numbering gave, in the order of the articles' own numbers.

    Kept in order and answered once, articles that were published one after the other have the numbers 1, 2, 3 ...
    """
    found: list[Any] = [message.value for message in backend.messages(ARTICLES_UNIQUE)]
    return [int(value.verdict.story_id) for value in sorted(found, key=lambda value: str(value.article.id))]


class RuntimeContract(ABC):
    """The contract. A subclass provides the backend."""

    @pytest.fixture
    @abstractmethod
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        """A fresh, empty log."""

    def test_every_message_is_answered_once_and_in_order(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        backend.publish([article(n) for n in range(300)])
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 300, "300 answers")
        assert numbers(backend) == list(range(1, 301))

    def test_outputs_carry_cloudevents_attributes_and_continue_the_trace(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        backend.watch(MENTIONS)
        backend.publish([article(7)])
        backend.start("dedup", "dedup-0")
        backend.start("extractor", "extractor-0")
        wait_for(lambda: backend.sent(MENTIONS) == 1, "the mention")
        (numbered,) = backend.messages(ARTICLES_UNIQUE)
        (tagged,) = backend.messages(MENTIONS)
        assert (tagged.key, tagged.time) == ("sport", NOON)
        assert len(tagged.id) == 32
        version, trace, span, flags = tagged.traceparent.split("-")
        assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
        assert numbered.traceparent.split("-")[1] == trace
        assert numbered.traceparent.split("-")[2] != span

    def test_killing_the_owner_of_a_stateful_stage_loses_and_doubles_nothing(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        for round_ in range(4):
            worker = backend.start("dedup", "dedup-0", DATELINE_BATCH="7")
            backend.publish([article(round_ * 100 + n) for n in range(100)])
            wait_for(lambda done=round_: backend.sent(ARTICLES_UNIQUE) > done * 100 + 20, "some answers")
            worker.kill()
            worker.wait()
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 400, "400 answers")
        assert numbers(backend) == list(range(1, 401))

    def test_a_standby_takes_over_from_a_dead_owner(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        owner = backend.start("dedup", "dedup-0", DATELINE_BATCH="5", DATELINE_LEASE_S="2")
        backend.publish([article(n) for n in range(50)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) > 0, "the owner's first answer")
        backend.start("dedup", "dedup-1", DATELINE_LEASE_S="2")
        owner.kill()
        backend.publish([article(n) for n in range(50, 100)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 100, "the stand-by's answers")
        assert numbers(backend) == list(range(1, 101))

    def test_an_owner_that_slept_through_its_lease_changes_nothing_any_more(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        sleeper = backend.start("dedup", "dedup-0", DATELINE_LEASE_S="1")
        backend.publish([article(n) for n in range(10)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 10, "the first ten")
        sleeper.send_signal(signal.SIGSTOP)
        backend.start("dedup", "dedup-1", DATELINE_LEASE_S="1")
        backend.publish([article(n) for n in range(10, 20)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 20, "the next ten by the other")
        sleeper.send_signal(signal.SIGCONT)
        backend.publish([article(n) for n in range(20, 40)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 40, "the last twenty")
        assert numbers(backend) == list(range(1, 41))

    def test_a_dead_workers_messages_are_taken_over_by_the_others(self, backend: Backend) -> None:
        backend.watch(MENTIONS)
        backend.start("dedup", "dedup-0")
        first = backend.start("extractor", "extractor-0", DATELINE_TAKEOVER_S="1", DATELINE_BATCH="5")
        backend.start("extractor", "extractor-1", DATELINE_TAKEOVER_S="1", DATELINE_BATCH="5")
        backend.publish([article(n) for n in range(200)])
        wait_for(lambda: backend.sent(MENTIONS) > 20, "some mentions")
        first.kill()
        wait_for(lambda: backend.sent(MENTIONS) >= 200, "all mentions")
        ids = [message.id for message in backend.messages(MENTIONS)]
        assert len(ids) == len(set(ids)) == 200

    def test_what_a_stage_cannot_process_becomes_a_dead_letter_and_the_stream_goes_on(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        poison = article(1, "poison")
        backend.publish([article(0), poison, article(2)])
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 2, "the good ones")
        wait_for(lambda: backend.sent(DEAD_LETTERS) == 1, "the dead letter")
        (letter,) = [message.value for message in backend.messages(DEAD_LETTERS)]
        assert isinstance(letter, DeadLetter)
        assert (letter.stage, letter.topic, letter.key) == ("dedup", "articles.raw", "en")
        assert letter.message_id == poison.id
        assert letter.value == poison.value.SerializeToString(deterministic=True)
        assert letter.error == "ValueError: this article cannot be numbered"
        assert "toy_stages.py" in letter.traceback
        assert letter.headers["ce_id"] == poison.id

    def test_bytes_that_are_no_message_become_a_dead_letter_byte_for_byte(self, backend: Backend) -> None:
        backend.put_bytes(ARTICLES_RAW, b"\xff\x00 no protobuf")
        backend.publish([article(1)])
        backend.start("dedup", "dedup-0")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) == 1, "the good one")
        wait_for(lambda: backend.sent(DEAD_LETTERS) == 1, "the dead letter")
        (letter,) = [message.value for message in backend.messages(DEAD_LETTERS)]
        assert isinstance(letter, DeadLetter)
        assert letter.value == b"\xff\x00 no protobuf"
        assert "DecodeError" in letter.error

    def test_a_stage_waits_while_its_readers_are_too_far_behind(self, backend: Backend) -> None:
        backend.publish([article(n) for n in range(400)])
        # One a batch: the backlog is looked at once a second, and a quick machine answers 400 by fives in that time.
        backend.start("dedup", "dedup-0", DATELINE_BATCH="1", DATELINE_MAX_BACKLOG="60")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 30, "the backlog's mark, or half of it where markers count")
        backend.publish([article(1_000)])
        time.sleep(2)  # time in which a stage without back-pressure would have answered everything
        assert backend.sent(ARTICLES_UNIQUE) < 300
        backend.start("extractor", "extractor-0")
        wait_for(lambda: backend.sent(MENTIONS) == 401, "everything, once there is a reader")

    def test_sigterm_finishes_the_batch_and_leaves_with_0(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        worker = backend.start("dedup", "dedup-0", DATELINE_BATCH="5")
        backend.publish([article(n) for n in range(100)])
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) > 0, "the first answer")
        worker.terminate()
        assert worker.wait(GIVE_UP_S) == 0
        backend.start("dedup", "dedup-1")
        wait_for(lambda: backend.sent(ARTICLES_UNIQUE) >= 100, "the rest by another worker")
        assert numbers(backend) == list(range(1, 101))

    def test_a_killed_and_restarted_log_loses_and_doubles_nothing(self, backend: Backend) -> None:
        backend.watch(ARTICLES_UNIQUE)
        backend.watch(MENTIONS)
        backend.start("dedup", "dedup-0", DATELINE_BATCH="5")
        backend.start("extractor", "extractor-0", DATELINE_BATCH="5")
        for round_ in range(3):
            backend.publish([article(round_ * 50 + n) for n in range(50)])
            wait_for(lambda done=round_: backend.sent(MENTIONS) > done * 50, "some mentions")
            backend.restart_hard()
        wait_for(lambda: backend.sent(MENTIONS) >= 150, "all mentions")
        assert numbers(backend) == list(range(1, 151))
        ids = [message.id for message in backend.messages(MENTIONS)]
        assert len(ids) == len(set(ids)) == 150

    def test_a_sink_is_asked_again_when_it_was_away_and_its_faults_are_dead_letters(
        self, backend: Backend, tmp_path: Path
    ) -> None:
        notebook = tmp_path / "notebook"
        titles = ["", "poison", ""]
        events = [Event(id=f"{n:032x}", title=title) for n, title in enumerate(titles)]
        backend.publish([Emit(EVENTS, event.id, event, event.id, NOON) for event in events])
        backend.start("cache", "cache-0", NOTEBOOK=str(notebook), AWAY_FOR="2")
        wait_for(lambda: notebook.exists() and len(notebook.read_text().split()) >= 2, "two notes")
        wait_for(lambda: backend.sent(DEAD_LETTERS) == 1, "the dead letter")
        assert sorted(notebook.read_text().split()) == [events[0].id, events[2].id]
