"""The embedded runtime: stages, sinks and sources on one Valkey or Redis server (see ``stream_log.py``).

A stateless stage may run in any number of workers that share the messages; a message whose worker died is taken over.
A stateful stage has one owner, by a lease, and any number of stand-bys. Either way an answer counts once, because
outputs, state and acknowledgement are one transaction that skips inputs somebody else has answered.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from services.contracts.ids import derive
from services.contracts.topics import Topic, upstream
from services.runtime import heap, telemetry
from services.runtime.clock import LATENESS, SinkClock, StageClock
from services.runtime.dead_letters import WorkerDied
from services.runtime.entry import Answer, Entry, dead_answer, decode, utc_now
from services.runtime.health import Pulse
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Failure, Message, Outbox, Outcome, Sink, Stage, Unavailable, Write
from services.runtime.stream_log import LeaseLostError, StreamLog

MAX_DELIVERIES: Final = 10
"""A message that was delivered this often, alone since the second time, kills its worker: it becomes a dead letter.
High enough that an operator who kills workers at random will not hit one innocent message so often."""

POLL_MS: Final = 500
"""Longest wait for messages: also how soon a worker notices that it should stop, and how often it renews its lease."""

TRIM_EVERY_S: Final = 1.0
RETRY_FIRST_S: Final = 0.1
RETRY_MOST_S: Final = 3.0

log = structlog.get_logger()


def incarnation(worker: str) -> str:
    """Return the name of this run of a worker: "linker-0:4711-1763772000000000000"."""
    return f"{worker}:{os.getpid()}-{time.time_ns()}"


class Worker(ABC):
    """Runs one stage or sink until told to stop. ``run`` returns only then; it outlives a server that restarts."""

    def __init__(
        self,
        part: Stage | Sink,
        exclusive: bool,
        stream_log: StreamLog,
        settings: RuntimeSettings,
        pulse: Pulse | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """``exclusive``: one worker at a time, by a lease, in order; else any number share the messages."""
        self.name = part.name
        self._inputs = part.inputs
        self._outputs: Sequence[Topic] = part.outputs if isinstance(part, Stage) else ()
        self._log = stream_log
        self._settings = settings
        self._pulse = pulse or Pulse()
        self._clock = clock
        self._exclusive = exclusive
        worker = settings.worker or f"{self.name}-{os.getpid()}"
        self._owner = incarnation(worker) if exclusive else ""
        # Whoever owns an exclusive stage answers under one name, so that the next owner finds what was left, in order.
        self._consumer = "owner" if exclusive else worker
        self._renewed_at = 0.0
        self._trimmed_at = 0.0
        self._looked_at = 0.0
        self._more = False
        """True where more is due: messages that are there go first, but they are not waited for."""

    @abstractmethod
    def _begin(self) -> None:
        """Build anew what the worker keeps in memory."""

    @abstractmethod
    def _answer(self, entries: Sequence[Entry]) -> list[Answer]:
        """Answer each entry. Raises Unavailable where nothing can be answered now."""

    def _pass_time(self, now: datetime) -> bool:
        """Do a step of what has come due without a message, all messages up to ``now`` being answered; True where there
        may be more to do at once.
        """
        return False

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; then finish the batch at hand and let go of what is held."""
        pause = RETRY_FIRST_S
        while not stop.is_set():
            try:
                self._log.prepare()
                pause = RETRY_FIRST_S
                self._work(stop)
            except LeaseLostError as error:
                telemetry.LEASES_LOST.labels(self.name).inc()
                log.warning("lease lost, standing by", stage=self.name, reason=str(error))
            except Unavailable as error:
                self._pulse.not_ready(str(error))
                self._pulse.turn()
                telemetry.RECONNECTS.labels(self.name).inc()
                log.warning("waiting for the log", stage=self.name, reason=str(error), again_in_s=round(pause, 2))
                stop.wait(pause)
                pause = min(pause * 2, RETRY_MOST_S)
        if self._exclusive:
            with suppress(Unavailable):
                self._log.give_up(self.name, self._owner)

    def _work(self, stop: threading.Event) -> None:
        while not self._owns_stage():
            self._pulse.not_ready("standing by: another worker owns the stage")
            self._pulse.turn()
            if stop.wait(min(1.0, self._settings.lease_s / 4)):
                return
        self._begin()
        self._pulse.ready()
        log.info("working", stage=self.name)
        leftovers = True
        while not stop.is_set():
            self._pulse.turn()
            self._keep()
            if self._held_back(stop):
                continue
            if leftovers:
                leftovers = self._work_off_unanswered()
                continue
            now, most = self._clock(), self._settings.batch
            entries = self._log.read_new(self._inputs, self.name, self._consumer, most, 1 if self._more else POLL_MS)
            if entries:
                self._commit(self._answer(entries))
            if len(entries) < most:  # that was everything
                self._more = self._pass_time(now)
            self._tidy()
            leftovers = self._take_over()

    def _owns_stage(self) -> bool:
        if not self._exclusive:
            return True
        owns = self._log.acquire(self.name, self._owner, self._settings.lease_s)
        telemetry.OWNER.labels(self.name).set(owns)
        self._renewed_at = time.monotonic()
        return owns

    def _keep(self) -> None:
        """Renew the lease in good time; every commit renews it too."""
        if self._exclusive and time.monotonic() - self._renewed_at > self._settings.lease_s / 4:
            self._log.renew(self.name, self._owner, self._settings.lease_s)
            self._renewed_at = time.monotonic()

    def _take_over(self) -> bool:
        """Now and then take over what dead workers left; True where there is something."""
        if self._exclusive or time.monotonic() - self._looked_at < self._settings.takeover_s / 2:
            return False
        self._looked_at = time.monotonic()
        idle_ms = int(self._settings.takeover_s * 1000)
        return self._log.take_over(self._inputs, self.name, self._consumer, idle_ms, self._settings.batch) > 0

    def _held_back(self, stop: threading.Event) -> bool:
        """Wait a little while the readers of the outputs are too far behind; True where it waited."""
        for topic in self._outputs:
            if topic.readers and self._log.backlog(topic) >= self._settings.max_backlog:
                telemetry.HELD_BACK.labels(self.name).inc()
                self._tidy()
                stop.wait(0.1)
                return True
        return False

    def _work_off_unanswered(self) -> bool:
        """Answer what an earlier incarnation or a dead worker was given; True while there may be more.

        A message delivered before is worked on alone: if it kills the worker, it is known which one did.
        """
        found = self._log.read_unanswered(self._inputs, self.name, self._consumer, 1)
        for entry, deliveries in found:
            telemetry.REDELIVERED.labels(self.name).inc()
            if deliveries > MAX_DELIVERIES:
                cause = WorkerDied(f"delivered {deliveries} times, and each time the worker died before it answered")
                self._commit([self._dead(entry, cause)])
            else:
                self._commit(self._answer([entry]))
        return bool(found)

    def _dead(self, entry: Entry, error: Exception) -> Answer:
        return dead_answer(self.name, entry, error, self._clock())

    def _commit(self, answers: Sequence[Answer]) -> None:
        with telemetry.BATCH_SECONDS.labels(self.name, "commit").time():
            counted = self._log.commit(self.name, answers, owner=self._owner, lease_s=self._settings.lease_s)
        unasked = sum(answer.entry is None for answer in answers)
        telemetry.MESSAGES.labels(self.name, "processed").inc(counted - unasked)
        telemetry.MESSAGES.labels(self.name, "repeated").inc(len(answers) - counted)
        for answer in answers:
            for emit in answer.emits:
                telemetry.EMITTED.labels(self.name, emit.topic.name).inc()

    def _decode(self, entries: Sequence[Entry]) -> tuple[list[tuple[Entry, Message]], list[Answer]]:
        """Return the readable entries with their messages, and dead letters for the others."""
        readable, unreadable = decode(entries)
        return readable, [self._dead(entry, error) for entry, error in unreadable]

    def _tidy(self) -> None:
        if time.monotonic() - self._trimmed_at < TRIM_EVERY_S:
            return
        self._trimmed_at = time.monotonic()
        for topic in self._inputs:
            telemetry.BACKLOG.labels(topic.name).set(self._log.trim(topic))


