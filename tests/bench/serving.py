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
from services.contracts.dateline.v1.event_pb2 import Entity, Event
from services.contracts.ids import derive, event_id
from services.contracts.redis_model import Keys
from services.contracts.state_codec import Codec
from tests.bench.reading import questions, reading
from tests.conftest import REPO
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, as_message, make_event

EVENTS = 20_000
LONG_EVENTS = 100_000
"""With DATELINE_BENCH_LONG=1, as in the budgets."""
REVISED = 0.4
"""Share of events with a second state; of those again, with a third, and so on."""
CONNECTIONS = 16
CHANGES = 60
CHANGES_PER_S = 20
SERVE = "from services.api.service import serve; from services.api.settings import Settings; serve(Settings())"
MARK = re.compile(rb'"title":"tick (\d+)"')

Read = Callable[[], Awaitable[None]]


def benchmark() -> Iterator[dict[str, object]]:
    """Yield cache writes/s and bytes an event, API reads/s and latency, and delivery to subscribers."""
    long = os.environ.get("DATELINE_BENCH_LONG") == "1"
    events = LONG_EVENTS if long else EVENTS
    with valkey() as redis_url, Redis.from_url(redis_url) as redis:
        yield from _writes(redis_url, redis, events)
        with _api(redis_url) as (port, pid):
            yield from uvloop.run(_reads(redis_url, port, events))
            yield from reading(redis_url, redis, port, pid, questions(events, WORDS))
            yield from uvloop.run(_delivery(redis_url, port, 1_000 if long else 200))


def _states(number: int) -> Iterator[Event]:
    """The states of one event: as many words, names, sources and sentences as real ones have, drawn by Zipf's law."""
    chance = random.Random(number)
    sources = [f"outlet-{int(chance.paretovariate(0.8)) % 400}.example" for _ in range(int(chance.paretovariate(1.2)))][
        :8
    ]
    revision = 1
    while True:
        event = make_event(
            f"event {number}",
            revision=revision,
            title=_words(chance, 9).capitalize(),
            type=chance.choice(["visit", "agreement", "meeting", "prisoner-exchange"]),
            status=chance.choice(["planned", "agreed", "occurred", "denied"]),
            countries=chance.sample(["KEN", "UGA", "COL", "VEN", "IDN"], 2),
            place=_words(chance, 1).capitalize(),
            sources=sources,
            killed=[("a.example", chance.randrange(90))] if chance.random() < 0.3 else (),
            at=START + timedelta(seconds=number + revision / 10),
        )
        person = _words(chance, 2).title()
        event.participants.add(role="source", text=person, entity=Entity(id=f"person:{person.lower()}", name=person))
        event.place.lat, event.place.lon = chance.uniform(-60, 70), chance.uniform(-180, 180)
        event.story_ids[:] = []
        del event.evidence[1:]
        first = event.evidence.pop()
        for source in sources:
            each = event.evidence.add()
            each.CopyFrom(first)
            each.text = _words(chance, 24).capitalize() + "."
            each.article_title = _words(chance, 9).capitalize()
            each.article_id, each.mention_id = derive("article", source, number), derive("mention", source, number)
            each.article_url = f"https://www.{source}/2031/11/{'-'.join(_words(chance, 7).split())}-{number}"
            each.source.domain = each.source.name = source
        event.changes[0].article_id, event.changes[0].article_url = each.article_id, each.article_url
        event.changes[0].mention_id = each.mention_id
        yield event
        if chance.random() > REVISED:
            return
        revision += 1


def _words(chance: random.Random, count: int) -> str:
    return " ".join(WORDS[int(chance.paretovariate(0.9)) % len(WORDS)] for _ in range(count))


def _word(number: int) -> str:
    syllables = ("ba", "cor", "din", "el", "fa", "gir", "ho", "is", "ju", "kel", "lo", "mar", "nu", "os", "pra", "qui")
    return "".join(syllables[number >> shift & 15] for shift in (0, 4, 8)) + ("s" if number & 0x1000 else "")


WORDS = [_word(number) for number in range(8_000)]


