"""What a second extractor worker brings on Kafka: articles already deduplicated, extractors and the broker alone.

The reference is one worker, in the same run. Each worker reads with one thread, so that two need two cores. How busy
they keep these is told twice: by what they computed, and with what they waited for a core that others had.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from kafka import KafkaProducer

from services.contracts.dateline.v1.article_pb2 import UniqueArticle, Verdict
from services.contracts.topics import ARTICLES_UNIQUE
from services.runtime.entry import headers_of
from services.runtime.kafka_client import admin, common
from services.runtime.kafka_topics import group_of
from services.runtime.stage import Emit
from tests.bench.end_to_end import WORDS, Writer
from tests.bench.growing import end, resident_mb
from tests.e2e.running import REPO, wait_for
from tests.kafka_server import KafkaServer, fresh

ARTICLES: Final = 480
WORKERS: Final = (1, 2)


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield articles/s of the extractor stage by workers."""
    server = KafkaServer()
    server.start()
    try:
        first = 0.0
        for workers in WORKERS:
            figures = _run(server.bootstrap, workers)
            first = first or figures["articles_per_s"]
            yield {**figures, "ratio_to_one": round(figures["articles_per_s"] / first, 2)}
    finally:
        server.close()


def _run(bootstrap: str, workers: int) -> dict[str, Any]:
    fresh(bootstrap)
    with admin(bootstrap) as client, tempfile.TemporaryDirectory(prefix="dateline-bench-") as data:
        processes = [_worker(bootstrap, Path(data), number) for number in range(workers)]
        try:
            wait_for(lambda: _at_work(client, workers), "the workers")
            start = [_processor_time(process.pid) for process in processes]
            began = time.perf_counter()
            _fill(bootstrap)
            wait_for(lambda: _answered(client) == ARTICLES, "all answers")
            took = time.perf_counter() - began
            memory = resident_mb(processes)
            used = [_processor_time(process.pid) for process in processes]
        finally:
            end(processes)
    return {
        "what": "the extractor stage on Kafka, depth full",
        "workers": workers,
        "articles_per_s": round(ARTICLES / took, 1),
        "cores_busy": round(sum(now.ran - then.ran for now, then in zip(used, start, strict=True)) / took, 2),
        "cores_wanted": round(sum(now.wanted - then.wanted for now, then in zip(used, start, strict=True)) / took, 2),
        "start_cpu_s_each": [round(each.ran, 1) for each in start],
        "resident_mb_each": memory,
        "articles": ARTICLES,
        "words": WORDS,
    }


@dataclass(frozen=True, slots=True)
class _ProcessorTime:
    """Seconds that the threads of a process have run, and have run or waited for a core."""

    ran: float
    wanted: float


def _processor_time(process: int) -> _ProcessorTime:
    """Read what the Linux scheduler counts (Documentation/scheduler/sched-stats.rst)."""
    ran = waited = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        one, other, _ = (task / "schedstat").read_text().split()
        ran, waited = ran + int(one), waited + int(other)
    return _ProcessorTime(ran / 1e9, (ran + waited) / 1e9)


def _at_work(client: Any, workers: int) -> bool:
    """True when each worker has loaded its pipeline and has its share of the partitions."""
    group = group_of("extractor")
    members = client.describe_groups([group])[group]["members"]
    return len(members) == workers and all(member["member_assignment"] for member in members)


def _answered(client: Any) -> int:
    """How many articles the group has answered: the topic was filled without transactions, so offsets count them."""
    group = group_of("extractor")
    places = client.list_group_offsets([group])[group].items()
    return sum(max(0, place.offset) for each, place in places if each.topic == ARTICLES_UNIQUE.name)


def _fill(bootstrap: str) -> None:
    producer: Any = KafkaProducer(**common(bootstrap), acks="all", compression_type="zstd")
    writer = Writer(seed=20261122)
    for number in range(ARTICLES):
        article = writer.article()
        verdict = Verdict(article_id=article.id, decision="unique", article_url=article.url)
        unique = UniqueArticle(article=article, verdict=verdict)
        emit = Emit(ARTICLES_UNIQUE, article.language, unique, article.id, article.first_seen_at.ToDatetime(tzinfo=UTC))
        headers = list(headers_of(emit, "/dateline/bench", "").items())
        value = unique.SerializeToString()
        partition = number % ARTICLES_UNIQUE.partitions
        producer.send(ARTICLES_UNIQUE.name, value, emit.key.encode(), partition=partition, headers=headers)
    producer.flush()
    producer.close()


def _worker(bootstrap: str, data: Path, number: int) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "DATELINE_KAFKA": bootstrap,
        "DATELINE_DATA": str(data / str(number)),
        "DATELINE_WORKER": f"extractor-{number}",
        "DATELINE_MAX_BACKLOG": "1000000000",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "services.cli", "run", "extractor"]
    return subprocess.Popen(command, cwd=REPO, env=env, stderr=subprocess.DEVNULL)
