"""The system under test: Kafka, Valkey and workers as processes, and a small supervisor that brings back who dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from services.runtime.kafka_topics import create
from tests.kafka_server import KafkaServer
from tests.valkey_server import ValkeyServer

REPO: Final = Path(__file__).resolve().parents[2]
STAGES: Final = ("dedup", "extractor", "linker", "cache")
STATEFUL: Final = ("dedup", "linker")
TEND_S: Final = 0.1
SCRAPE_S: Final = 2.0
STOP_S: Final = 60.0
TOLD_LINES: Final = 8

Sample = tuple[str, tuple[tuple[str, str], ...]]
"""Name and labels of a metric."""


@dataclass(slots=True)
class Worker:
    """One worker process, again and again under its name."""

    name: str
    stage: str
    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: int = 0
    not_before: float = 0.0
    """It is brought back from this time on (monotonic clock)."""
    wanted: bool = True
    ended: bool = False
    """True where its end was our doing."""
    figures: dict[int, dict[Sample, float]] = field(default_factory=dict)
    """By process id: what its /metrics said last."""

    @property
    def alive(self) -> bool:
        """True while its process runs (or is paused)."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start a process in its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "port").unlink(missing_ok=True)
        self.started += 1
        self.ended = False
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "run", self.stage], cwd=REPO, env=self.env, stderr=log
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is alive."""
        if self.alive:
            assert self.process is not None
            if number in (signal.SIGKILL, signal.SIGTERM):
                self.ended = True
            os.kill(self.process.pid, number)

    def wait(self) -> None:
        """Wait until its process has ended; kill it where it does not."""
        process = self.process  # the supervisor may put another one in its place
        if process is None:
            return
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def port(self) -> int:
        """Port of its health server, 0 while it has none."""
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return 0

    def last_words(self) -> str:
        """The end of its log."""
        try:
            lines = (self.folder / "log").read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(f"  {self.name}: {line}" for line in lines[-TOLD_LINES:])


class System:
    """Everything that runs. ``close`` ends it."""

    def __init__(self, folder: Path, workers: int, session_s: float, kafka: KafkaServer | None = None) -> None:
        """``kafka``: a broker that runs, with Dateline's topics; left out, one of its own is started."""
        self.folder = folder
        self.session_s = session_s
        self._own_kafka = kafka is None
        self.kafka = kafka or KafkaServer()
        if kafka is None:
            self.kafka.start()
            create(self.kafka.bootstrap)
        self.valkey = ValkeyServer()
        self.workers: dict[str, Worker] = {}
        self.unexpected: list[str] = []
        """Workers that ended by themselves, with their last words."""
        self.lock = threading.RLock()
        self._stop = threading.Event()
        for stage in STAGES:
            for _ in range(workers):
                self.add(stage)
        self._threads = [
            threading.Thread(target=self._tend, name="supervisor", daemon=True),
            threading.Thread(target=self._scrape, name="scraper", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def of(self, stage: str) -> list[Worker]:
        """Return the workers that a stage should have, by name."""
        with self.lock:
            return [worker for worker in self.workers.values() if worker.stage == stage and worker.wanted]

    def add(self, stage: str) -> Worker:
        """Start one more worker of a stage."""
        with self.lock:
            number = sum(worker.stage == stage for worker in self.workers.values())
            name = f"{stage}-{number}"
            worker = self.workers[name] = Worker(name, stage, self.folder / name, self._env(name))
            worker.start()
            return worker

    def all_ready(self) -> bool:
        """True when every worker says that it can do its work."""
        return all(self.ready(worker) for stage in STAGES for worker in self.of(stage))

    def figures(self) -> dict[Sample, float]:
        """Return the counters of all processes there ever were, added up, each as it was seen last."""
        sums: dict[Sample, float] = {}
        with self.lock:
            for worker in self.workers.values():
                for seen in worker.figures.values():
                    for name, value in seen.items():
                        sums[name] = sums.get(name, 0.0) + value
        return sums

    def last_words(self) -> str:
        """The ends of all logs."""
        return "\n".join(worker.last_words() for worker in self.workers.values())

    def stop_workers(self) -> None:
        """End all workers, as an operator would."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for worker in self.workers.values():
            worker.send(signal.SIGCONT)
            worker.send(signal.SIGTERM)
        for worker in self.workers.values():
            worker.wait()

    def close(self) -> None:
        """End everything and remove its data."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for worker in self.workers.values():
            worker.send(signal.SIGKILL)
            worker.wait()
        self.valkey.close()
        if self._own_kafka:
            self.kafka.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _env(self, name: str) -> dict[str, str]:
        folder = self.folder / name
        return {
            **os.environ,
            "DATELINE_KAFKA": self.kafka.bootstrap,
            "DATELINE_REDIS_URL": self.valkey.url,
            "DATELINE_WORKER": name,
            "DATELINE_DATA": str(folder / "data"),
            "DATELINE_HEALTH_PORT": "0",
            "DATELINE_HEALTH_NOTE": str(folder / "port"),
            "DATELINE_LEASE_S": str(self.session_s),
            "DATELINE_DEPTH": "lead",
            "DATELINE_KEPT_DAYS": "100000",  # its articles are of a fixed day, long ago by now
            "OMP_NUM_THREADS": "1",
        }

    def ready(self, worker: Worker) -> bool:
        """True when a worker says that it can do its work."""
        port = worker.port()
        if not port:
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return True
        except OSError:
            return False

    def _tend(self) -> None:
        while not self._stop.wait(TEND_S):
            with self.lock:
                for worker in self.workers.values():
                    if worker.alive or not worker.wanted:
                        continue
                    if not worker.ended:
                        status = worker.process.returncode if worker.process else None
                        self.unexpected.append(f"{worker.name} ended with {status}\n{worker.last_words()}")
                        worker.ended = True
                    if time.monotonic() >= worker.not_before:
                        worker.start()

    def _scrape(self) -> None:
        while not self._stop.wait(SCRAPE_S):
            for worker in list(self.workers.values()):
                self.scrape(worker)

    def scrape(self, worker: Worker) -> None:
        """Read a worker's counters once more, if it answers."""
        if not worker.alive or worker.process is None or not (port := worker.port()):
            return
        pid = worker.process.pid
        with suppress(OSError, ValueError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=1) as response:
                seen = dict(_counters(response.read().decode()))
            with self.lock:
                worker.figures[pid] = seen


def _counters(text: str) -> Iterator[tuple[Sample, float]]:
    for family in text_string_to_metric_families(text):
        if family.type == "counter" and family.name.startswith("dateline_"):
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    yield (sample.name, tuple(sorted(sample.labels.items()))), sample.value
