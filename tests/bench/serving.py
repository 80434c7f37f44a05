"""How fast states are cached, events are read and changes reach subscribers: Valkey, API and clients on one machine.

The API runs in a process of its own; the clients live here, on raw asyncio connections, so that they cost little.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import cast

import uvloop
from redis import Redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis

from services.cache.projection import project
from services.cache.service import build
from services.cache.sink import BATCH
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.ids import event_id
from services.contracts.redis_model import FIELD_JSON, Keys
from tests.conftest import REPO
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, as_message, make_event

EVENTS = 4_000
EVIDENCE = 6
CONNECTIONS = 16
READS_PER_S = 500
READ_FOR_S = 8
CHANGES = 60
CHANGES_PER_S = 20
SERVE = "from services.api.service import serve; from services.api.settings import Settings; serve(Settings())"
MARK = re.compile(rb'"title":"tick (\d+)"')

Read = Callable[[], Awaitable[None]]


def benchmark() -> Iterator[dict[str, object]]:
    """Yield cache writes/s and bytes an event, API reads/s and latency, and delivery to subscribers."""
    subscribers = 1_000 if os.environ.get("DATELINE_BENCH_LONG") == "1" else 200
    events = [_event(number) for number in range(EVENTS)]
    with valkey() as redis_url, Redis.from_url(redis_url) as redis:
        yield from _writes(redis_url, redis, events)
        with _api(redis_url) as port:
            yield from uvloop.run(_reads(redis_url, port))
            yield from uvloop.run(_delivery(redis_url, port, subscribers))


def _event(number: int) -> Event:
    chance = random.Random(number)
    event = make_event(
        f"event {number}",
        type=chance.choice(["visit", "agreement", "meeting", "prisoner-exchange"]),
        status=chance.choice(["planned", "agreed", "occurred", "denied"]),
        countries=chance.sample(["KEN", "UGA", "COL", "VEN", "IDN"], 2),
        sources=[f"outlet-{chance.randrange(300)}.example" for _ in range(3)],
        killed=[("a.example", chance.randrange(90)), ("b.example", chance.randrange(90))],
        at=START + timedelta(seconds=number),
    )
    for _ in range(EVIDENCE - 1):
        event.evidence.append(event.evidence[0])
    return event


def _writes(redis_url: str, redis: Redis, events: Sequence[Event]) -> Iterator[dict[str, object]]:
    messages = [as_message(event) for event in events]
    before = redis.info("memory")["used_memory"]
    cache = build(redis_url)
    started = time.perf_counter()
    answers = cache.write(messages, START)
    rate = len(messages) / (time.perf_counter() - started)
    assert not any(answers)
    weight = (redis.info("memory")["used_memory"] - before) / len(messages)
    documents = [project(event).json for event in events]
    started = time.perf_counter()
    for start in range(0, len(documents), BATCH):
        pipeline = redis.pipeline(transaction=False)
        for number, document in enumerate(documents[start : start + BATCH], start):
            pipeline.set(f"reference:{number}", document)
        pipeline.execute()
    reference = len(documents) / (time.perf_counter() - started)
    yield {
        "name": "cache.writes_per_s",
        "value": round(rate),
        "unit": f"event states/s, {round(sum(map(len, documents)) / len(documents))} bytes of JSON each",
        "reference": "SET of the finished JSON through the same client in the same batches",
        "reference_value": round(reference),
        "ratio": round(rate / reference, 3),
    }
    yield {
        "name": "cache.bytes_per_event",
        "value": round(weight),
        "unit": "bytes in Valkey: state, summary, indexes, stream and history",
    }


@contextmanager
def _api(redis_url: str) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    environment = {**os.environ, "DATELINE_API_PORT": str(port), "DATELINE_API_REDIS_URL": redis_url}
    process = subprocess.Popen([sys.executable, "-c", SERVE], cwd=REPO, env=environment)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the API did not start")


async def _reads(redis_url: str, port: int) -> list[dict[str, object]]:
    """Reads as a mix: 6 of 10 one event, 3 of 10 a filtered page of 20 summaries, 1 of 10 the first page in full."""
    chance = random.Random(3)
    paths = []
    for _ in range(1_000):
        kind = chance.random()
        if kind < 0.6:
            paths.append(f"/v1/events/{event_id(f'event {chance.randrange(EVENTS)}')}")
        elif kind < 0.9:
            paths.append(f"/v1/events?view=summary&limit=20&type=visit&country={chance.choice(['KEN', 'COL'])}")
        else:
            paths.append("/v1/events")
    keys = Keys()
    pool = BlockingConnectionPool.from_url(redis_url, max_connections=CONNECTIONS)
    async with _connections(port) as connections, AsyncRedis.from_pool(pool) as redis:

        async def read() -> None:
            connection = connections.get_nowait() if connections.qsize() else await connections.get()
            await _get(*connection, chance.choice(paths))
            connections.put_nowait(connection)

        async def bare() -> None:
            await redis.hget(keys.event(event_id(f"event {chance.randrange(EVENTS)}")), FIELD_JSON)  # type: ignore[misc]

        await _closed_loop(read, 1.0)
        rate, bare_rate = await _closed_loop(read, 4.0), await _closed_loop(bare, 2.0)
        latencies, bare_latencies = await _open_loop(read), await _open_loop(bare)
    found: list[dict[str, object]] = [
        {
            "name": "api.reads_per_s",
            "value": round(rate),
            "unit": f"reads/s of one process, {CONNECTIONS} connections, mixed",
            "reference": "HGET of one event through redis.asyncio from the client",
            "reference_value": round(bare_rate),
            "ratio": round(rate / bare_rate, 2),
        }
    ]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        value, reference = _quantile(latencies, share), _quantile(bare_latencies, share)
        found.append(
            {
                "name": f"api.read_ms_at_{READS_PER_S}_per_s.{name}",
                "value": round(value * 1000, 2),
                "unit": "ms from the moment the read was due",
                "reference": "HGET of one event through redis.asyncio at the same rate",
                "reference_value": round(reference * 1000, 2),
                "ratio": round(value / reference, 1),
            }
        )
    return found


@asynccontextmanager
async def _connections(
    port: int,
) -> AsyncIterator[asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    pool: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        pool.put_nowait(await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))
    yield pool
    while pool.qsize():
        pool.get_nowait()[1].close()


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    (length,) = re.findall(rb"content-length: (\d+)", head)
    await reader.readexactly(int(length))


async def _closed_loop(read: Read, for_s: float) -> float:
    """Return reads/s with each of the connections always busy."""
    done, until = 0, time.perf_counter() + for_s

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await read()
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - started)


async def _open_loop(read: Read) -> list[float]:
    """Return latencies at a fixed rate, from when each read was due, so that a stall is not left out."""
    latencies: list[float] = []
    started = time.perf_counter()

    async def due(at: float) -> None:
        await asyncio.sleep(at - time.perf_counter())
        await read()
        latencies.append(time.perf_counter() - at)

    await asyncio.gather(*(due(started + number / READS_PER_S) for number in range(READS_PER_S * READ_FOR_S)))
    return latencies


class _Subscriber(asyncio.Protocol):
    """Notes when each change came."""

    def __init__(self, arrived: Callable[[int, float], None]) -> None:
        self._arrived = arrived
        self._tail = b""
        self._last = -1
        self.ready = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(b"GET /v1/changes HTTP/1.1\r\nHost: bench\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self._tail + data
        if b"retry:" in data:
            self.ready.set()
        for mark in MARK.findall(data):
            if int(mark) > self._last:  # a title stands twice in a message
                self._last = int(mark)
                self._arrived(self._last, now)
        self._tail = data[-32:]


async def _delivery(redis_url: str, port: int, count: int) -> list[dict[str, object]]:
    loop = asyncio.get_running_loop()
    arrivals: list[tuple[int, float]] = []
    bare: list[tuple[int, float]] = []
    complete = asyncio.Event()
    subscribers = []

    def arrived(number: int, at: float) -> None:
        arrivals.append((number, at))
        if len(arrivals) == count * CHANGES:
            complete.set()

    for _ in range(count):
        transport, protocol = await loop.create_connection(lambda: _Subscriber(arrived), "127.0.0.1", port)
        await protocol.ready.wait()
        subscribers.append(transport)
    following = asyncio.create_task(_follow_bare(redis_url, bare))
    await asyncio.sleep(0.2)
    cache, sent = build(redis_url), {}
    started = time.perf_counter()
    for number in range(CHANGES):
        await asyncio.sleep(started + number / CHANGES_PER_S - time.perf_counter())
        message = as_message(make_event(f"tick {number}", title=f"tick {number}"))
        sent[number] = time.perf_counter()
        assert await asyncio.to_thread(cache.write, [message], START) == [None]
    async with asyncio.timeout(30):
        await complete.wait()
    following.cancel()
    for transport in subscribers:
        transport.close()
    latencies = [at - sent[number] for number, at in arrivals]
    references = [at - sent[number] for number, at in bare]
    return [
        {
            "name": f"sse.delivery_ms_to_{count}.{name}",
            "value": round(_quantile(latencies, share) * 1000, 1),
            "unit": f"ms from before the cache write to a subscriber's socket, {CHANGES_PER_S} changes/s",
            "reference": "one client that reads the changes stream of Redis itself",
            "reference_value": round(_quantile(references, share) * 1000, 1),
            "ratio": round(_quantile(latencies, share) / _quantile(references, share), 1),
        }
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]


async def _follow_bare(redis_url: str, arrivals: list[tuple[int, float]]) -> None:
    async with AsyncRedis.from_url(redis_url, protocol=2) as redis:
        position = "$"
        while True:
            answer = await redis.xread({Keys().changes: position}, block=1_000)
            now = time.perf_counter()
            for entry, fields in answer[0][1] if answer else []:
                position = entry.decode()
                arrivals.append((int(MARK.findall(fields[b"change"])[0]), now))


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    for figure in benchmark():
        print(figure)
