"""Kafka as the ground of `dateline up`: Dateline's topics on a broker, and a Valkey that only holds the states.

The states have a Valkey folder of their own, because those of the embedded log beside them come from another past.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import redis
from kafka.errors import KafkaError

from services.cli.folder import replace_file
from services.cli.ground import Ground, Progress
from services.cli.kafka_ready import make_topics
from services.cli.local_broker import start_broker
from services.cli.service_counts import ServiceCounts
from services.contracts.redis_model import CHANGED, Keys
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, EVENTS, MENTIONS
from services.runtime import kafka_broker, kafka_dead_letters, kafka_log
from services.runtime.kafka_client import admin, unavailable_when_away
from services.runtime.stage import Unavailable
from services.runtime.stream_log import connect
from services.runtime.supervisor import Child, StartError, Supervisor
from services.runtime.valkey import answers, redis_url, server_command

STATES: Final = "kafka-states"
"""Folder of the Valkey with the states."""

TABLES: Final = "tables"
"""Folder of the services' copies of their tables (services/runtime/kafka.py)."""

EXISTING_ANSWERS_WITHIN_S: Final = 15.0


def cluster_id(bootstrap: str) -> str:
    """Return the name that a Kafka has given itself. Raises Unavailable."""
    with unavailable_when_away(bootstrap), admin(bootstrap) as client:
        return str(client.describe_cluster()["cluster_id"])


def stay_with_cluster(data: Path, cluster: str) -> None:
    """Note the Kafka of a data folder at its first use. Raises StartError where the folder is another one's.

    The states and the copies of tables in the folder continue from offsets, which mean nothing on another Kafka.
    """
    note = data / "kafka-cluster"
    before = note.read_text().strip() if note.exists() else ""
    if before and before != cluster:
        copies = " ".join(str(data / name) for name in (STATES, TABLES, note.name))
        raise StartError(
            f"the data folder {data} was used with another Kafka (cluster {before}; this one is {cluster}). Choose "
            "another folder with DATELINE_DATA, or remove what is only a copy of that Kafka's data and built anew from "
            f"this one's: rm -r {copies}"
        )
    replace_file(note, cluster.encode())


class KafkaGround(Ground):
    """The states on a Valkey of the data folder, everything else on Kafka."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._states = data / STATES
        self._bootstrap = ""
        self._counts = ServiceCounts(data / "run" / "health")
        self._looking: threading.Thread | None = None
        self._latest: Progress | None = None
        self.redis_url = redis_url(self._states)

    @abstractmethod
    def _reach(self, supervisor: Supervisor) -> str:
        """Return the bootstrap servers of a Kafka that answers. Raises StartError."""

    def start(self, supervisor: Supervisor) -> None:
        """Reach Kafka, make the topics, start Valkey. Raises StartError, ValkeyMissingError, Unavailable."""
        self._bootstrap = self._reach(supervisor)
        stay_with_cluster(self._data, cluster_id(self._bootstrap))
        make_topics(self._bootstrap)
        supervisor.start(Child("valkey", server_command(self._states), ready=lambda: answers(self.redis_url)))

    def environment(self) -> Mapping[str, str]:
        """Return the addresses of Kafka and of the states."""
        return {"DATELINE_REDIS_URL": self.redis_url, "DATELINE_KAFKA": self._bootstrap}

    def note(self) -> Mapping[str, str]:
        """Return both addresses."""
        return {"kafka": self._bootstrap, "redis": self.redis_url}

    def progress(self) -> Progress | None:
        """Return how far things were a moment ago; None while Kafka or the states are away.

        It is looked up beside: a broker that is away may take long to say nothing, and processes must be tended.
        """
        if self._looking is None or not self._looking.is_alive():
            self._looking = threading.Thread(target=self._look, name="progress", daemon=True)
            self._looking.start()
        return self._latest

    def _look(self) -> None:
        try:
            with unavailable_when_away(self._bootstrap), admin(self._bootstrap) as client:
                waiting = sum(kafka_log.behind(client, topic) for topic in (ARTICLES_RAW, MENTIONS, EVENTS))
            letters = len(kafka_dead_letters.dead_letters(self._bootstrap))
            events = int(connect(self.redis_url).zcard(Keys().order(CHANGED)))
        except (Unavailable, KafkaError, redis.RedisError):
            self._latest = None
            return
        self._counts.look()
        self._latest = Progress(
            articles=self._counts.total("dateline_messages_total", stage="dedup", outcome="processed"),
            copies=self._counts.total("dateline_emitted_total", stage="dedup", topic=ARTICLES_DUPLICATES.name),
            events=events,
            updates=self._counts.total("dateline_emitted_total", stage="linker", topic=EVENTS.name),
            waiting=waiting,
            dead_letters=letters,
            since_start=True,
        )


class LocalKafkaGround(KafkaGround):
    """On a broker of the data folder's own, which is started and looked after."""

    again = "make up RUNTIME=kafka"

    def _reach(self, supervisor: Supervisor) -> str:
        return start_broker(self._data, supervisor)


class ExistingKafkaGround(KafkaGround):
    """On a Kafka that somebody else runs."""

    def __init__(self, data: Path, bootstrap: str) -> None:
        super().__init__(data)
        self._given = bootstrap
        self.again = f"make up RUNTIME=kafka KAFKA={bootstrap}"

    def _reach(self, supervisor: Supervisor) -> str:
        if not kafka_broker.wait_until_it_answers(self._given, EXISTING_ANSWERS_WITHIN_S):
            raise StartError(
                f"Kafka at {self._given} does not answer. Start it (`make kafka` runs one on this machine), correct "
                "--kafka, or say --kafka local for a broker of Dateline's own."
            )
        return self._given
