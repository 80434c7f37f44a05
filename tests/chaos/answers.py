"""What each stage must have answered: its pure code applied to what its input topic holds, in the order it holds it.

A stage is a function of its input's order, so this is the undisturbed run with which a disturbed one is compared: same
verdicts, same mentions, same events, byte for byte, each as often as its input came. A second run of the whole system
would meet the articles of different partitions in another order, and so could only be compared in part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.runtime.stage import Emit, Outcome, Stage
from tests.chaos.record import Record, by_partition

NOW = datetime(2000, 1, 1, tzinfo=UTC)
"""Stages go by the time of messages; the clock they are passed does not count."""
BATCH = 64


@dataclass(slots=True)
class Answers:
    """What a stage must have sent and stored."""

    sent: dict[str, Counter[tuple[str, bytes]]] = field(default_factory=dict)
    """By topic: how often each message, as its id and its bytes."""
    last: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """By topic: the newest value of each key."""
    stored: dict[str, bytes] = field(default_factory=dict)
    """The stage's whole table, of all partitions."""

    def take(self, outcome: Outcome) -> None:
        """Add one outcome."""
        for emit in outcome.emits:
            self.sent.setdefault(emit.topic.name, Counter())[emit.id, _bytes(emit)] += 1
            self.last.setdefault(emit.topic.name, {})[emit.key] = _bytes(emit)
        for write in outcome.writes:
            if write.value is None:
                self.stored.pop(write.key, None)
            else:
                self.stored[write.key] = write.value


def answers(build: Callable[[], Stage], inputs: Mapping[str, Sequence[Record]]) -> Answers:
    """Return what a stage answers to ``inputs`` (committed messages by topic). It passes over what it cannot read."""
    found = Answers()
    stateless: Stage | None = None
    for topic in sorted(inputs):
        for _, records in by_partition(inputs[topic]).items():
            stage = stateless or build()
            if not stage.stateful:
                stateless = stage
            for outcome in _outcomes(stage, records):
                found.take(outcome)
    return found


def _outcomes(stage: Stage, records: Iterable[Record]) -> Iterable[Outcome]:
    readable = [message for record in records if (message := record.message()) is not None]
    for start in range(0, len(readable), BATCH):
        for outcome in stage.handle_many(readable[start : start + BATCH], NOW):
            if isinstance(outcome, Outcome):  # a failure is a dead letter
                yield outcome


def _bytes(emit: Emit) -> bytes:
    return emit.value.SerializeToString(deterministic=True)
