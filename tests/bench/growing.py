"""What partitions and workers cost on Kafka: a stage that does next to nothing, so that the runtime itself is measured.

The reference is one partition with one worker, in the same run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from kafka import KafkaProducer

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.topics import ARTICLES_RAW
from services.runtime.entry import headers_of
from services.runtime.kafka_client import admin, common
from services.runtime.kafka_topics import group_of
from services.runtime.stage import Emit
from tests.e2e.running import REPO, wait_for
from tests.kafka_server import KafkaServer, fresh

MESSAGES = 12_000
BYTES = 2_000
RUNS = ((1, 1), (4, 1), (12, 1), (12, 2), (12, 3))
"""Partitions with messages, and workers."""


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield messages/s and memory of a stateful stage by partitions that are busy and workers that share them."""
    server = KafkaServer()
    server.start()
    try:
        first = 0.0
        for partitions, workers in RUNS:
            figures = _run(server.bootstrap, partitions, workers)
            first = first or figures["messages_per_s"]
            yield {**figures, "ratio_to_one": round(figures["messages_per_s"] / first, 2)}
    finally:
        server.close()


def _run(bootstrap: str, partitions: int, workers: int) -> dict[str, Any]:
    fresh(bootstrap)
    _fill(bootstrap, partitions)
    with admin(bootstrap) as client, tempfile.TemporaryDirectory(prefix="dateline-bench-") as data:
        processes = [_worker(bootstrap, Path(data), number) for number in range(workers)]
        try:
            wait_for(lambda: _answered(client) > 0, "the first answers")
            left, began = MESSAGES - _answered(client), time.perf_counter()
            busy = sum(sum(psutil.Process(each.pid).cpu_times()[:2]) for each in processes)
            wait_for(lambda: _answered(client) == MESSAGES, "all answers")
            took = time.perf_counter() - began
            busy = sum(sum(psutil.Process(each.pid).cpu_times()[:2]) for each in processes) - busy
            memory = resident_mb(processes)
        finally:
            end(processes)
    return {
        "what": "a stage that does next to nothing, on Kafka",
        "partitions": partitions,
        "workers": workers,
        "messages_per_s": round(left / took),
        "worker_cpu_ms_per_message": round(busy * 1000 / left, 2),
        "resident_mb_each": memory,
        "messages": MESSAGES,
        "bytes": BYTES,
    }


def _answered(client: Any) -> int:
    """How many messages the group has answered: the topic was filled without transactions, so offsets count them."""
    group = group_of("dedup")
    return sum(max(0, place.offset) for place in client.list_group_offsets([group])[group].values())


def _fill(bootstrap: str, partitions: int) -> None:
    producer: Any = KafkaProducer(**common(bootstrap), acks="all", compression_type="zstd")
    text = os.urandom(BYTES // 2).hex()
    now = datetime.now(UTC)
    for number in range(MESSAGES):
        article = Article(id=f"{number:032x}", text=text, language="en")
        headers = list(headers_of(Emit(ARTICLES_RAW, "en", article, article.id, now), "/dateline/bench", "").items())
        value = article.SerializeToString()
        producer.send(ARTICLES_RAW.name, value, b"en", partition=number % partitions, headers=headers)
    producer.flush()
    producer.close()


def _worker(bootstrap: str, data: Path, number: int) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "DATELINE_KAFKA": bootstrap,
        "DATELINE_DATA": str(data),
        "DATELINE_WORKER": f"dedup-{number}",
        "DATELINE_MAX_BACKLOG": "1000000000",
    }
    command = [sys.executable, "-m", "tests.contract.toy_worker", "dedup"]
    return subprocess.Popen(command, cwd=REPO, env=env, stderr=subprocess.DEVNULL)


def resident_mb(processes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """Resident memory of each."""
    return [psutil.Process(each.pid).memory_info().rss // 1_000_000 for each in processes]


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, then wait for them."""
    for each in processes:
        each.terminate()
    for each in processes:
        each.wait(60)
