"""What each kind of fault does to the system, and what it waits for before the next one."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from tests.chaos import poison, schedule
from tests.chaos.checks import Poison
from tests.chaos.publishing import Publisher
from tests.chaos.reading import Watch
from tests.chaos.schedule import Fault
from tests.chaos.system import System, Worker
from tests.chaos.timeline import Owned

TAKEOVER_MOST_S: Final = 40.0
"""How long a fault waits for somebody to take over; longer only means that the next fault comes meanwhile."""
LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Departure:
    """A worker that left partitions behind."""

    kind: str
    stage: str
    at: float
    """By the monotonic clock."""
    owned: tuple[Owned, ...]
    alone: bool
    """True where other faults did not fall into the time it took."""


class Chaos:
    """Brings faults about, one after the other; some last while the next one comes."""

    def __init__(self, system: System, watch: Watch, publisher: Publisher) -> None:
        self._system = system
        self._watch = watch
        self._publisher = publisher
        self._lasting: threading.Thread | None = None
        self.departures: list[Departure] = []
        self.poison: list[Poison] = []
        self._acts: dict[str, Callable[[Fault], None]] = {
            schedule.KILL: self._kill,
            schedule.TERMINATE: self._terminate,
            schedule.PAUSE: self._pause,
            schedule.ADD: self._add,
            schedule.REMOVE: self._remove,
            schedule.KILL_TWICE: self._kill_twice,
            schedule.TABLES: self._delete_tables,
            schedule.BROKER_KILL: self._kill_broker,
            schedule.BROKER_STOP: self._stop_broker,
            schedule.FLUSH: self._flush,
            schedule.REDIS_KILL: self._kill_redis,
            schedule.POISON: self._poison,
        }

    def bring(self, fault: Fault) -> None:
        """Bring one fault about and wait for its end, and for that of the one it fell into; or let it last."""
        if fault.overlaps:
            self.end()
            self._lasting = threading.Thread(target=self._acts[fault.kind], args=(fault,), name=fault.kind, daemon=True)
            self._lasting.start()
            time.sleep(LOOK_S)
            return
        self._acts[fault.kind](fault)
        self.end()

    def end(self) -> None:
        """Wait for the fault that still lasts."""
        if self._lasting is not None:
            self._lasting.join()
            self._lasting = None

    # workers

    def _chosen(self, fault: Fault) -> Worker:
        workers = self._system.of(fault.stage)
        return workers[int(fault.pick * len(workers))]

    def _leave(self, fault: Fault, worker: Worker, number: signal.Signals, away_s: float) -> Departure:
        """Signal a worker and note which partitions it leaves; if that ends it, it comes back after ``away_s``.

        One that is asked to end finishes what it has begun, and has left when it has ended.
        """
        owned = tuple(self._watch.owned_by(worker.stage, worker.name))
        self._system.scrape(worker)
        with self._system.lock:
            worker.not_before = time.monotonic() + away_s
            worker.send(number)
        if number is signal.SIGTERM:
            worker.wait()
        departure = Departure(fault.kind, worker.stage, time.monotonic(), owned, self._lasting is None)
        self.departures.append(departure)
        return departure

    def _wait_for_takeover(self, departure: Departure) -> None:
        until = departure.at + TAKEOVER_MOST_S
        while time.monotonic() < until and not self._watch.taken_over_s(departure.owned, departure.at)[1]:
            time.sleep(LOOK_S)
        time.sleep(LOOK_S)

    def _kill(self, fault: Fault) -> None:
        self._wait_for_takeover(self._leave(fault, self._chosen(fault), signal.SIGKILL, fault.lasts_s))

    def _terminate(self, fault: Fault) -> None:
        self._wait_for_takeover(self._leave(fault, self._chosen(fault), signal.SIGTERM, fault.lasts_s))

    def _kill_twice(self, fault: Fault) -> None:
        """A second worker of the stage dies while the group still hands out the partitions of the first."""
        first = self._chosen(fault)
        self._leave(fault, first, signal.SIGKILL, 0.0)
        time.sleep(fault.lasts_s)
        others = [each for each in self._system.of(fault.stage) if each is not first] or [first]
        self._wait_for_takeover(self._leave(fault, others[0], signal.SIGKILL, 0.0))

    def _pause(self, fault: Fault) -> None:
        """It sleeps past its session, is replaced, and wakes up believing that it still owns its partitions."""
        worker = self._chosen(fault)
        departure = self._leave(fault, worker, signal.SIGSTOP, 0.0)
        process = worker.process
        time.sleep(fault.lasts_s)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGCONT)
        self._wait_for_takeover(departure)

    def _add(self, fault: Fault) -> None:
        worker = self._system.add(fault.stage)
        until = time.monotonic() + TAKEOVER_MOST_S
        while time.monotonic() < until and not self._system.ready(worker):
            time.sleep(LOOK_S)

    def _remove(self, fault: Fault) -> None:
        worker = self._chosen(fault)
        with self._system.lock:
            worker.wanted = False
        self._wait_for_takeover(self._leave(fault, worker, signal.SIGTERM, 0.0))

    def _delete_tables(self, fault: Fault) -> None:
        worker = self._chosen(fault)
        departure = self._leave(fault, worker, signal.SIGTERM, TAKEOVER_MOST_S)
        shutil.rmtree(worker.folder / "data", ignore_errors=True)
        with self._system.lock:
            worker.not_before = 0.0
        self._wait_for_takeover(departure)

    # what they all depend on

    def _kill_broker(self, fault: Fault) -> None:
        self._system.kafka.kill()
        time.sleep(fault.lasts_s)
        self._system.kafka.start()

    def _stop_broker(self, fault: Fault) -> None:
        self._system.kafka.stop()
        time.sleep(fault.lasts_s)
        self._system.kafka.start()

    def _flush(self, fault: Fault) -> None:
        with suppress(RedisError):
            Redis.from_url(self._system.valkey.url).flushall()

    def _kill_redis(self, fault: Fault) -> None:
        self._system.valkey.kill()
        time.sleep(fault.lasts_s)
        self._system.valkey.start()

    def _poison(self, fault: Fault) -> None:
        self.poison += poison.spread(self._publisher, fault.number)


def takeovers(departures: Sequence[Departure], watch: Watch) -> dict[str, list[float]]:
    """Return, by kind of fault, how long it took until somebody went on with what a worker had left."""
    found: dict[str, list[float]] = {}
    for departure in departures:
        seconds, all_taken = watch.taken_over_s(departure.owned, departure.at)
        if departure.alone and departure.owned and all_taken:
            found.setdefault(departure.kind, []).append(seconds)
    return found
