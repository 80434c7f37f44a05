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

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    """A message that knows from which offset on nothing lies between: ``reached`` (None: unknown)."""

    reached: int | None = None


class CommittedConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Reads committed messages only, and notes how each follows the one before."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._reached: dict[TP, int] = {}
        self._moving = 0
        """Seeks under way. What is fetched meanwhile may follow on either: nothing is known of it."""
        self._crossed = False
        """True where two of them were under way at once: which of them came last is not known either."""

    def _create_worker_consumer(self, transport: Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust sets the level only in its own exactly-once mode; aiokafka reads both when the consumer starts
        if not hasattr(consumer, "_isolation_level") or not hasattr(consumer, "_fetch_max_wait_ms"):
            raise RuntimeError("this aiokafka keeps its isolation level elsewhere: use the version in requirements.txt")
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Any:
        records = await super()._fetch_records(*args, **kwargs)
        return {tp: list(self._chained(tp, found)) for tp, found in records.items()}

    def _chained(self, tp: TP, records: list[Any]) -> Iterator[tuple[Any, int | None]]:
        for record in records:
            yield record, None if self._moving else self._reached.get(tp)
            self._reached[tp] = record.offset + 1

    async def _seek_wait(self, consumer: Any, partitions: Mapping[TP, int]) -> None:
        with self._moved():
            await super()._seek_wait(consumer, partitions)
        if not self._moving and not self._crossed:
            self._reached.update(partitions)

    @contextmanager
    def _moved(self) -> Iterator[None]:
        """Seek within: whatever was known of what follows on what is forgotten."""
        self._crossed = self._moving > 0
        self._moving += 1
        try:
            yield
        finally:
            self._moving -= 1
            self._reached.clear()

    async def seek_to_committed(self) -> Any:
        return await self.call_thread(self._seek_to_committed)

    async def _seek_to_committed(self) -> Any:
        with self._moved():
            places = await self._ensure_consumer().seek_to_committed()
        if not self._moving and not self._crossed:
            self._reached.update({tp: place for tp, place in places.items() if place is not None and place >= 0})
        return places

    def seek(self, partition: TP, offset: int) -> None:
        self._reached.pop(partition, None)
        super().seek(partition, offset)

    async def pause(self, partitions: set[TP]) -> None:
        """Stop fetching some partitions altogether."""

        async def in_thread() -> None:
            consumer = self._ensure_consumer()
            consumer.pause(*[assigned for assigned in consumer.assignment() if assigned in partitions])

        await self.call_thread(in_thread)

    async def place(self, partition: TP) -> int | None:
        """Return the offset that would be fetched next, or None where it is not known now.

        aiokafka's own question waits until it is known, and two that wait block all calls into this thread.
        """

        async def in_thread() -> int | None:
            consumer = self._ensure_consumer()
            if partition not in consumer.assignment():
                return None
            state = consumer._subscription.subscription.assignment.state_value(TopicPartition(*partition))
            return int(state.position) if state.has_valid_position else None

        answer: int | None = await self.call_thread(in_thread)
        return answer


class CommittedConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer on that thread."""

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
        broker_max_poll_interval=LONG_S / 1e6,
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
