"""How long reads take at a fixed rate: rounds of a mix of questions, between them rounds of an answer that is ready.

The answer that is ready (``/healthz``) comes from the same server to the same client at the same rate: what it takes is
the machine's doing. Every latency counts from when the question was due, so that no stall is left out. While the mix is
asked, events change.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from psutil import Process
from redis import Redis

from services.cache.service import build
from services.contracts.ids import event_id
from tests.conftest import REPO
from tests.unit.cache.events import START, as_message, make_event

READS_PER_S: Final = 500
ROUND_S: Final = 8
ROUNDS: Final = 5
CHANGES_PER_S: Final = 10
QUESTIONS: Final = 2_000
SHARES: Final = (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
READY: Final = [("/healthz", "")]

Question = tuple[str, str]
"""Path and entity tag."""


@dataclass(frozen=True)
class Round:
    """One round's latencies in ms by quantile, and ms of CPU a read."""

    latency: dict[str, float]
    api_ms: float
    redis_ms: float
    client_ms: float


def questions(events: int, words: Sequence[str], count: int = QUESTIONS) -> list[Question]:
    """A mix as sites and people ask: 5 of 10 one event, 2 an event that has not changed since (304), 2 a filtered page
    of 20 summaries by various filters, 1 the first page in full. Words by how frequent they are, boxes of the size of a
    country and of a continent, anywhere.
    """
    chance = random.Random(3)
    found: list[Question] = []
    for _ in range(count):
        kind = chance.random()
        if kind < 0.7:
            found.append((f"/v1/events/{event_id(f'event {chance.randrange(events)}')}", "*" if kind > 0.5 else ""))
        elif kind < 0.9:
            size = chance.choice((5, 40))
            south, west = chance.uniform(-60, 70 - size), chance.uniform(-180, 180 - size)
            some = chance.choice(
                (
                    "type=visit",
                    "status=agreed&min_sources=2",
                    f"q={words[int(chance.paretovariate(0.9)) % len(words)]}",
                    f"box={west:.1f},{south:.1f},{west + size:.1f},{south + size:.1f}",
                    "sort=time",
                    "topic=politics-government&since=2031-11-19T12:00:00Z",
                )
            )
            country = chance.choice(("", "&country=KEN", "&country=COL,VEN"))
            found.append((f"/v1/events?view=summary&limit=20{country}&{some}", ""))
        else:
            found.append(("/v1/events", ""))
    return found


def reading(redis_url: str, redis: Redis, port: int, pid: int, asked: Sequence[Question]) -> Iterator[dict[str, Any]]:
    """Yield latency by quantile of the best and of the median round, and CPU a read."""
    mixed, ready = [], []
    with _changing(redis_url):
        for _ in range(ROUNDS):
            mixed.append(_round(redis, port, pid, asked))
            ready.append(_round(redis, port, pid, READY))
    for name, _ in SHARES:
        for which, pick in (("best", min), ("median", statistics.median)):
            value, reference = (pick([each.latency[name] for each in rounds]) for rounds in (mixed, ready))
            yield {
                "name": f"api.read_ms_at_{READS_PER_S}_per_s.{name}.{which}",
                "value": round(value, 2),
                "unit": f"ms from when the read was due; {which} of {ROUNDS} rounds of {ROUND_S} s, "
                f"{CHANGES_PER_S} changes/s meanwhile",
                "reference": "an answer that is ready, from the same server at the same rate, in rounds between these",
                "reference_value": round(reference, 2),
                "ratio": round(value / reference, 1),
            }
    for name in ("api_ms", "redis_ms", "client_ms"):
        value, reference = (statistics.median(getattr(each, name) for each in rounds) for rounds in (mixed, ready))
        yield {
            "name": f"api.read_cpu.{name}",
            "value": round(value, 3),
            "unit": f"ms of CPU a read; {round(value * READS_PER_S / 10)} % of a core",
            "reference": "an answer that is ready",
            "reference_value": round(reference, 3),
        }


def _round(redis: Redis, port: int, pid: int, asked: Sequence[Question]) -> Round:
    before = _computing(redis, pid)
    command = [sys.executable, "-m", "tests.bench.reading_client", str(port), str(READS_PER_S), str(ROUND_S)]
    done = subprocess.run(command, cwd=REPO, input=orjson.dumps(asked), stdout=subprocess.PIPE, check=True)
    answer = orjson.loads(done.stdout)
    count = READS_PER_S * (ROUND_S + 1)  # the warm-up included
    api_s, redis_s = (now - then for now, then in zip(_computing(redis, pid), before, strict=True))
    latencies = sorted(answer["latencies"])
    return Round(
        {name: latencies[int(len(latencies) * share)] * 1_000 for name, share in SHARES},
        api_s / count * 1_000,
        redis_s / count * 1_000,
        answer["cpu_s"] / count * 1_000,
    )


def _computing(redis: Redis, pid: int) -> tuple[float, float]:
    """Return seconds of CPU that the API and Redis have used."""
    api, server = Process(pid).cpu_times(), redis.info("cpu")
    return api.user + api.system, server["used_cpu_user"] + server["used_cpu_sys"]


class _changing:
    """Lets events change at a steady pace."""

    def __init__(self, redis_url: str) -> None:
        self._cache = build(redis_url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._change, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _change(self) -> None:
        number, began, run = 0, time.perf_counter(), time.time_ns()
        while not self._ended.wait(max(0.0, began + number / CHANGES_PER_S - time.perf_counter())):
            number += 1
            event = make_event(f"changing {run} {number % 50}", revision=number // 50 + 1, title=f"Change {number}")
            self._cache.write([as_message(event)], START)
