"""What time it is for a stage of which nobody has any news, and when to ask it what is due.

A stage learns from its messages that time passes; where none comes, the runtime tells it (``Stage.due``). The clock on
the wall is not the time to tell:

- A report from yesterday may still wait in a queue: what it tells of must not be marked as never told. So a runtime
  asks only when it has answered all its messages, while none from before ``LATENESS`` waits in the topics upstream, and
  the time it tells lies ``LATENESS`` back: a watermark (Akidau et al., The Dataflow Model, VLDB 2015).
- Whoever publishes last month's news lives in last month. The least delay with which a message ever came, from its own
  time to its answer, is what the present lies behind the wall clock: a second in live operation, a month there. An
  instance that has heard of none goes by the others of its process; before the first of all messages there is none.

A sink goes by the clock on the wall: its effects can be repeated, so what it took away too early comes with the next
message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.runtime import telemetry
from services.runtime.stage import Outcome, Sink, Stage, Unavailable

LATENESS: Final = timedelta(minutes=15)
"""How much later than others a message may come. What is due is due by days: nothing is gained by being quicker."""

WORTH_NOTING: Final = timedelta(minutes=1)
"""A delay that shrank by less is not stored anew."""

log = structlog.get_logger()


@dataclass(slots=True)
class LeastDelay:
    """The least delay of a message that any of the instances of a stage in a process ever heard of; None before one."""

    delay: timedelta | None = None

    def take(self, delay: timedelta) -> None:
        """Take in the delay that one of them knows."""
        self.delay = delay if self.delay is None else min(self.delay, delay)


class StageClock:
    """When to ask one instance of a stage what is due, and for which time. Pure: it is told the time by the wall."""

    def __init__(self, every_s: float, among: LeastDelay | None = None) -> None:
        """``every_s``: seconds between two looks, 0 for none. ``among``: what all instances in the process know: one to
        which no message comes goes by the others, because messages of all come on one way.
        """
        self._every = timedelta(seconds=every_s)
        self._among = among or LeastDelay()
        self.delay: timedelta | None = None
        """The least delay of a message so far; None while none is known."""
        self._noted: timedelta | None = None
        self._next_at: datetime | None = None
        """When to look next; None before the first call."""
        self._caught_up_at: datetime | None = None
        """When all messages were answered and what is being done now came due; None while nothing is being done."""
        self._done: tuple[str, ...] = ()
        """Keys that the last step wrote."""

    def heard(self, now: datetime, times: Iterable[datetime]) -> None:
        """Take in the times of messages that are answered at ``now``."""
        latest = max(times, default=None)
        if latest is not None:
            self._take(max(timedelta(0), now - latest))

    def begin(self, delay: timedelta | None) -> None:
        """Begin anew, with the least delay that was stored, None for none."""
        self._noted = delay
        self._next_at = self._caught_up_at = None
        self._done = ()
        if delay is not None:
            self._take(delay)

    def _take(self, delay: timedelta) -> None:
        self.delay = delay if self.delay is None else min(self.delay, delay)
        self._among.take(self.delay)

    def to_note(self) -> timedelta | None:
        """Return the least delay where it is worth storing, once; else None."""
        if self.delay is None or (self._noted is not None and self._noted - self.delay < WORTH_NOTING):
            return None
        self._noted = self.delay
        return self.delay

    @property
    def more(self) -> bool:
        """True in the midst of what is due: the next step need not wait, nor look whether all messages are answered."""
        return self._caught_up_at is not None

    def asks(self, now: datetime) -> datetime | None:
        """Return the time for which to ask the stage what is due, if this is the moment to ask; else None.

        The first moment comes ``LATENESS`` after the first call: if nothing ran for days, what was published meanwhile
        is fetched and told first.
        """
        longest = max(self._every, LATENESS)
        if self._next_at is None:
            self._next_at = now + longest
        if self.delay is None:
            self.delay = self._among.delay
        resting = timedelta(0) < self._next_at - now <= longest  # a clock that was set back does not make it wait
        if not self._every or self.delay is None or (resting and not self.more):
            return None
        return (self._caught_up_at or now) - self.delay - LATENESS

    def looked(self, now: datetime, more: bool = False) -> None:
        """Take in that the stage was asked, or that messages wait; ``more``: it had something to do."""
        self._next_at = now + self._every
        self._caught_up_at = (self._caught_up_at or now) if more else None
        if not more:
            self._done = ()

    def step(self, stage: Stage, due_by: datetime) -> Outcome:
        """Return the next thing a stage does of what is due by then; an empty outcome where nothing is left.

        The writes are not applied yet. A stage that fails at it, or does the same again, is logged and left alone until
        the next look: messages must go on.
        """
        try:
            outcome = stage.due(due_by)
        except Exception as error:  # any entry may be poison
            failed(stage.name, error)
            return Outcome()
        keys = tuple(write.key for write in outcome.writes)
        if not outcome.empty and keys == self._done:  # without writes: the same table gives the same for ever
            failed(stage.name, RuntimeError(f"a step left as much due as before: {', '.join(keys[:3]) or 'no writes'}"))
            return Outcome()
        self._done = keys
        return outcome


class SinkClock:
    """When to ask a sink what is due."""

    def __init__(self, every_s: float) -> None:
        """``every_s``: seconds between two looks, 0 for none."""
        self._every = timedelta(seconds=every_s)
        self._next_at: datetime | None = None
        """When to look next; None: at once."""

    def pass_time(self, sink: Sink, now: datetime) -> bool:
        """Let a sink do a step of what is due, if this is the moment; True where there may be more to do at once.

        A sink that fails at it is logged and left alone until the next look. Raises Unavailable.
        """
        if not self._every or (self._next_at is not None and timedelta(0) < self._next_at - now <= self._every):
            return False
        self._next_at = now + self._every
        try:
            did = sink.due(now)
        except Unavailable:
            self._next_at = None
            raise
        except Exception as error:  # messages must go on
            failed(sink.name, error)
            return False
        if did:
            self._next_at = None
            telemetry.DUE_STEPS.labels(sink.name, "taken").inc()
        return did


def failed(stage: str, error: Exception) -> None:
    """Log by what a stage failed at what was due, and count it."""
    log.error("what is due could not be done", stage=stage, exc_info=error)
    telemetry.DUE_STEPS.labels(stage, "failed").inc()
