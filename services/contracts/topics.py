"""Every topic, declared once: what it carries, by what it is keyed, how it is partitioned and kept.

The Kafka runtime makes its topics from this list, the embedded runtime its streams. Values are Protobuf messages
of ``proto/dateline/v1``; attributes travel as CloudEvents headers (see ``cloudevents.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from google.protobuf.message import Message as Proto

from services.contracts.dateline.v1 import article_pb2, event_pb2, runtime_pb2
from services.contracts.ontology import TOPIC_FAMILIES


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the log."""

    name: str
    value: type[Proto]
    key: str
    """What the key is, in words. Messages of one key stay in order and, in stateful stages, with one owner."""
    partitions: int
    """Partitions on Kafka; the embedded runtime has one stream a topic."""
    retention: timedelta | None
    """How long Kafka keeps a message; None: for ever."""
    compacted: bool = False
    """True where only the newest value of a key matters."""
    writers: tuple[str, ...] = ()
    """Services that write it."""
    readers: tuple[str, ...] = ()
    """Stages that read it. A message is kept until every one of them has acknowledged it."""
    spread: tuple[str, ...] = ()
    """Keys that have a partition of their own on Kafka, in order: hashing a few keys would double some up."""
    keep: int = 0
    """For topics without such readers: how many messages the embedded runtime keeps for subscribers."""

    @property
    def ce_type(self) -> str:
        """The CloudEvents type of its messages: the Protobuf message's full name, "dateline.v1.Article"."""
        return str(self.value.DESCRIPTOR.full_name)


ARTICLES_RAW: Final = Topic(
    "articles.raw",
    article_pb2.Article,
    "language",
    partitions=12,
    retention=timedelta(days=3),
    writers=("fetcher",),
    readers=("dedup",),
)
ARTICLES_UNIQUE: Final = Topic(
    "articles.unique",
    article_pb2.UniqueArticle,
    "article id",
    partitions=24,
    retention=timedelta(days=3),
    writers=("dedup",),
    readers=("extractor",),
)
ARTICLES_DUPLICATES: Final = Topic(
    "articles.duplicates",
    article_pb2.Verdict,
    "article id",
    partitions=12,
    retention=timedelta(days=3),
    writers=("dedup",),
    readers=("extractor",),
)
MENTIONS: Final = Topic(
    "mentions",
    event_pb2.MentionBatch,
    "topic family",
    partitions=17,
    retention=timedelta(days=7),
    writers=("extractor",),
    readers=("linker",),
    spread=TOPIC_FAMILIES,
)
EVENTS: Final = Topic(
    "events",
    event_pb2.Event,
    "event id",
    partitions=12,
    retention=None,
    compacted=True,
    writers=("linker",),
    readers=("cache",),
)
DEAD_LETTERS: Final = Topic(
    "dead-letters", runtime_pb2.DeadLetter, "stage", partitions=1, retention=timedelta(days=30), keep=100_000
)
CHANGES: Final = {
    family: Topic(
        f"changes.{family}",
        event_pb2.Change,
        "event id",
        partitions=6,
        retention=timedelta(days=7),
        writers=("linker",),
        keep=10_000,
    )
    for family in TOPIC_FAMILIES
}
"""The topic of changes of each topic family."""

ALL: Final = (
    ARTICLES_RAW,
    ARTICLES_UNIQUE,
    ARTICLES_DUPLICATES,
    MENTIONS,
    EVENTS,
    DEAD_LETTERS,
    *CHANGES.values(),
)

BY_NAME: Final = {topic.name: topic for topic in ALL}


def upstream(topic: Topic) -> tuple[Topic, ...]:
    """Return the topics of whose messages those of ``topic`` are made, the nearest first."""
    found: list[Topic] = []
    writers = list(topic.writers)
    while writers:
        writer = writers.pop(0)
        for other in ALL:
            if writer in other.readers and other not in found:
                found.append(other)
                writers += other.writers
    return tuple(found)
