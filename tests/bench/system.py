"""All stages and the API as processes, on a log of their own, for benchmarks on either runtime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import psutil

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, MENTIONS
from services.runtime.embedded import EmbeddedOutbox
from services.runtime.kafka_outbox import KafkaOutbox
from services.runtime.kafka_topics import create
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit
from services.runtime.stream_log import StreamLog, connect
from tests.chaos.reading import Watch
from tests.e2e.running import REPO, free_port, wait_for
from tests.kafka_server import KafkaServer
from tests.valkey_server import ValkeyServer

READ = (ARTICLES_RAW, ARTICLES_UNIQUE, ARTICLES_DUPLICATES, MENTIONS, EVENTS)
QUIET_S = 1.0
"""On Kafka everything counts as answered when no reader has been behind for so long; it is taken off the time."""
AT_ONCE = 20
"""Articles that are published in one step, as a poll of a busy feed does."""


class Ground(ABC):
    """A log with its servers."""

    pids: dict[str, int]

    @abstractmethod
    def env(self) -> dict[str, str]:
        """What processes need to find it."""

    @abstractmethod
    def publish(self, emits: Sequence[Emit]) -> None:
        """Publish as the fetcher does."""

    @abstractmethod
    def settled(self) -> float | None:
        """None while readers are behind; else for how long they have not been."""

    @abstractmethod
    def close(self) -> None:
        """End the servers."""


class EmbeddedGround(Ground):
    """One Valkey."""

    def __init__(self) -> None:
        self._server = ValkeyServer()
        self.pids = {"valkey": self._server.pid}
        self._log = StreamLog(connect(self._server.url), source="bench")
        self._outbox = EmbeddedOutbox("bench", (ARTICLES_RAW,), self._log, RuntimeSettings(worker="bench"))
        self._outbox.open()

    def env(self) -> dict[str, str]:
        return {"DATELINE_REDIS_URL": self._server.url, "DATELINE_KAFKA": ""}

    def publish(self, emits: Sequence[Emit]) -> None:
        self._outbox.commit(emits, [])

    def settled(self) -> float | None:
        for topic in READ:
            stream = self._log.stream(topic)
            last = self._log.client.xinfo_stream(stream)["last-generated-id"]
            for group in self._log.client.xinfo_groups(stream):
                if group["pending"] or group["last-delivered-id"] != last:
                    return None
        return 0.0

    def close(self) -> None:
        self._server.close()


class KafkaGround(Ground):
    """Apache Kafka for the log, Valkey for the states."""

    def __init__(self) -> None:
        self._valkey = ValkeyServer()
        self._kafka = KafkaServer()
        self._kafka.start()
        create(self._kafka.bootstrap)
        self.pids = {"valkey": self._valkey.pid, "kafka": self._kafka.pid}
        self._outbox = KafkaOutbox(
            "fetcher", (ARTICLES_RAW,), RuntimeSettings(worker="bench", kafka=self._kafka.bootstrap)
        )
        wait_for(self._outbox.open, "the outbox")
        self._watch = Watch(self._kafka.bootstrap)

    def env(self) -> dict[str, str]:
        return {"DATELINE_REDIS_URL": self._valkey.url, "DATELINE_KAFKA": self._kafka.bootstrap}

    def publish(self, emits: Sequence[Emit]) -> None:
        self._outbox.commit(emits, [])
        self._outbox.keep()

    def settled(self) -> float | None:
        if self._watch.behind():
            return None
        idle_s = self._watch.idle_s()
        return idle_s if idle_s > QUIET_S else None

    def close(self) -> None:
        self._watch.close()
        self._outbox.close()
        self._kafka.close()
        self._valkey.close()


class System:
    """The stages, the cache and the API at work."""

    def __init__(self, runtime: str, depth: str, extractors: int) -> None:
        """``runtime``: "embedded" or "kafka"."""
        self.runtime = runtime
        self._depth = depth
        self._extractors = [f"extractor-{number}" for number in range(extractors)]
        self.settled_late_s = 0.0
        """How long after the last answer ``settled`` said so."""

    def __enter__(self) -> System:
        self._ground: Ground = KafkaGround() if self.runtime == "kafka" else EmbeddedGround()
        self._data = Path(tempfile.mkdtemp(prefix="dateline-bench-"))
        self.port = free_port()
        found = self._ground.env()
        env = {
            **os.environ,
            **found,
            "DATELINE_API_REDIS_URL": found["DATELINE_REDIS_URL"],
            "DATELINE_API_PORT": str(self.port),
            "DATELINE_DEPTH": self._depth,
            "OMP_NUM_THREADS": "1",
        }
        self._processes = {
            name: subprocess.Popen(
                [sys.executable, "-m", "services.cli", "run", name.partition("-")[0]],
                cwd=REPO,
                env={**env, "DATELINE_WORKER": name, "DATELINE_DATA": str(self._data / name)},
                stderr=subprocess.DEVNULL,
            )
            for name in ("dedup", *self._extractors, "linker", "cache", "api")
        }
        wait_for(lambda: urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2), "the API")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(60)
        self._ground.close()
        shutil.rmtree(self._data, ignore_errors=True)

    def publish(self, articles: Sequence[Article]) -> None:
        """Publish as the fetcher does."""
        for start in range(0, len(articles), AT_ONCE):
            self._ground.publish(
                [
                    Emit(ARTICLES_RAW, each.language, each, each.id, each.first_seen_at.ToDatetime(tzinfo=UTC))
                    for each in articles[start : start + AT_ONCE]
                ]
            )

    def settled(self) -> bool:
        """True when every reader has answered everything."""
        late_s = self._ground.settled()
        self.settled_late_s = late_s or 0.0
        return late_s is not None

    def memory_mb(self) -> dict[str, int]:
        """Resident memory of each process."""
        pids = {name: process.pid for name, process in self._processes.items()} | self._ground.pids
        return {name: psutil.Process(pid).memory_info().rss // 1_000_000 for name, pid in pids.items()}
