"""Kafka transactions with kafka-python: records are published together or not at all, and one producer of a name lives.

kafka-python's own commit waits for ever while brokers are away, and when it is told that its epoch is old it asks for a
new one, by which a producer that was replaced would replace its successor. Neither happens here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from services.contracts.topics import Topic
from services.runtime.entry import headers_of
from services.runtime.kafka_client import AWAY, LARGEST_BYTES, common, made, patience
from services.runtime.stage import Emit, Unavailable

TRANSACTION_MS: Final = 60_000
"""Kafka aborts a transaction that is open for longer: its producer has died, and readers wait for its end."""

CLOSE_S: Final = 1.0
RETRY_MS: Final = 5
FENCED: Final = (ProducerFencedError, InvalidProducerEpochError)


class FencedError(Exception):
    """Another producer of the same name has begun since: this one can publish nothing more."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent. ``partition`` None: by the hash of the key, as Kafka's own clients do it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


def record_of(emit: Emit, source: str, traceparent: str = "") -> Record:
    """Return a message as a record. ``source``: CloudEvents source, "/dateline/fetcher"."""
    value = emit.value.SerializeToString(deterministic=True)
    headers = tuple(headers_of(emit, source, traceparent).items())
    return Record(emit.topic.name, emit.key.encode(), value, headers, partition_of(emit.topic, emit.key))


def partition_of(topic: Topic, key: str) -> int | None:
    """Return the partition that a key has to itself, or None where the key's hash decides."""
    return topic.spread.index(key) if key in topic.spread else None


class TransactionalProducer:
    """Publishes in transactions under a transactional id. After any error it is done with: close it, make another.

    Making one ends what an earlier producer of the id left open, and fences that producer. Where that one had begun to
    commit, its transaction is committed by then; else it is aborted.
    """

    def __init__(self, bootstrap: str, transactional_id: str, patience_s: float | None = None) -> None:
        """Raises Unavailable while Kafka is away."""
        self._id = transactional_id
        self._patience_ms = int(patience(patience_s) * 1000)
        try:
            self._producer = made(
                KafkaProducer,
                **common(bootstrap, patience_s),
                transactional_id=transactional_id,
                transaction_timeout_ms=TRANSACTION_MS,
                acks="all",
                compression_type="zstd",
                max_request_size=LARGEST_BYTES,
                delivery_timeout_ms=self._patience_ms,
                max_block_ms=self._patience_ms,
                linger_ms=0,
                # A transaction that follows at once is told to try again while the marks of the last are written.
                retry_backoff_ms=RETRY_MS,
                allow_auto_create_topics=False,
            )
        except AWAY as error:
            raise Unavailable(f"Kafka at {bootstrap} does not answer: {error}") from error
        self._transactions = self._producer._transaction_manager
        # An old epoch is final: see the module's docstring. There is no setting for it.
        self._transactions._supports_epoch_bump = lambda: False
        try:
            self._producer.init_transactions()
        except KafkaError as error:
            self.close()
            raise Unavailable(f"Kafka cannot begin transactions of {transactional_id} now: {error}") from error

    def publish(self, records: Sequence[Record]) -> list[int]:
        """Publish all records in one transaction; return the offset of each.

        Raises FencedError; Unavailable where it is not known whether they were published (the next producer of the id
        settles it); what kafka-python raises where a record itself is at fault, and then nothing was published.
        """
        try:
            offsets = self._send(records)
            self._commit()
        except (KafkaError, OSError) as error:
            cause = self._transactions.last_error or error
            if isinstance(cause, FENCED) or isinstance(error, FENCED):
                raise FencedError(f"another producer has taken over the transactions of {self._id}: {cause}") from error
            if isinstance(error, AWAY) or self._transactions.has_fatal_error():
                told = error if str(error) else type(error).__name__
                raise Unavailable(f"Kafka did not answer a transaction of {self._id}: {told}") from error
            self._abort()
            raise
        return offsets

    def _send(self, records: Sequence[Record]) -> list[int]:
        """Send, and wait until the brokers have every record."""
        self._producer.begin_transaction()
        sent = [
            self._producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=record.partition,
            )
            for record in records
        ]
        self._producer.flush(self._patience_ms / 1000)
        return [int(future.get(0).offset) for future in sent]

    def _commit(self) -> None:
        """What commit_transaction does, with an end to its waiting. Raises KafkaError, TimeoutError."""
        asked = self._transactions.begin_commit()
        self._producer._sender.wakeup()
        if not asked.wait(self._patience_ms):
            raise TimeoutError(f"no answer to a commit within {self._patience_ms / 1000:g} s")

    def _abort(self) -> None:
        with suppress(KafkaError):
            asked = self._transactions.begin_abort()
            self._producer._sender.wakeup()
            asked.wait(self._patience_ms)

    def close(self) -> None:
        """Let go of the connection. What is not committed will not be."""
        try:
            self._producer.close(CLOSE_S)
        except KafkaError:  # it could not send the rest, and then forgets to end its thread
            self._producer._sender.force_close()
            self._producer._closed = True