class StageWorker(Worker):
    """Runs a stage. ``build`` makes a fresh instance; a stateful one is fed its stored table before it works."""

    def __init__(
        self,
        build: Callable[[], Stage],
        stream_log: StreamLog,
        settings: RuntimeSettings,
        pulse: Pulse | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._build = build
        self._stage = build()
        self._touched = False
        self._time = StageClock(settings.tick_s)
        super().__init__(self._stage, self._stage.stateful, stream_log, settings, pulse, clock)

    def _begin(self) -> None:
        if self._stage.stateful:
            if self._touched:
                self._stage = self._build()
            self._touched = True
            self._stage.load(self._log.load_state(self.name, self._keep))
            heap.settle()  # what was loaded lives as long as the instance
            self._time.begin(self._log.delay(self.name))
            self._more = False

    def _answer(self, entries: Sequence[Entry]) -> list[Answer]:
        readable, answers = self._decode(entries)
        now = self._clock()
        self._time.heard(now, (message.time for _, message in readable))
        with telemetry.BATCH_SECONDS.labels(self.name, "handle").time():
            outcomes = self._stage.handle_many([message for _, message in readable], now)
        for (entry, message), outcome in zip(readable, outcomes, strict=True):
            if isinstance(outcome, Failure):
                answers.append(self._dead(entry, outcome.error))
            else:
                answers.append(Answer(entry, outcome.emits, outcome.writes, message.traceparent))
                telemetry.LAG_SECONDS.labels(self.name).observe(max(0.0, (now - message.time).total_seconds()))
        self._show()
        return answers

    def _pass_time(self, now: datetime) -> bool:
        if not self._stage.stateful:
            return False
        delay = self._time.to_note()
        if delay is not None:
            self._log.note_delay(self.name, delay)
        due_by = self._time.asks(now)
        if due_by is None:
            return False
        outcome = Outcome() if self._waits_upstream(now) else self._time.step(self._stage, due_by)
        if not outcome.empty:
            for write in outcome.writes:
                self._stage.apply(write)
            self._commit([Answer(None, outcome.emits, outcome.writes)])
            telemetry.DUE_STEPS.labels(self.name, "taken").inc()
            self._show()
        self._time.looked(now, more=not outcome.empty)
        return self._time.more

    def _waits_upstream(self, now: datetime) -> bool:
        """True where a message waits from which ours will be made, and which may tell what must be known first."""
        if self._time.more:
            return False
        oldest = (self._log.oldest(topic) for own in self._inputs for topic in upstream(own))
        return any(sent is not None and sent < now - LATENESS for sent in oldest)

    def _show(self) -> None:
        for name, value in self._stage.health().gauges.items():
            telemetry.STAGE_GAUGE.labels(self.name, name).set(value)


class SinkWorker(Worker):
    """Runs a sink. One worker at a time, so that effects keep the order of the log."""

    def __init__(
        self,
        sink: Sink,
        stream_log: StreamLog,
        settings: RuntimeSettings,
        pulse: Pulse | None = None,
        clock: Callable[[], datetime] = utc_now,
        prepare: Callable[[Callable[[], None]], object] = lambda tick: None,
    ) -> None:
        """``prepare`` is called before each spell of work, by the one worker; it must call its ``tick`` now and then,
        and may raise Unavailable: then it is called again.
        """
        self._sink = sink
        self._prepare = prepare
        self._time = SinkClock(settings.tick_s)
        super().__init__(sink, True, stream_log, settings, pulse, clock)

    def _begin(self) -> None:
        self._prepare(self._still_here)

    def _still_here(self) -> None:
        self._pulse.turn()
        self._keep()

    def _answer(self, entries: Sequence[Entry]) -> list[Answer]:
        readable, answers = self._decode(entries)
        now = self._clock()
        with telemetry.BATCH_SECONDS.labels(self.name, "handle").time():
            faults = self._sink.write([message for _, message in readable], now)
        for (entry, message), fault in zip(readable, faults, strict=True):
            answers.append(Answer(entry) if fault is None else self._dead(entry, fault))
            telemetry.LAG_SECONDS.labels(self.name).observe(max(0.0, (now - message.time).total_seconds()))
        return answers

    def _pass_time(self, now: datetime) -> bool:
        return self._time.pass_time(self._sink, now)


class EmbeddedOutbox(Outbox):
    """How a source publishes into the embedded log: messages and its state in one transaction, once.

    One source of a name works at a time. A commit whose answer was lost is repeated under the same token, and the
    server knows that it has it.
    """

    def __init__(self, name: str, outputs: Sequence[Topic], stream_log: StreamLog, settings: RuntimeSettings) -> None:
        self._name = name
        self._outputs = outputs
        self._log = stream_log
        self._settings = settings
        self._owner = incarnation(settings.worker or f"{name}-{os.getpid()}")
        self._commits = 0
        self._unsure: tuple[str, list[Answer]] | None = None

    def open(self) -> bool:
        """Try to become the one source of this name; False while another one works."""
        self._log.prepare()
        return self._log.acquire(self._name, self._owner, self._settings.lease_s)

    def keep(self) -> None:
        """Stay the one source while there is nothing to publish. Raises LeaseLostError, Unavailable."""
        self._log.renew(self._name, self._owner, self._settings.lease_s)

    def close(self) -> None:
        """Let go, so that the next one need not wait."""
        with suppress(Unavailable):
            self._log.give_up(self._name, self._owner)

    def load(self) -> dict[str, bytes]:
        """Return all stored entries of the source's state. Raises Unavailable while the log is away."""
        return {write.key: write.value for write in self._log.load_state(self._name) if write.value is not None}

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        """Publish and store together. Raises Unavailable while the log is away (call again with the same), and
        LeaseLostError where another source has taken over: stop then.
        """
        answers = [Answer(None, tuple(emits), tuple(writes))]
        if self._unsure is None or self._unsure[1] != answers:
            self._commits += 1
            self._unsure = (derive(self._owner, self._commits), answers)
        self._log.commit(self._name, answers, owner=self._owner, lease_s=self._settings.lease_s, token=self._unsure[0])
        self._unsure = None
        telemetry.MESSAGES.labels(self._name, "processed").inc(len(emits))

    def congested(self) -> bool:
        """True while a topic it publishes to has too many messages waiting. Raises Unavailable."""
        full = any(self._log.backlog(topic) >= self._settings.max_backlog for topic in self._outputs)
        if full:
            telemetry.HELD_BACK.labels(self._name).inc()
        return full
