"""Polls that end together on a real Kafka: one transaction stores what all give, and none suffers for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.topics import ARTICLES_RAW
from services.fetcher.committing import Committer
from services.runtime.kafka_outbox import KafkaOutbox
from services.runtime.stage import Emit, Write
from tests.integration.test_kafka_outbox import NOON, Make, article, published
from tests.integration.test_kafka_outbox import bootstrap as bootstrap
from tests.integration.test_kafka_outbox import make as make

POLLS = 40


class Transactions:
    """The messages and entries of each transaction that an outbox commits from now on."""

    def __init__(self, outbox: KafkaOutbox) -> None:
        producer: Any = outbox._producer
        self.sizes: list[int] = []
        self._publish = producer.publish
        producer.publish = self

    def __call__(self, records: Sequence[Any]) -> Any:
        self.sizes.append(len(records) - 1)  # without the token
        return self._publish(records)


def emit(number: int, length: int = 0) -> Emit:
    return Emit(ARTICLES_RAW, "en", Article(id=str(number), text="x" * length), f"a{number}", NOON)


async def polls_that_end_together(outbox: KafkaOutbox, emits: Sequence[Emit]) -> tuple[list[object], list[Write]]:
    """Commit each message with its note, all at once; return what came of each, and what was taken up."""
    taken: list[Write] = []
    committer = Committer(outbox, taken.append, time.monotonic)
    writes = [Write(f"item:{emit.id}", b"published") for emit in emits]
    commits = (committer.commit([emit], [write]) for emit, write in zip(emits, writes, strict=True))
    return await asyncio.gather(*commits, return_exceptions=True), taken


def test_polls_that_end_together_are_one_transaction(bootstrap: str, make: Make) -> None:
    outbox = make()
    assert outbox.open()
    transactions = Transactions(outbox)
    outcomes, taken = asyncio.run(polls_that_end_together(outbox, [article(n) for n in range(POLLS)]))
    assert outcomes == [None] * POLLS
    assert transactions.sizes == [2 * POLLS]
    assert published(bootstrap) == [f"a{n}" for n in range(POLLS)]
    assert (
        make().load()
        == {write.key: write.value for write in taken}
        == {f"item:a{n}": b"published" for n in range(POLLS)}
    )


def test_a_poll_that_kafka_refuses_costs_the_others_nothing(bootstrap: str, make: Make) -> None:
    outbox = make()
    assert outbox.open()
    emits = [emit(n, length=17 << 20 if n == 3 else 0) for n in range(8)]
    outcomes, taken = asyncio.run(polls_that_end_together(outbox, emits))
    assert [outcome is None for outcome in outcomes] == [n != 3 for n in range(8)]
    stored = [f"a{n}" for n in range(8) if n != 3]
    assert published(bootstrap) == stored
    assert list(make().load()) == [write.key for write in taken] == [f"item:{name}" for name in stored]


def test_a_shared_commit_whose_answer_was_lost_counts_once(bootstrap: str, make: Make) -> None:
    outbox = make()
    assert outbox.open()
    outbox.commit([article(100)], [])
    producer: Any = outbox._producer
    real = producer._transactions.begin_commit

    class Silent:
        def __init__(self, asked: Any) -> None:
            self._asked = asked

        def wait(self, timeout_ms: int) -> bool:
            assert self._asked.wait(timeout_ms)  # the broker has it
            return False  # and its answer never arrives

    producer._transactions.begin_commit = lambda: Silent(real())
    outcomes, taken = asyncio.run(polls_that_end_together(outbox, [article(n) for n in range(5)]))
    assert outcomes == [None] * 5
    assert published(bootstrap) == ["a100", *(f"a{n}" for n in range(5))]
    assert make().load().keys() == {write.key for write in taken}
