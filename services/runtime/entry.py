"""A message as it lies in a log, and what a worker answers to it: the words that every runtime shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from services.contracts import cloudevents
from services.contracts.topics import Topic
from services.runtime import telemetry
from services.runtime.dead_letters import dead_letter
from services.runtime.stage import Emit, Message, Write

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as it lies in the log, not yet decoded."""

    topic: Topic
    position: str
    """Where it lies: a stream's entry id "1763772000000-0", or on Kafka partition and offset "3:17"."""
    key: str
    value: bytes
    headers: Mapping[str, bytes]

    def message(self) -> Message:
        """Decode. Raises ValueError or a Protobuf DecodeError where the bytes are no message of the topic."""
        attributes = cloudevents.from_headers(self.headers)
        value = self.topic.value.FromString(self.value)
        return Message(self.topic, self.key, value, attributes.id, attributes.time, attributes.traceparent)

    def name(self) -> str:
        """CloudEvents id of the message, or its position where it has none: what a dead letter is known by."""
        return self.headers["ce_id"].decode("utf-8", "backslashreplace") if "ce_id" in self.headers else self.position


@dataclass(frozen=True, slots=True)
class Answer:
    """What to commit for one input, or (``entry`` None) for a source that has none."""

    entry: Entry | None
    emits: tuple[Emit, ...] = ()
    writes: tuple[Write, ...] = ()
    traceparent: str = ""


def utc_now() -> datetime:
    """The clock that is passed to stages."""
    return datetime.now(UTC)


def decode(entries: Sequence[Entry]) -> tuple[list[tuple[Entry, Message]], list[tuple[Entry, Exception]]]:
    """Return the readable entries with their messages, and the others with what is wrong with them."""
    readable: list[tuple[Entry, Message]] = []
    unreadable: list[tuple[Entry, Exception]] = []
    for entry in entries:
        try:
            readable.append((entry, entry.message()))
        except Exception as error:  # bytes from outside: anything may be wrong with them
            unreadable.append((entry, error))
    return readable, unreadable


def dead_answer(stage: str, entry: Entry, error: Exception, now: datetime) -> Answer:
    """Return the answer to a message that a stage could not process: its dead letter. It is logged and counted."""
    log.error(
        "dead letter",
        stage=stage,
        topic=entry.topic.name,
        message=entry.name(),
        error=f"{type(error).__name__}: {error}",
    )
    telemetry.MESSAGES.labels(stage, "dead-lettered").inc()
    letter = dead_letter(
        stage=stage,
        topic=entry.topic.name,
        key=entry.key,
        message_id=entry.name(),
        value=entry.value,
        headers=entry.headers,
        error=error,
        now=now,
    )
    return Answer(entry, (letter,), (), entry.headers.get("traceparent", b"").decode("ascii", "replace"))


def headers_of(emit: Emit, source: str, parent: str) -> dict[str, bytes]:
    """Return the headers of a message to send: CloudEvents attributes, and the trace continued from ``parent``."""
    attributes = cloudevents.Attributes(
        emit.id, emit.topic.ce_type, source, emit.time, cloudevents.child_traceparent(parent, emit.id)
    )
    return cloudevents.to_headers(attributes)
