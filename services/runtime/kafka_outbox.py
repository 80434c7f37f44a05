"""How a source of messages publishes into Kafka: messages and its state in one transaction, once, and as the only one.

The state is a compacted topic of one partition, the changelog. Two things keep a second source of the name out:

- A consumer group, whose one member is the source that works: Kafka notices when it falls silent, and a stand-by that
  finds the group empty joins it.
- The transactional id: whoever begins under it fences what came before, so a source that slept through its membership
  can publish nothing more.

Each transaction writes a token into the changelog. After a commit whose answer was lost, the next producer of the id
settles what was open, and the token that is there then tells whether it was committed; a token of another source tells
that this one was replaced in the meantime.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from kafka import KafkaAdminClient, TopicPartition
from kafka.protocol.consumer import OffsetSpec

from services.contracts.ids import derive
from services.contracts.topics import Topic
from services.runtime import telemetry
from services.runtime.kafka_client import common, made, unavailable_when_away
from services.runtime.kafka_log import behind, offsets, records
from services.runtime.kafka_membership import Membership
from services.runtime.kafka_producer import FencedError, Record, TransactionalProducer, record_of
from services.runtime.kafka_topics import changelog_of, group_of
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Outbox, Unavailable, Write
from services.runtime.stream_log import LeaseLostError

TOKEN: Final = "\x00token"  # noqa: S105
"""Key of the token in the changelog. No entry's key begins with a zero character."""

BACKLOG_AGE_S: Final = 1.0
"""How old the figure may be by which a source waits for its readers: asking takes some hundredths of a second."""

QUESTION_S: Final = 5.0
"""How long Kafka may take for an answer before it counts as away."""


class KafkaOutbox(Outbox):
    """The outbox of one source. ``open``, ``keep`` and ``close`` may be called from another thread than the rest."""

    def __init__(self, name: str, outputs: Sequence[Topic], settings: RuntimeSettings) -> None:
        worker = settings.worker or f"{name}-{os.getpid()}"
        self._name = name
        self._outputs = outputs
        self._settings = settings
        self._bootstrap = settings.kafka
        self._changelog = changelog_of(name)
        self._owner = derive(worker, os.getpid(), time.time_ns())
        self._membership = Membership(self._bootstrap, group_of(name), self._changelog, worker, settings.lease_s)
        self._admin: Any = None
        self._asking = threading.Lock()
        self._publishing = threading.Lock()
        self._producer: TransactionalProducer | None = None
        self._lost = "it was never opened"
        self._position = 0
        """The changelog before this is known here: what follows, another source has written."""
        self._commits = 0
        self._unsure: tuple[bytes, list[Record]] | None = None
        self._congested = False
        self._looked_at = -BACKLOG_AGE_S

    def open(self) -> bool:
        """Try to become the one source of this name; False while another one works. Raises Unavailable.

        A process that comes back under its name does so at once: whoever starts workers runs one process a name.
        """
        try:
            with self._publishing:
                if not self._membership.join():
                    self._let_go()
                    return False
                self._producer = TransactionalProducer(self._bootstrap, group_of(self._name))
                self._position = self._ask(self._end)
                self._lost = ""
                return True
        except BaseException:
            self.close()
            raise

    def keep(self) -> None:
        """Stay the one source while there is nothing to publish. Raises LeaseLostError, Unavailable."""
        if not self._lost:
            self._lost = self._membership.keep()
        if self._lost:
            raise LeaseLostError(f"{self._name} is no longer the one source: {self._lost}")
        self._ask(self._end)

    def close(self) -> None:
        """Let go, so that the next one need not wait."""
        with self._publishing:
            self._let_go()

    def _let_go(self) -> None:
        self._lost = self._lost or "it was closed"
        self._drop_producer()
        self._membership.leave()
        with self._asking:
            self._drop_admin()

    def load(self) -> dict[str, bytes]:
        """Return all stored entries of the source's state. Raises Unavailable while the log is away."""
        found: dict[str, bytes] = {}
        with self._publishing, unavailable_when_away(self._bootstrap):
            for record in records(self._bootstrap, self._changelog):
                key = record.key.decode()
                found.pop(key, None)
                if record.value is not None:
                    found[key] = record.value
        found.pop(TOKEN, None)
        return found

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        """Publish and store together. Raises Unavailable while Kafka is away (call again with the same), and
        LeaseLostError where another source has taken over: stop then.
        """
        sent = [record_of(emit, f"/dateline/{self._name}") for emit in emits]
        sent += [Record(self._changelog, write.key.encode(), write.value, partition=0) for write in writes]
        with self._publishing:
            if self._lost:
                raise LeaseLostError(f"{self._name} is no longer the one source: {self._lost}")
            try:
                self._commit(sent)
            except FencedError as error:
                self._lost = str(error)
                raise LeaseLostError(f"{self._name} is no longer the one source: {error}") from error
            except Unavailable:
                self._drop_producer()
                raise
            except BaseException:  # the records themselves are at fault, and nothing was published
                self._drop_producer()
                self._unsure = None
                raise
        telemetry.MESSAGES.labels(self._name, "processed").inc(len(emits))

    def _commit(self, sent: list[Record]) -> None:
        """Publish once, whatever has become of an earlier attempt. Raises FencedError, Unavailable."""
        if self._producer is None:
            self._producer = TransactionalProducer(self._bootstrap, group_of(self._name))
            committed = self._last_token()
            if self._unsure is not None and committed == self._unsure[0]:
                repeated = self._unsure[1] == sent
                self._unsure = None
                if repeated:
                    return
        if self._unsure is None or self._unsure[1] != sent:
            self._commits += 1
            self._unsure = (f"{self._owner} {self._commits}".encode(), sent)
        token = Record(self._changelog, TOKEN.encode(), self._unsure[0], partition=0)
        self._position = self._producer.publish([*sent, token])[-1] + 1
        self._unsure = None

    def _last_token(self) -> bytes:
        """Return the token that was committed last since the changelog was known here; empty if none was.

        Raises FencedError where it is another source's: what this one knows is out of date then.
        """
        token = b""
        with unavailable_when_away(self._bootstrap):
            for record in records(self._bootstrap, self._changelog, {0: self._position}):
                if record.key == TOKEN.encode():
                    token = record.value
                    if not token.startswith(self._owner.encode()):
                        raise FencedError("another source has published since")
                self._position = record.offset + 1
        return token

    def congested(self) -> bool:
        """True while a topic it publishes to has too many messages waiting. Raises Unavailable."""
        if time.monotonic() - self._looked_at >= BACKLOG_AGE_S:
            most = self._settings.max_backlog
            self._congested = any(self._ask(partial(behind, topic=topic)) >= most for topic in self._outputs)
            self._looked_at = time.monotonic()
        if self._congested:
            telemetry.HELD_BACK.labels(self._name).inc()
        return self._congested

    def _end(self, client: Any) -> int:
        partition = TopicPartition(self._changelog, 0)
        return offsets(client, [partition], OffsetSpec.LATEST)[partition]

    def _ask(self, question: Callable[[Any], int]) -> int:
        """Put a question to Kafka over a connection that is kept. Raises Unavailable."""
        with self._asking, unavailable_when_away(self._bootstrap):
            try:
                if self._admin is None:
                    self._admin = made(KafkaAdminClient, **common(self._bootstrap, QUESTION_S))
                return question(self._admin)
            except BaseException:
                self._drop_admin()
                raise

    def _drop_admin(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _drop_producer(self) -> None:
        if self._producer is not None:
            self._producer.close()
            self._producer = None
