"""A real Apache Kafka for tests: its own data folder, its own ports, ended by pid."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import GroupIdNotFoundError, KafkaError
from kafka.protocol.consumer import OffsetSpec

from services.runtime.kafka_broker import server_command, wait_until_it_answers
from services.runtime.kafka_client import admin, common
from services.runtime.kafka_topics import create, wanted

START_S = 150
"""Some 5 s on a machine that has nothing else to do, ten times that on one that has too much."""
OURS = "dateline-"
"""How the names of Dateline's consumer groups and transactional ids begin."""


class KafkaServer:
    """One broker that can be killed and started again, on the same data and the same port. It begins stopped."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="dateline-kafka-"))
        self.port, self._controller_port = _free_ports()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers."""
        command = server_command(self.data, self.port, self._controller_port)
        with (self.data / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        if not wait_until_it_answers(self.bootstrap, START_S):
            said = (self.data / "broker.log").read_text(errors="replace")[-2000:]
            raise AssertionError(f"the Kafka of the test did not start within {START_S} s:\n{said}")

    def kill(self) -> None:
        """Kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self.pid, number)
        self._process.wait(60)

    def close(self) -> None:
        """End the broker and remove its data."""
        if self._process is not None and self._process.poll() is None:
            self.kill()  # its data goes anyway
        shutil.rmtree(self.data, ignore_errors=True)


def _free_ports() -> tuple[int, int]:
    """Return two ports that nothing listens on, below those that clients are given while the broker is down."""
    found: list[int] = []
    while len(found) < 2:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    return found[0], found[1]


def fresh(bootstrap: str) -> None:
    """Empty Dateline's log on a broker: its topics exist and never had a message, its groups are forgotten.

    No process of Dateline may be at work there. What was left by one that was killed is settled and removed. A broker
    that has just started refuses some of this while it loads its groups and transactions.
    """
    deadline = time.monotonic() + START_S
    while True:
        try:
            _empty(bootstrap)
            break
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    create(bootstrap)


def _empty(bootstrap: str) -> None:
    names = [spec.name for spec in wanted(None)]
    with admin(bootstrap) as client:
        _settle_transactions(client, bootstrap)
        _forget_groups(client)
        written = _written_to(client, names)
        if written:
            client.delete_topics(written)
            _wait_for(lambda: not set(written) & set(client.list_topics()), "the topics to be deleted")


def _settle_transactions(client: Any, bootstrap: str) -> None:
    """Abort what a killed producer left open: nobody can read past it, and its topic cannot be made anew cleanly."""
    unsettled = client.list_transactions(state_filters=["Ongoing", "PrepareCommit", "PrepareAbort"])
    for transaction in (one for found in unsettled.values() for one in found):
        if transaction.transactional_id.startswith(OURS):
            producer = KafkaProducer(**common(bootstrap), transactional_id=transaction.transactional_id)
            producer.init_transactions()
            producer.close()


def _forget_groups(client: Any) -> None:
    groups = [group["group_id"] for group in client.list_groups() if group["group_id"].startswith(OURS)]
    if not groups:
        return
    for name, group in client.describe_groups(groups).items():
        members = [MemberToRemove(member_id=member["member_id"]) for member in group["members"]]
        client.remove_group_members(name, members)
    gone = ("OK", GroupIdNotFoundError.__name__)
    refused = {name: said for name, said in client.delete_groups(groups).items() if said not in gone}
    assert not refused, f"consumer groups could not be removed: {refused}"


def _written_to(client: Any, names: list[str]) -> list[str]:
    there = {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics() if topic["name"] in names}
    asked = {
        TopicPartition(name, number): OffsetSpec.LATEST for name, count in there.items() for number in range(count)
    }
    if not asked:
        return []
    ends = client.list_partition_offsets(asked)
    return sorted({partition.topic for partition, end in ends.items() if end.offset > 0})


def _wait_for(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, f"waited 30 s for {what}"
        time.sleep(0.02)
