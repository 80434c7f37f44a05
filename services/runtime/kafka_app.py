"""The Faust application of one stage: group membership, assignment of partitions and stand-bys, fetching, streams.

What Faust does not do safely is replaced here or done by the lanes (``kafka_lane.py``):

- its consumer reads uncommitted messages: ours reads what transactions have committed;
- its recovery waits for the offset before the end of a changelog, which in a transactional topic is a marker that no
  consumer is ever given (its exactly-once mode gets past it by waiting out timeouts of five seconds): our lanes read
  changelogs themselves, so its recovery only has to let the streams flow;
- around rebalances it may drop fetched messages or give them out of order: every message carries from where on it
  follows without a gap, so that a lane can tell, and fetch again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faust
from aiokafka import TopicPartition
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode.services import Service

from services.runtime.settings import RuntimeSettings

FETCH_WAIT_MS = 500
"""Longest wait of the broker for new messages; it answers at once when there is one."""

LONG_S = 1e9
"""For Faust's watchdogs of commits that we make ourselves."""


class PositionedMessage(ConsumerMessage):  # type: ignore[misc]
    """A message that knows from which offset on no other one lies before it: ``reached``."""

    reached: int = 0


class Stretches:
    """Of each partition the stretch of offsets just before the place of fetching that holds no message to be given.

    Offsets without a message are markers of transactions, aborted messages and those that compaction removed. What is
    noted here is true of the log itself, so it stays true wherever fetching jumps to.
    """

    def __init__(self) -> None:
        self._empty: dict[TP, tuple[int, int]] = {}

    def follow(self, tp: TP, begin: int, records: Sequence[Any], end: int) -> list[tuple[Any, int]]:
        """Take in that reading from ``begin`` to before ``end`` gave ``records``, by offset.

        Returns each record with the offset from which on no other one lies before it.
        """
        start, seen = self._empty.get(tp, (0, -1))
        if not start <= begin <= seen:
            start = begin
        found = []
        for record in records:
            found.append((record, start))
            start = record.offset + 1
        self._empty[tp] = (start, max(start, end))
        return found

    def is_empty(self, tp: TP, begin: int, end: int) -> bool:
        """True where no message lies from ``begin`` to before ``end``, as far as it is known."""
        start, seen = self._empty.get(tp, (0, -1))
        return begin >= end or (start <= begin and end <= seen)


class CommittedConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Reads committed messages only, and notes how each follows the one before."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._stretches = Stretches()

    def _create_worker_consumer(self, transport: Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust sets the level only in its own exactly-once mode; aiokafka reads both when the consumer starts
        if not hasattr(consumer, "_isolation_level") or not hasattr(consumer, "_fetch_max_wait_ms"):
            raise RuntimeError("this aiokafka keeps its isolation level elsewhere: use the version in requirements.txt")
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 (Faust's signature)
        max_records: int | None = None,
    ) -> Any:
        found = await self._drain(consumer, active_partitions, max_records)
        if not found and timeout and self.consumer.flow_active:
            waiter = consumer._fetcher._create_fetch_waiter()
            done, _ = await asyncio.wait([waiter], timeout=timeout)
            if not done:
                waiter.cancel()
                return {}
            waiter.result()  # raises where reading is not allowed
            found = await self._drain(consumer, active_partitions, max_records)
        return found

    async def _drain(self, consumer: Any, active_partitions: set[TP], max_records: int | None) -> Any:
        """Take what was fetched. From the look at the places to the records nothing is awaited, so none can move."""
        if consumer._subscription.reassignment_in_progress:
            await consumer._subscription.wait_for_assignment()
        begins = {tp: self._position(consumer, tp) for tp in consumer.assignment()}
        records = await super()._fetch_records(consumer, active_partitions, timeout=0, max_records=max_records)
        found = {}
        for tp, begin in begins.items():
            end = self._position(consumer, tp)
            if begin is not None and end is not None and (end > begin or tp in records):
                followed = self._stretches.follow(TP(*tp), begin, records.get(tp, ()), end)
                if followed:
                    found[tp] = followed
        return found

    def _position(self, consumer: Any, tp: Any) -> int | None:
        """Return the offset that is fetched next, or None where that is not known now.

        aiokafka's own question waits until it is known, and two that wait block all calls into this thread.
        """
        if tp not in consumer.assignment():
            return None
        state = consumer._subscription.subscription.assignment.state_value(tp)
        return int(state.position) if state.has_valid_position else None

    async def move(self, partition: TP, offset: int) -> None:
        """Fetch a partition from ``offset`` on, if it is assigned."""

        async def in_thread() -> None:
            consumer = self._ensure_consumer()
            if partition in consumer.assignment():
                consumer.seek(partition, offset)

        await self.call_thread(in_thread)

    async def ahead(self, partition: TP, offset: int) -> tuple[int, bool]:
        """Return which offset is fetched next, and whether messages may lie between ``offset`` and there."""

        async def in_thread() -> tuple[int, bool]:
            position = self._position(self._ensure_consumer(), TopicPartition(*partition))
            if position is None:
                return offset, False
            return position, not self._stretches.is_empty(partition, offset, position)

        answer: tuple[int, bool] = await self.call_thread(in_thread)
        return answer

    async def pause(self, partitions: set[TP]) -> None:
        """Stop fetching some partitions altogether."""

        async def in_thread() -> None:
            consumer = self._ensure_consumer()
            consumer.pause(*[assigned for assigned in consumer.assignment() if assigned in partitions])

        await self.call_thread(in_thread)


class NoMemory(dict[TP, int | None]):
    """Faust's notes of the last message it passed on, kept empty.

    By them it drops what comes a second time; after a jump back, with a message from before it still on its way, that
    is what should come. Lanes tell by themselves what they have had.
    """

    def __getitem__(self, key: TP) -> None:
        return None

    def __setitem__(self, key: TP, value: int | None) -> None:
        """Not noted."""

    def update(self, *_: Any, **__: Any) -> None:
        """Not noted."""


class CommittedConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer on that thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = NoMemory()

    def _new_consumer_thread(self) -> CommittedConsumerThread:
        return CommittedConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> PositionedMessage:
        found, reached = record
        message = PositionedMessage(
            found.topic,
            found.partition,
            found.offset,
            found.timestamp / 1000.0,
            found.timestamp_type,
            found.headers,
            found.key,
            found.value,
            found.checksum,
            found.serialized_key_size,
            found.serialized_value_size,
            tp,
            generation_id=self.app.consumer_generation_id,
        )
        message.reached = reached
        return message


class CommittedTransport(Transport):  # type: ignore[misc]
    """Faust's transport with that consumer."""

    Consumer = CommittedConsumer


class LanesRecover(Recovery):  # type: ignore[misc]
    """After a rebalance only lets the streams flow: lanes rebuild their own state and hold their messages meanwhile."""

    @Service.task  # type: ignore[untyped-decorator]
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start):
                break
            self.signal_recovery_start.clear()
            try:
                await self._resume_streams(generation_id=self._generation_id)
            except RebalanceAgain:
                continue
            except ServiceStopped:
                break

    @Service.task  # type: ignore[untyped-decorator]
    async def _slurp_changelogs(self) -> None:
        """Changelogs do not come through here."""

    @Service.task  # type: ignore[untyped-decorator]
    async def _publish_stats(self) -> None:
        """Nothing to tell."""


class StageTables(TableManager):  # type: ignore[misc]
    """Faust's table manager with that recovery."""

    @property
    def recovery(self) -> LanesRecover:
        recovery: LanesRecover | None = self._recovery  # type: ignore[has-type]
        if recovery is None:
            recovery = self._recovery = LanesRecover(self.app, self, beacon=self.beacon, loop=self.loop)
        return recovery


class StageApp(faust.App):  # type: ignore[misc]
    """Faust's application on that transport."""

    def _new_transport(self) -> CommittedTransport:
        return CommittedTransport(self.conf.broker_consumer, self)


def stage_app(group: str, settings: RuntimeSettings, folder: Path) -> StageApp:
    """Return the application of a stage: ``group`` is its name and its consumer group, ``folder`` keeps its tables."""
    session_s = settings.lease_s
    return StageApp(
        group,
        broker=";".join(f"kafka://{server.strip()}" for server in settings.kafka.split(",")),
        broker_client_id=settings.worker or group,
        broker_session_timeout=session_s,
        broker_heartbeat_interval=min(3.0, session_s / 5),
        broker_rebalance_timeout=max(10.0, 1.5 * session_s),
        broker_request_timeout=max(40.0, session_s + 5),
        broker_max_poll_interval=LONG_S,  # a member without partitions that ever passes it could not join again
        broker_max_poll_records=500,
        broker_commit_interval=60.0,
        broker_commit_livelock_soft_timeout=LONG_S,
        stream_processing_timeout=LONG_S,
        stream_buffer_maxsize=4096,
        stream_recovery_delay=0.0,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=1 << 20,
        store="rocksdb://",
        datadir=folder,
        table_standby_replicas=settings.standbys,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        TableManager=StageTables,
    )