def _writes(redis_url: str, redis: Redis, events: int) -> Iterator[dict[str, object]]:
    before = redis.info("memory")["used_memory"]
    cache = build(redis_url)
    count = seconds = computing = size = 0.0
    documents: list[bytes] = []
    for start in range(0, events, BATCH):
        messages = [
            as_message(state) for number in range(start, min(start + BATCH, events)) for state in _states(number)
        ]
        wall, cpu = time.perf_counter(), time.process_time()
        assert not any(cache.write(messages, START))
        seconds, computing = seconds + time.perf_counter() - wall, computing + time.process_time() - cpu
        count += len(messages)
        if start < 10 * BATCH:
            documents += [project(cast("Event", message.value)).state.whole() for message in messages]
    size = sum(map(len, documents)) / len(documents)
    stream = redis.memory_usage(Keys().changes, samples=0)
    weight = redis.info("memory")["used_memory"] - before
    wall = time.perf_counter()
    for start in range(0, len(documents), BATCH):
        pipeline = redis.pipeline(transaction=False)
        for number, document in enumerate(documents[start : start + BATCH], start):
            pipeline.set(f"reference:{number}", document)
        pipeline.execute()
    reference = len(documents) / (time.perf_counter() - wall)
    yield {
        "name": "cache.writes_per_s",
        "value": round(count / seconds),
        "unit": f"event states/s, {round(size)} bytes of JSON each; {computing / count * 1000:.2f} ms of CPU a state",
        "reference": "SET of the finished JSON through the same client in the same batches",
        "reference_value": round(reference),
        "ratio": round(count / seconds / reference, 3),
    }
    yield {
        "name": "cache.bytes_per_event",
        "value": round((weight - stream) / events),
        "unit": f"bytes in Valkey: state, {count / events - 1:.2f} earlier states, indexes; {events} events",
        "reference": "the event's JSON",
        "reference_value": round(size),
        "ratio": round((weight - stream) / events / size, 2),
    }
    yield {
        "name": "cache.bytes_per_change",
        "value": round(stream / redis.xlen(Keys().changes)),
        "unit": "bytes of an entry of the changes stream, of which a limited number is kept",
    }


@contextmanager
def _api(redis_url: str) -> Iterator[tuple[int, int]]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    environment = {**os.environ, "DATELINE_API_PORT": str(port), "DATELINE_API_REDIS_URL": redis_url}
    process = subprocess.Popen([sys.executable, "-c", SERVE], cwd=REPO, env=environment)
    try:
        _wait_for(port, process)
        yield port, process.pid
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


async def _reads(redis_url: str, port: int, events: int) -> list[dict[str, object]]:
    """Ask as fast as answers come, the mix of ``reading``."""
    chance = random.Random(3)
    asked = questions(events, WORDS)
    keys = Keys()
    pool = BlockingConnectionPool.from_url(redis_url, max_connections=CONNECTIONS)
    async with _connections(port) as connections, AsyncRedis.from_pool(pool) as redis:

        async def read() -> None:
            connection = connections.get_nowait() if connections.qsize() else await connections.get()
            await _get(*connection, *chance.choice(asked))
            connections.put_nowait(connection)

        async def bare() -> None:
            await redis.get(keys.event(event_id(f"event {chance.randrange(events)}")))

        await _closed_loop(read, 1.0)
        rate, bare_rate = await _closed_loop(read, 4.0), await _closed_loop(bare, 2.0)
    return [
        {
            "name": "api.reads_per_s",
            "value": round(rate),
            "unit": f"reads/s of one process, {CONNECTIONS} connections, mixed",
            "reference": "GET of one event through redis.asyncio from the client",
            "reference_value": round(bare_rate),
            "ratio": round(rate / bare_rate, 2),
        }
    ]


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


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, tag: str) -> None:
    had = f"If-None-Match: {tag}\r\n" if tag else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{had}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 304 " if tag else b"HTTP/1.1 200 "), head
    if tag:
        return
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
        async with asyncio.timeout(30):
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
        position, codec = "$", Codec()
        while True:
            answer = await redis.xread({Keys().changes: position}, block=1_000)
            now = time.perf_counter()
            for entry, fields in answer[0][1] if answer else []:
                position = entry.decode()
                arrivals.append((int(MARK.findall(codec.unzip(fields[b"change"]))[0]), now))


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    for figure in benchmark():
        print(figure)
