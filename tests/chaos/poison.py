"""Messages that a stage cannot process, for every topic that somebody reads, in three kinds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from google.protobuf.message import Message as Proto

from services.contracts import cloudevents
from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle, Verdict
from services.contracts.dateline.v1.event_pb2 import Event, MentionBatch
from services.contracts.ids import derive
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import (
    ARTICLES_DUPLICATES,
    ARTICLES_RAW,
    ARTICLES_UNIQUE,
    EVENTS,
    MENTIONS,
    Topic,
)
from tests.chaos.checks import Poison
from tests.chaos.publishing import Publisher

READABLE: Final[dict[Topic, Proto]] = {
    ARTICLES_RAW: Article(id="no article id"),
    ARTICLES_UNIQUE: UniqueArticle(),
    ARTICLES_DUPLICATES: Verdict(),
    MENTIONS: MentionBatch(topic="no topic family"),
    EVENTS: Event(title="without an id"),
}
REFUSED: Final = (ARTICLES_RAW, MENTIONS, EVENTS)
"""Topics whose stage refuses the value above although it can be read."""


def spread(publisher: Publisher, number: int) -> Iterator[Poison]:
    """Publish one poisoned message to each topic, ``number`` making it distinct; yield what they are."""
    for at, topic in enumerate(READABLE):
        (stage,) = topic.readers
        message_id = derive("poison", topic.name, number)
        attributes = cloudevents.Attributes(message_id, topic.ce_type, "/dateline/chaos", datetime.now(UTC))
        headers = cloudevents.to_headers(attributes)
        kind = (number + at) % 3
        value = b"\xff\xff poison " + message_id.encode()
        if kind == 1:  # a message, but no CloudEvent; the id sees to it that no two are alike
            value, headers, message_id = READABLE[topic].SerializeToString() + _unknown(message_id), {}, ""
        elif kind == 2 and topic in REFUSED:
            value = READABLE[topic].SerializeToString() + _unknown(message_id)
        key = TOPIC_FAMILIES[number % len(TOPIC_FAMILIES)] if topic is MENTIONS else f"poison-{topic.name}-{number}"
        publisher.put(topic, "en" if topic is ARTICLES_RAW else key, value, headers)
        yield Poison(stage, topic.name, value, message_id)


def _unknown(text: str) -> bytes:
    """A field that no message has (number 1000, length-delimited): Protobuf keeps it and nobody minds it."""
    data = text.encode()
    return bytes((0xC2, 0x3E, len(data))) + data
