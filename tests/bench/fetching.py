"""What reading feeds and pages and polling cost, each beside a reference in the same run."""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import feedparser
import structlog
import trafilatura
import uvloop

from services.fetcher.feed_parser import parse_well_formed
from services.fetcher.service import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import Subscription
from services.fetcher.text import from_page
from services.runtime import heap
from services.runtime.stage import Emit, Outbox, Write

_NOW = datetime(2027, 1, 1, tzinfo=UTC)
_URL = "https://feeds.example/feed.xml"
_REPEAT_S = 2.0
_FEEDS = 200
_POLLS = 2_000
_304 = b'HTTP/1.1 304 Not Modified\r\nETag: "same"\r\n\r\n'


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield feeds/s and pages/s on captured documents (where they are present), and CPU ms for a 304 poll."""
    data = Path(os.environ.get("DATELINE_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
    feeds = [path.read_bytes() for path in sorted((data / "feeds-dev").glob("*.xml"))]
    pages = [gzip.decompress(path.read_bytes()) for path in sorted((data / "pages-dev").glob("*.html.gz"))]
    if feeds:
        ours = _rate(feeds, lambda raw: parse_well_formed(raw, "", _URL, _NOW))
        yield _figure("feeds_parsed_per_s", ours, "feedparser", _rate(feeds, feedparser.parse))
    if pages:
        ours = _rate(pages, lambda raw: from_page(raw, "", "https://news.example/a", _NOW))
        reference = _rate(pages, lambda raw: trafilatura.bare_extraction(raw, with_metadata=True))
        yield _figure("pages_read_per_s", ours, "trafilatura with its defaults", reference)
    yield {"bench": "fetching", "figure": "cpu_ms_per_304_poll", **uvloop.run(_cost_of_a_poll())}


def _figure(name: str, value: float, reference: str, reference_value: float) -> dict[str, Any]:
    return {
        "bench": "fetching",
        "figure": name,
        "value": round(value, 1),
        "reference": reference,
        "reference_value": round(reference_value, 1),
        "ratio": round(value / reference_value, 2),
    }


def _rate(documents: Sequence[bytes], read: Callable[[bytes], object]) -> float:
    """Documents per second of CPU time, over whole rounds of at least _REPEAT_S."""
    read(documents[0])  # imports and caches
    done, started = 0, time.process_time()
    while (spent := time.process_time() - started) < _REPEAT_S or not done:
        for document in documents:
            read(document)
        done += len(documents)
    return done / spent


class Counting(Outbox):
    """Counts polls and the feeds that were polled; keeps them in ``inner``, or nowhere."""

    def __init__(self, inner: Outbox | None = None) -> None:
        self.polls = 0
        self.feeds: set[str] = set()
        self._inner = inner

    def load(self) -> dict[str, bytes]:
        return {}

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        if self._inner is not None:
            self._inner.commit(emits, writes)
        polled = [write.key for write in writes if write.key.startswith("feed:")]
        self.polls += len(polled)  # one entry a poll; a commit may hold many
        self.feeds.update(polled)

    def congested(self) -> bool:
        return self._inner is not None and self._inner.congested()


async def _cost_of_a_poll() -> dict[str, Any]:
    """CPU time of this process for one poll answered 304; the server is another process."""
    context = get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_serve_304, args=(there,), daemon=True)
    server.start()
    with closing(here):
        port = await asyncio.to_thread(here.recv)
        feeds = [Subscription(f"http://f{n}.localhost:{port}/feed") for n in range(_FEEDS)]
        settings = FetcherSettings(
            allow_hosts=(f"127.0.0.1:{port}",),
            min_interval_s=0.001,
            max_interval_s=0.002,
            host_gap_s=0.0,
            max_polls_per_s=100_000,
        )
        outbox, stop = Counting(), asyncio.Event()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        task = asyncio.create_task(
            Fetcher(settings, outbox, lambda: feeds, dice=random.Random(1), loaded=heap.settle).run(stop)
        )
        await until_all_are_known(outbox, _FEEDS)
        polls, cpu, clock = outbox.polls, time.process_time(), time.perf_counter()
        await until(outbox, polls + _POLLS)
        polls, cpu, clock = outbox.polls - polls, time.process_time() - cpu, time.perf_counter() - clock
        stop.set()
        await task
        structlog.reset_defaults()
    server.terminate()
    await asyncio.to_thread(server.join)
    return {"value": round(cpu / polls * 1000, 3), "polls": polls, "polls_per_s": round(polls / clock), "feeds": _FEEDS}


async def until_all_are_known(outbox: Counting, feeds: int) -> None:
    """Return once every feed was polled once, so that all further polls can be answered 304."""
    while len(outbox.feeds) < feeds:  # noqa: ASYNC110 the outbox is written from a thread
        await asyncio.sleep(0.01)
    await until(outbox, outbox.polls + feeds)


async def until(outbox: Counting, polls: int) -> None:
    while outbox.polls < polls:  # noqa: ASYNC110 the outbox is written from a thread
        await asyncio.sleep(0.01)


def _serve_304(pipe: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        empty = b'HTTP/1.1 200 OK\r\nETag: "same"\r\nContent-Length: 69\r\n\r\n'
        feed = b'<rss version="2.0"><channel><title>Bench</title></channel></rss>     '
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_304 if b"If-None-Match" in head else empty + feed)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())
