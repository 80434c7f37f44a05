"""Reading Kafka's topics of changes from a place on, for as long as somebody wants them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from services.cli.change_places import format_places
from services.contracts.topics import CHANGES
from services.runtime.kafka_client import AWAY, common
from services.runtime.stage import Unavailable

POLL_MS: Final = 500
QUIET_S: Final = 5.0
"""After so long without a message the broker is asked whether it is there: a consumer waits for it in silence."""

FAMILY: Final = {topic.name: family for family, topic in CHANGES.items()}


class NotReadableError(Exception):
    """A topic of changes is not there or may not be read; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message of a topic of changes."""

    family: str
    value: bytes
    place: str
    """Where to go on after it, as ``--since`` takes it."""
    at: str
    """Its own place in words, for messages to a person: "changes.sport/3/17"."""


class ChangeReader:
    """Stands somewhere in the topics of some families and moves on as it is read.

    It keeps its place over connections that are lost: ``connection`` goes on where the one before was.
    """

    def __init__(self, bootstrap: str, families: Sequence[str], say: Callable[[str], None]) -> None:
        """``say`` is told, in words for a person, what was missed."""
        self._bootstrap = bootstrap
        self._families = families
        self._say = say
        self._places: dict[tuple[str, int], int] | None = None
        self._from_beginning = False
        self._lost = False
        self.stands = False
        """True once it has found its place on Kafka: from then on a lost connection is worth another."""

    def begin(self, places: dict[tuple[str, int], int]) -> None:
        """Begin at places; those not named at their beginning. Without a call it begins now."""
        self._places = dict(places)

    def begin_at_beginning(self) -> None:
        """Begin with the oldest change that is kept."""
        self._places, self._from_beginning = {}, True

    def lost(self, text: str) -> None:
        """Say once that the connection is lost; when it stands again that is said too."""
        if not self._lost:
            self._lost = True
            self._say(text)

    def connection(self) -> Iterator[Found]:
        """Yield changes as they come until the connection is lost.

        Raises Unavailable then, and where there is none; NotReadableError.
        """
        try:
            consumer = KafkaConsumer(
                **common(self._bootstrap),
                isolation_level="read_committed",
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
            )
        except AWAY as error:
            raise Unavailable(self._away(error)) from error
        try:
            yield from self._read(consumer)
        except AWAY as error:
            raise Unavailable(self._away(error)) from error
        except KafkaError as error:
            refused = f"Kafka at {self._bootstrap} refuses to be read: {error or type(error).__name__}"
            raise NotReadableError(refused) from error
        finally:
            consumer.close(autocommit=False, timeout_ms=1_000)

    def _away(self, error: BaseException) -> str:
        return f"Kafka at {self._bootstrap} does not answer ({error or type(error).__name__})"

    def _read(self, consumer: Any) -> Iterator[Found]:
        self._take_place(consumer)
        heard_at = time.monotonic()
        while True:
            try:
                batches = consumer.poll(timeout_ms=POLL_MS)
            except OffsetOutOfRangeError:  # retention has overtaken a reader that was held up for days
                self._take_place(consumer)
                continue
            if batches:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > QUIET_S:
                consumer.end_offsets(sorted(consumer.assignment())[:1])
                heard_at = time.monotonic()
            # each partition in its order, and the partitions side by side in that of their clocks
            for record in merge(*batches.values(), key=lambda record: record.timestamp):
                yield self._found(record)

    def _found(self, record: Any) -> Found:
        assert self._places is not None
        family = FAMILY[record.topic]
        self._places[family, record.partition] = record.offset + 1
        at = f"{record.topic}/{record.partition}/{record.offset}"
        return Found(family, record.value or b"", format_places(self._places), at)

    def _take_place(self, consumer: Any) -> None:
        """Seek to where this reader stands, and say so where that is no more."""
        partitions = self._partitions(consumer)
        consumer.assign(partitions)
        first, end = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        if self._places is None:
            self._places = {(FAMILY[each.topic], each.partition): end[each] for each in partitions}
        missed = anew = False
        for each in partitions:
            place = self._places.get((FAMILY[each.topic], each.partition), 0)
            if place > end[each]:
                anew, place = True, first[each]
            elif place < first[each]:
                missed, place = True, first[each]
            self._places[FAMILY[each.topic], each.partition] = place
            consumer.seek(each, place)
        if anew:
            self._say("the topics were made anew since that position: their changes are read from the beginning.")
        if missed and not self._from_beginning:
            self._say("changes were missed: they are older than what is kept. Read /v1/events.")
        self._from_beginning, self.stands = False, True
        if self._lost:
            self._lost = False
            self._say(f"Kafka at {self._bootstrap} answers again.")

    def _partitions(self, consumer: Any) -> list[TopicPartition]:
        found = []
        for family in self._families:
            topic = CHANGES[family].name
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:
                raise NotReadableError(
                    f"Kafka at {self._bootstrap} has no topic {topic}: run `dateline topics create`, or correct --kafka"
                )
            found += [TopicPartition(topic, number) for number in sorted(numbers)]
        return found
