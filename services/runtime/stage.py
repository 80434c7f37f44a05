"""The stage contract: what a stage is, whichever runtime runs it.

A stage is pure: it is handed a message and the time, looks at its own state, and answers with messages to emit and
state to write. It never touches a log, a database, a file, the network or the clock.

A stage instance is a *view of its table*. Its indexes change in ``apply`` only, and ``apply`` is fed the same writes
that are stored: once when they are made, and again, all of them, when another process takes over. So whatever an
instance knows can be rebuilt, and a runtime that fails to store an outcome drops the instance and builds it anew.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import ClassVar

from google.protobuf.message import Message as Proto

from services.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a stage receives it: a decoded value with its CloudEvents attributes."""

    topic: Topic
    key: str
    value: Proto
    id: str
    """CloudEvents id: derived from the content, equal on redelivery."""
    time: datetime
    """CloudEvents time, aware: when what it tells became known to Dateline (not when this copy was sent)."""
    traceparent: str = ""
    """W3C Trace Context of the article's way through the stages; empty where tracing is off."""


@dataclass(frozen=True, slots=True)
class Emit:
    """A message to send. ``id`` must be derived from the content, so that a repeated send can be recognised."""

    topic: Topic
    key: str
    value: Proto
    id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Write:
    """One entry of the stage's table to store under ``key``; ``value`` None removes it."""

    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage answers to one message: stored together with its acknowledgement, or not at all."""

    emits: tuple[Emit, ...] = ()
    writes: tuple[Write, ...] = ()

    @property
    def empty(self) -> bool:
        """True where nothing is to be sent or stored."""
        return not self.emits and not self.writes


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that a stage could not process; it becomes a dead letter and the stream goes on."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Health:
    """What a stage tells of itself for metrics: gauges by name, such as {"articles": 1200.0}."""

    gauges: dict[str, float] = field(default_factory=dict)


class Stage(ABC):
    """A pure step of the flow. One instance serves one partition, from one thread."""

    name: ClassVar[str]
    inputs: ClassVar[tuple[Topic, ...]]
    outputs: ClassVar[tuple[Topic, ...]]
    stateful: ClassVar[bool]
    """True: one owner at a time, messages in order. False: any number of workers share the messages."""

    @abstractmethod
    def handle(self, message: Message, now: datetime) -> Outcome:
        """Answer one message. Must leave the instance unchanged: what it learns comes back through ``apply``.

        Anything raised makes the message a dead letter.
        """

    def apply(self, write: Write) -> None:
        """Take up one write into the instance's indexes. Must accept, in order, any sequence of its own writes.

        After a restart each live key arrives once, with its last value, in no particular order.
        """
        raise TypeError(f"stage {self.name} keeps no state, yet wrote {write.key!r}: override apply")

    def due(self, now: datetime) -> Outcome:
        """Answer that time has come to ``now`` though no message says so: do the first of what is due by then.

        A bounded step: a few entries, so that no message waits for it. A runtime asks a stateful stage again for the
        same ``now`` until the outcome is empty, and may let messages in between. Must leave the instance unchanged, as
        ``handle`` does, and each step must leave less due. The same table and ``now`` give the same outcome, and ids of
        emits do not depend on ``now``. Where nothing is due it must cost next to nothing: it is asked every minute.

        ``now`` lies behind the clock: no message from before it waits anywhere (``clock.py``).
        """
        return Outcome()

    def handle_many(self, messages: Sequence[Message], now: datetime) -> list[Outcome | Failure]:
        """Answer messages in order, each seeing what the ones before it wrote; one answer for each message.

        A stateless stage may override it to work on many messages at once.
        """
        return self._in_order(partial(self.handle, message, now) for message in messages)

    def _in_order(self, questions: Iterable[Callable[[], Outcome]]) -> list[Outcome | Failure]:
        """Answer one question after the other, applying what each writes before the next is put."""
        answers: list[Outcome | Failure] = []
        for question in questions:
            try:
                outcome = question()
            except Exception as error:  # any message may be poison; the stream must go on
                answers.append(Failure(error))
                continue
            for write in outcome.writes:
                self.apply(write)
            answers.append(outcome)
        return answers

    def load(self, entries: Iterable[Write]) -> None:
        """Build the indexes from all stored entries."""
        for entry in entries:
            self.apply(entry)

    def health(self) -> Health:
        """Return figures about the instance for metrics."""
        return Health()


class Unavailable(Exception):
    """What an effect needs is away for now (a server restarting): try again, the message is not at fault."""


class Sink(ABC):
    """A step that only has an effect outside the log, such as writing to Redis.

    Its effect must be idempotent, because a message may arrive again after a crash.
    """

    name: ClassVar[str]
    inputs: ClassVar[tuple[Topic, ...]]

    @abstractmethod
    def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
        """Carry out the effect of each message, in order; one answer for each: None or why that message is at fault.

        Raises Unavailable where nothing can be written now; the runtime then repeats the whole call later.
        """

    def due(self, now: datetime) -> bool:
        """Do a bounded part of what has come due by ``now`` without a message; True where it did something.

        Then there may be more: it is asked again before long. ``now`` is the time by the wall. Where nothing is due it
        must cost next to nothing, and what several workers do at once must come out as if one did it. Raises
        Unavailable.
        """
        return False

    def reached(self, partition: str) -> int | None:
        """Return the place in a partition of the log ("events/3") that was noted last, or None where there is no note.

        A sink that keeps such notes beside its effects lets a runtime see that what it writes to was emptied or set
        back, and write it anew. Raises Unavailable.
        """
        return None

    def note(self, partition: str, before: int | None, place: int) -> bool:
        """Note the place up to which everything is written, if the note says ``before``; False where it does not.

        Raises Unavailable.
        """
        return True

    keeps_notes: ClassVar[bool] = False
    """True where ``reached`` and ``note`` do what they say."""


class Outbox(ABC):
    """How a source of messages (the fetcher) publishes: messages and its own state together, or not at all."""

    @abstractmethod
    def load(self) -> dict[str, bytes]:
        """Return all stored entries of the source's state."""

    @abstractmethod
    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        """Publish and store together. Returns once it is durable. Raises Unavailable while the log is away."""

    @abstractmethod
    def congested(self) -> bool:
        """True while readers are too far behind: the source must wait before it publishes more.

        Raises Unavailable while the log is away.
        """
