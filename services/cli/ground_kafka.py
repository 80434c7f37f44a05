"""Kafka as the ground of `dateline up`: Dateline's topics on a broker, and a Valkey that only holds the states.

The states have a Valkey folder of their own, because those of the embedded log beside them come from another past.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import redis

from services.cli.ground import Ground, Progress
from services.cli.kafka_address import DEFAULT_PORT
from services.cli.kafka_ready import make_topics
from services.cli.local_broker import broker
from services.cli.ports import free_port
from services.contracts.redis_model import ALL_EVENTS, Keys
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, DEAD_LETTERS, EVENTS, MENTIONS
from services.runtime import kafka_broker, kafka_log
from services.runtime.stage import Unavailable
from services.runtime.stream_log import connect
from services.runtime.supervisor import Child, StartError, Supervisor
from services.runtime.valkey import answers, redis_url, server_command

EXISTING_ANSWERS_WITHIN_S: Final = 15.0


class KafkaGround(Ground):
    """The states on a Valkey of the data folder, everything else on Kafka."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._states = data / "kafka-states"
        self._bootstrap = ""
        self.redis_url = redis_url(self._states)

    @abstractmethod
    def _reach(self, supervisor: Supervisor) -> str:
        """Return the bootstrap servers of a Kafka that answers. Raises StartError."""

    def start(self, supervisor: Supervisor) -> None:
        """Start Valkey, reach Kafka and make the topics. Raises StartError, ValkeyMissingError, Unavailable."""
        supervisor.start(Child("valkey", server_command(self._states), ready=lambda: answers(self.redis_url)))
        self._bootstrap = self._reach(supervisor)
        make_topics(self._bootstrap)

    def environment(self) -> Mapping[str, str]:
        """Return the addresses of Kafka and of the states."""
        return {"DATELINE_REDIS_URL": self.redis_url, "DATELINE_KAFKA": self._bootstrap}

    def note(self) -> Mapping[str, str]:
        """Return both addresses."""
        return {"kafka": self._bootstrap, "redis": self.redis_url}

    def progress(self) -> Progress | None:
        """Return how far things are; None while Kafka or the states are away."""
        try:
            return Progress(
                articles=kafka_log.sent(self._bootstrap, ARTICLES_RAW),
                copies=kafka_log.sent(self._bootstrap, ARTICLES_DUPLICATES),
                events=int(connect(self.redis_url).zcard(Keys().index(ALL_EVENTS))),
                updates=kafka_log.sent(self._bootstrap, EVENTS),
                waiting=sum(kafka_log.backlog(self._bootstrap, topic) for topic in (ARTICLES_RAW, MENTIONS, EVENTS)),
                dead_letters=kafka_log.sent(self._bootstrap, DEAD_LETTERS),
            )
        except (Unavailable, redis.RedisError):
            return None


class LocalKafkaGround(KafkaGround):
    """On a broker of the data folder's own, which is started and looked after."""

    def _reach(self, supervisor: Supervisor) -> str:
        port = free_port(DEFAULT_PORT)
        own = broker(self._data, port, free_port(port + 1))
        supervisor.start(own.child)
        return own.bootstrap


class ExistingKafkaGround(KafkaGround):
    """On a Kafka that somebody else runs."""

    def __init__(self, data: Path, bootstrap: str) -> None:
        super().__init__(data)
        self._given = bootstrap

    def _reach(self, supervisor: Supervisor) -> str:
        if not kafka_broker.wait_until_it_answers(self._given, EXISTING_ANSWERS_WITHIN_S):
            raise StartError(
                f"Kafka at {self._given} does not answer. Start it (`make kafka` runs one on this machine), correct "
                "--kafka, or say --kafka local for a broker of Dateline's own."
            )
        return self._given
