"""Being the one worker of a name: membership of a Kafka consumer group that has no more than one member.

Kafka ends a membership whose worker has been silent for the session timeout. That alone lets two workers believe for a
moment that they are the one: what they write must be fenced besides (see ``kafka_outbox.py``).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import InvalidSessionTimeoutError, KafkaError

from services.runtime.kafka_client import admin, common, made, unavailable_when_away
from services.runtime.settings import SettingsError
from services.runtime.stage import Unavailable

JOIN_S: Final = 5.0
"""How long joining an empty group may take: it takes some tenths of a second."""

SETTLED_S: Final = 1.5
"""A decision against this member counts once it is so old."""

POLL_MS: Final = 50
SILENCES: Final = 3
"""A worker that has not called ``keep`` for so many session timeouts leaves the group, though its process lives."""


class Membership:
    """One worker's membership. Safe to use from several threads."""

    def __init__(self, bootstrap: str, group: str, topic: str, worker: str, session_s: float) -> None:
        """``topic`` has one partition, which the one member is assigned; ``worker`` is the worker's stable name."""
        self._bootstrap = bootstrap
        self._group = group
        self._topic = topic
        self._client_id = f"dateline-{worker}"
        self._session_ms = int(session_s * 1000)
        self._consumer: Any = None
        self._listener = _Listener()
        self._turn = threading.Lock()

    def join(self) -> bool:
        """Become the one member; False while another worker is. Raises Unavailable, and SettingsError where the
        brokers do not take the session timeout.
        """
        with self._turn, unavailable_when_away(self._bootstrap):
            if self._taken():
                return False
            try:
                return self._joined()
            except InvalidSessionTimeoutError as error:
                raise SettingsError(
                    f"Kafka at {self._bootstrap} does not take DATELINE_LEASE_S={self._session_ms / 1000:g}: choose "
                    "one between its group.min.session.timeout.ms (6 s by default) and group.max.session.timeout.ms"
                ) from error
            finally:
                if not self._listener.assigned:
                    self._leave()

    def _taken(self) -> bool:
        """True where another worker is a member. What an earlier process of this worker has left is removed."""
        with admin(self._bootstrap) as client:
            members = client.describe_groups([self._group])[self._group]["members"]
            if any(member["client_id"] != self._client_id for member in members):
                return True
            if members:
                leaving = [MemberToRemove(member_id=member["member_id"]) for member in members]
                client.remove_group_members(self._group, leaving)
        return False

    def _joined(self) -> bool:
        self._listener = _Listener()
        self._consumer = made(
            KafkaConsumer,
            **{**common(self._bootstrap), "client_id": self._client_id},
            group_id=self._group,
            session_timeout_ms=self._session_ms,
            heartbeat_interval_ms=max(1, self._session_ms // 4),
            max_poll_interval_ms=self._session_ms * SILENCES,
            # Two that join at once must not pass the partition to and fro.
            partition_assignment_strategy=(StickyPartitionAssignor,),
            enable_auto_commit=False,
            allow_auto_create_topics=False,
        )
        self._listener.consumer = self._consumer
        # Asked for before the group decides: a member that does not know the topic decides for nobody.
        if not self._consumer.partitions_for_topic(self._topic):
            raise Unavailable(f"Kafka at {self._bootstrap} has no topic {self._topic}: run `dateline topics create`")
        self._consumer.subscribe([self._topic], listener=self._listener)
        deadline = time.monotonic() + JOIN_S
        while not self._listener.assigned and not self._listener.lost and time.monotonic() < deadline:
            self._consumer.poll(timeout_ms=POLL_MS)
        return self._listener.assigned

    def keep(self) -> str:
        """Stay the member; return why that is over, or nothing. A Kafka that is away ends nothing."""
        with self._turn:
            if self._consumer is None:
                return "it has left the group"
            with suppress(KafkaError, OSError):
                self._consumer.poll(timeout_ms=POLL_MS)
            return "another worker has its place in the group" if self._listener.lost else ""

    def leave(self) -> None:
        """Leave the group, so that another worker need not wait for the session to end."""
        with self._turn:
            self._leave()

    def _leave(self) -> None:
        if self._consumer is not None:
            with suppress(KafkaError, OSError):
                self._consumer.close(autocommit=False, timeout_ms=1_000)
            self._consumer = None
            self._listener = _Listener()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Takes note of what the group has decided."""

    def __init__(self) -> None:
        self.consumer: Any = None
        self.assigned = False
        self._without_since: float | None = None

    @property
    def lost(self) -> bool:
        """True where the group has given the place to another member, and has stayed with that.

        A member that does not know the topic yet, at first or after a restart of Kafka, decides for nobody, and
        decides again a moment later.
        """
        return self._without_since is not None and time.monotonic() - self._without_since > SETTLED_S

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Called with what this member has from now on."""
        self.assigned = bool(assigned)
        self._without_since = None if assigned else time.monotonic()
        self.consumer.pause(*assigned)  # membership is all that is wanted, not the messages

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Called when the group begins to decide anew."""
        self._without_since = None
        # kafka-python 3.0.12 forgets that it is about to join where news of the topic was the reason and ``poll``
        # returns before the group has answered: it would neither take its place nor give a sign of life ever again.
        # Kafka's own client mended the same (KAFKA-9815) by asking to join whatever the reason.
        self.consumer._coordinator.request_rejoin()
