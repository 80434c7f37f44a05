"""The Kafka runtime: each stage and sink as a Faust application (``kafka_app.py``), each partition as a lane
(``kafka_lane.py``).

Any number of workers of a stage share its partitions; each partition has one owner at a time. A worker that leaves is
replaced at once, one that dies within the session timeout (``DATELINE_LEASE_S``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP

from services.contracts.topics import Topic, upstream
from services.runtime import telemetry
from services.runtime.clock import LATENESS, LeastDelay
from services.runtime.entry import utc_now
from services.runtime.health import STUCK_AFTER_S, Pulse
from services.runtime.kafka_app import StageApp, stage_app
from services.runtime.kafka_lane import Lane, Surroundings
from services.runtime.kafka_link import KafkaLink
from services.runtime.kafka_note import owner_name
from services.runtime.kafka_processor import Processor, SinkProcessor, StageProcessor
from services.runtime.kafka_table import CommittedStore, StageTable
from services.runtime.kafka_topics import changelog_of, group_of
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Sink, Stage

RETRY_FIRST_S: Final = 0.5
RETRY_MOST_S: Final = 5.0
LEAVE_S: Final = 15.0
"""How long lanes may take to finish their batches when the worker is told to stop."""
STOP_S: Final = 20.0
BACKLOG_S: Final = 1.0
TICK_S: Final = 0.2
UPSTREAM_S: Final = 30.0
"""For so long it is not looked anew whether messages wait in the topics upstream."""

log = structlog.get_logger()


class TopicsMissingError(Exception):
    """Kafka lacks topics that the stage reads or writes."""


class KafkaWorker(Surroundings):
    """Runs one stage or sink on Kafka until told to stop."""

    def __init__(
        self,
        part: Callable[[], Stage] | Sink,
        settings: RuntimeSettings,
        pulse: Pulse | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """``part``: what builds a fresh instance of a stage, or a sink."""
        about = part if isinstance(part, Sink) else part()
        if isinstance(about, Stage) and not about.stateful:
            # it knows nothing of its messages, and may have loaded a lot: all lanes share it, in one thread
            shared = about
            part = lambda: shared  # noqa: E731
        self._part = part
        self.name = about.name
        self._inputs = about.inputs
        self._outputs = about.outputs if isinstance(about, Stage) else ()
        self._stateful = isinstance(about, Stage) and about.stateful
        self._settings = settings
        self._pulse = pulse or Pulse()
        self._clock = clock
        self._worker = settings.worker or f"{self.name}-{socket.gethostname()}-{os.getpid()}"
        self.owner = owner_name(self._worker, os.getpid())
        self.batch = settings.batch
        self.source = f"/dateline/{self.name}"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.name)
        self._least_delay = LeastDelay()
        self._busy_since: float | None = None
        self._lanes: dict[TopicPartition, tuple[Lane, asyncio.Task[None], Processor]] = {}
        self.known: dict[TopicPartition, int] = {}
        self._standbys: dict[TopicPartition, int] = {}
        self._assigned = asyncio.Event()
        self._full = False
        self._has_room = asyncio.Event()
        self._upstream = False
        self._upstream_at = -UPSTREAM_S

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; then finish the batches at hand and leave. Outlives brokers that are away.

        Raises TopicsMissingError.
        """
        for noisy in ("aiokafka", "faust", "mode", "services.runtime.kafka_app", "services.runtime.kafka_table"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        asyncio.get_running_loop().set_exception_handler(_tell)
        beating = asyncio.create_task(self._beat())
        pause = RETRY_FIRST_S
        while not stop.is_set():
            began = time.monotonic()
            self.link = KafkaLink(self._settings.kafka, self.name, self._worker)
            try:
                await self.link.start()
                await self._require_topics()
                await self._work(stop)
            except TopicsMissingError:
                raise
            except (KafkaError, OSError, TimeoutError, RuntimeError) as error:
                if time.monotonic() - began > 10 * RETRY_MOST_S:
                    pause = RETRY_FIRST_S
                reason = f"{type(error).__name__}: {error}"
                self._pulse.not_ready(f"Kafka at {self._settings.kafka} cannot be used: {reason}")
                telemetry.RECONNECTS.labels(self.name).inc()
                log.warning("waiting for Kafka", stage=self.name, reason=reason, again_in_s=pause)
                await _sleep(pause, stop)
                pause = min(pause * 2, RETRY_MOST_S)
            finally:
                await self.link.stop()
        beating.cancel()
        self._thread.shutdown(wait=False)

    async def _require_topics(self) -> None:
        wanted = [topic.name for topic in (*self._inputs, *self._outputs)]
        if self._stateful:
            wanted.append(changelog_of(self.name))
        missing = await self.link.missing(wanted)
        if missing:
            raise TopicsMissingError(
                f"Kafka at {self._settings.kafka} lacks the topics {', '.join(missing)}: run `dateline topics create`"
            )

    async def _work(self, stop: threading.Event) -> None:
        """Run one Faust application until told to stop or until it breaks."""
        folder = self._settings.data / "tables" / self._worker
        folder.mkdir(parents=True, exist_ok=True)
        app = stage_app(group_of(self.name), self._settings, folder)
        self._app = app
        table = self._table(app)
        self._store: CommittedStore | None = table.data if table is not None else None
        app.on_partitions_assigned.connect(self._take_partitions, weak=False)
        topic = app.topic(
            *[topic.name for topic in self._inputs],
            key_serializer="raw",
            value_serializer="raw",
            key_type=bytes,
            value_type=bytes,
            acks=False,
        )
        app.agent(topic, name=f"{self.name}.lanes")(self._route)
        app.finalize()
        background = [asyncio.create_task(self._measure()), asyncio.create_task(self._follow())]
        try:
            await app.start()
            while not stop.is_set():
                if app.crashed:
                    raise RuntimeError(f"Faust broke off: {app.crash_reason!r}")
                self._tell_readiness()
                await asyncio.sleep(TICK_S)
        finally:
            for task in background:
                task.cancel()
            await self._drop_lanes(set(self._lanes))
            self._standbys.clear()
            try:
                await asyncio.wait_for(app.stop(), STOP_S)
            except Exception as error:
                log.warning("Faust did not stop by itself", stage=self.name, reason=repr(error))
            if self._store is not None:
                await self._store.stop()

    def _table(self, app: StageApp) -> StageTable | None:
        if not self._stateful:
            return None
        (topic,) = self._inputs
        table = StageTable(
            app, name="state", partitions=topic.partitions, key_type=bytes, value_type=bytes, store="rocksdb://"
        )
        app.tables.add(table)
        return table

    async def _route(self, stream: Any) -> None:
        """Faust's agent: give each message to its lane."""
        async for event in stream.events():
            message = event.message
            lane = self._lanes.get(TopicPartition(message.topic, message.partition))
            if lane is not None:
                lane[0].offer(message)

    # partitions

    async def _take_partitions(self, app: Any, assigned: set[TP], **_: Any) -> None:
        names = {topic.name for topic in self._inputs}
        mine = {TopicPartition(tp.topic, tp.partition) for tp in assigned if tp.topic in names}
        changelogs = {tp for tp in assigned if tp.topic not in names}
        if changelogs:
            await self._app.consumer._thread.pause(changelogs)
        standbys = {TopicPartition(tp.topic, tp.partition) for tp in self._standby_partitions()}
        for partition in set(self._standbys) - standbys:
            self._standbys.pop(partition)
            number = partition.partition
            if self._store is not None and all(each.partition != number for each in mine | set(self._lanes)):
                self._store.release(number)
        await self._drop_lanes(set(self._lanes) - mine)
        for partition in sorted(mine - set(self._lanes)):
            processor = self._processor()
            lane = Lane(partition, processor, self)
            task = asyncio.create_task(lane.run(), name=f"lane {partition.topic}/{partition.partition}")
            self._lanes[partition] = (lane, task, processor)
        for partition in standbys - set(self._standbys):
            self._standbys[partition] = -1
        telemetry.PARTITIONS.labels(self.name, "active").set(len(self._lanes))
        telemetry.PARTITIONS.labels(self.name, "standby").set(len(self._standbys))
        telemetry.OWNER.labels(self.name).set(bool(self._lanes))
        log.info("partitions", stage=self.name, active=len(self._lanes), standby=len(self._standbys))
        self._assigned.set()
        self._assigned.clear()

    def _standby_partitions(self) -> set[TP]:
        if not self._stateful:
            return set()
        # the assignor hands out stand-bys of the input as well, since it is partitioned like the changelog
        changelog = changelog_of(self.name)
        return {tp for tp in self._app.assignor.assigned_standbys() if tp.topic == changelog}

    def _processor(self) -> Processor:
        if isinstance(self._part, Sink):
            return SinkProcessor(self._part, self._clock, self._settings.tick_s)
        tick_s, changelog = self._settings.tick_s, changelog_of(self.name)
        return StageProcessor(self._part, self._store, changelog, self._clock, tick_s, self._least_delay)

    async def _drop_lanes(self, partitions: set[TopicPartition]) -> None:
        dropped = [self._lanes.pop(partition) for partition in partitions]
        for lane, task, _ in dropped:
            lane.leave()
            if not lane.busy:
                task.cancel()
        if dropped:
            _, late = await asyncio.wait([task for _, task, _ in dropped], timeout=LEAVE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # what lanes ask for

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        def timed() -> Any:
            self._busy_since = time.monotonic()
            try:
                return work()
            finally:
                self._busy_since = None

        return await asyncio.get_running_loop().run_in_executor(self._thread, timed)

    async def room(self) -> None:
        while self._full:
            telemetry.HELD_BACK.labels(self.name).inc()
            await self._has_room.wait()

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        with suppress(Exception):  # the consumer is being stopped; lanes look again
            await self._app.consumer._thread.move(TP(*partition), offset)

    async def ahead(self, partition: TopicPartition, offset: int) -> tuple[int, bool]:
        try:
            found: tuple[int, bool] = await self._app.consumer._thread.ahead(TP(*partition), offset)
        except Exception:  # the consumer is being stopped
            return offset, False
        return found

    async def upstream_answered(self) -> bool:
        """One answer serves all lanes for a while."""
        if time.monotonic() - self._upstream_at > UPSTREAM_S:
            before = self._clock() - LATENESS
            topics = dict.fromkeys(topic for own in self._inputs for topic in upstream(own))
            try:
                self._upstream = not any([await self.link.waits(topic, before) for topic in topics])
            except (KafkaError, OSError, TimeoutError):
                self._upstream = False  # not known: better later than wrong
            self._upstream_at = time.monotonic()
        return self._upstream

    def owns(self, partition: TopicPartition) -> bool:
        try:
            return TP(partition.topic, partition.partition) in self._app.consumer.assignment()
        except Exception:  # the consumer is being stopped
            return False

    def hold(self, partition: TopicPartition, on: bool) -> None:
        consumer, tps = self._app.consumer, {TP(partition.topic, partition.partition)}
        if on:
            consumer.pause_partitions(tps)
        elif not self._app.rebalancing and tps <= consumer.assignment():
            consumer.resume_partitions(tps)

    async def reassigned(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._assigned.wait(), 2 * self._settings.lease_s)

    # beside the lanes

    async def _beat(self) -> None:
        """Say that the worker lives, unless its thread is stuck in a stage."""
        while True:
            since = self._busy_since
            if since is None or time.monotonic() - since < STUCK_AFTER_S:
                self._pulse.turn()
            await asyncio.sleep(1.0)

    def _tell_readiness(self) -> None:
        closed = sum(not lane.open for lane, _, _ in self._lanes.values())
        if self._app.rebalancing or not self._app.consumer_generation_id:
            self._pulse.not_ready("partitions are being handed out")
        elif closed:
            self._pulse.not_ready(f"{closed} of {len(self._lanes)} partitions are not open yet")
        else:
            self._pulse.ready()

    async def _measure(self) -> None:
        """Look how far the readers of the outputs are behind, and publish figures."""
        readers: list[Topic] = [topic for topic in self._outputs if topic.readers]
        while True:
            try:
                behind = {topic: await self.link.behind(topic) for topic in (*self._inputs, *readers)}
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(BACKLOG_S)
                continue
            except Exception:  # without this figure there is no back-pressure: never stop for a defect, and show it
                log.exception("the backlog is not known", stage=self.name)
                await asyncio.sleep(RETRY_MOST_S)
                continue
            for topic, count in behind.items():
                telemetry.BACKLOG.labels(topic.name).set(count)
            self._full = any(behind[topic] >= self._settings.max_backlog for topic in readers)
            if self._full:
                self._has_room.clear()
            else:
                self._has_room.set()
            sums: dict[str, float] = {}
            for _, _, processor in self._lanes.values():
                if isinstance(processor, StageProcessor):
                    for name, value in processor.gauges().items():
                        sums[name] = sums.get(name, 0.0) + value
            for name, value in sums.items():
                telemetry.STAGE_GAUGE.labels(self.name, name).set(value)
            await asyncio.sleep(0.1 if self._full else BACKLOG_S)

    async def _follow(self) -> None:
        """Keep the checkpoints of stand-by partitions near the end of their changelogs."""
        while True:
            following = sorted(self._standbys)
            if not following or self._store is None:
                await asyncio.sleep(BACKLOG_S)
                continue
            try:
                await self._follow_these(following, self._store)
            except Exception as error:  # whatever it is, the next attempt may go well, and takeovers work without
                log.warning("stand-by tables are not followed", stage=self.name, reason=repr(error))
                await asyncio.sleep(RETRY_MOST_S)

    async def _follow_these(self, following: list[TopicPartition], store: CommittedStore) -> None:
        places = []
        for partition in following:
            first, end = await self.link.bounds(partition)
            position = store.position(partition.partition)
            if position is not None and position >= end:
                store.forget(partition.partition)
                position = None
            places.append((partition, first if position is None else max(first, position + 1)))
        async with self.link.follower(places) as consumer:
            while sorted(self._standbys) == following:
                for tp, records in (await consumer.getmany(timeout_ms=1000)).items():
                    if tp in self._standbys:
                        found = [(record.key, record.value) for record in records]
                        store.write(tp.partition, found, records[-1].offset)


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody awaited: a lane that opens anew leaves futures of its old producer behind."""
    error = context.get("exception")
    if not isinstance(error, KafkaError):
        log.error("in the background", message=context.get("message"), error=repr(error))


async def _sleep(seconds: float, stop: threading.Event) -> None:
    await asyncio.to_thread(stop.wait, seconds)
