"""The inline flow: every message to its end before the next, in order, and a dead letter where a stage fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.dateline.v1.event_pb2 import Event, MentionBatch
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, EVENTS, MENTIONS
from services.runtime.inline import InlineFlow
from services.runtime.stage import Emit, Message, Outcome, Stage, Write

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Splitting(Stage):
    """One article, and after it the batch of a notice, for every article; remembers how many it saw."""

    name = "dedup"
    inputs = (ARTICLES_RAW,)
    outputs = (ARTICLES_UNIQUE, MENTIONS)
    stateful = True

    def __init__(self) -> None:
        self.seen = 0

    def handle(self, message: Message, now: datetime) -> Outcome:
        article = cast("Article", message.value)
        if article.title == "poison":
            raise ValueError("no title")
        unique = Emit(ARTICLES_UNIQUE, "k", UniqueArticle(article=article), f"u{self.seen}", message.time)
        notice = Emit(MENTIONS, "k", MentionBatch(topic="notice"), f"n{self.seen}", message.time)
        return Outcome((unique, notice), (Write("seen", str(self.seen + 1).encode()),))

    def apply(self, write: Write) -> None:
        self.seen = int(write.value or b"0")


class Batching(Stage):
    """A batch for every article."""

    name = "extractor"
    inputs = (ARTICLES_UNIQUE,)
    outputs = (MENTIONS,)
    stateful = False

    def handle(self, message: Message, now: datetime) -> Outcome:
        article = cast("UniqueArticle", message.value).article
        return Outcome((Emit(MENTIONS, "k", MentionBatch(topic=article.title), f"m-{article.title}", message.time),))


class Founding(Stage):
    """An event for every batch."""

    name = "linker"
    inputs = (MENTIONS,)
    outputs = (EVENTS,)
    stateful = False

    def handle(self, message: Message, now: datetime) -> Outcome:
        topic = cast("MentionBatch", message.value).topic
        return Outcome((Emit(EVENTS, "k", Event(title=topic), f"e-{message.id}", message.time),))


@pytest.fixture
def flow() -> InlineFlow:
    return InlineFlow([Splitting(), Batching(), Founding()])


def send(flow: InlineFlow, title: str) -> list[Emit]:
    article = Article(id="a" * 32, title=title)
    return list(flow.send(Emit(ARTICLES_RAW, "en", article, f"id-{title}", NOON), NOON))


def test_messages_come_in_the_order_in_which_they_were_sent(flow: InlineFlow) -> None:
    assert [emit.id for emit in send(flow, "one")] == ["u0", "n0", "m-one", "e-n0", "e-m-one"]


def test_a_stage_knows_what_the_message_before_left(flow: InlineFlow) -> None:
    send(flow, "one")
    assert [emit.id for emit in send(flow, "two")][:2] == ["u1", "n1"]


def test_a_message_keeps_its_time_through_all_stages(flow: InlineFlow) -> None:
    assert {emit.time for emit in send(flow, "one")} == {NOON}


def test_what_a_stage_cannot_process_becomes_a_dead_letter_and_the_next_goes_on(flow: InlineFlow) -> None:
    (dead,) = send(flow, "poison")
    letter: Any = dead.value
    assert dead.topic is DEAD_LETTERS
    assert isinstance(letter, DeadLetter)
    assert (letter.stage, letter.topic, letter.key, letter.message_id) == ("dedup", "articles.raw", "en", "id-poison")
    assert Article.FromString(letter.value).title == "poison"
    assert letter.headers["ce_id"] == "id-poison"
    assert letter.error == "ValueError: no title"
    assert len(send(flow, "one")) == 5


def test_a_chain_without_its_end_stops_where_it_ends() -> None:
    assert [emit.id for emit in send(InlineFlow([Splitting()]), "one")] == ["u0", "n0"]
