"""Ten thousand feeds in one process against local servers: CPU for a poll that brings nothing and for one that brings
an article, polls a second, memory; and how good feeds do beside every hostile server.

What a poll costs is measured twice: the fetcher alone, and as it runs, with its state in Valkey, every decision in the
log and every feed on the board. DATELINE_BENCH_FEEDS sets another number of feeds.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import structlog
import uvloop

from services.contracts.topics import ARTICLES_RAW
from services.fetcher import metrics
from services.fetcher.noticeboard import Noticeboard
from services.fetcher.service import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import Subscription
from services.runtime import heap
from services.runtime.embedded import EmbeddedOutbox
from services.runtime.settings import RuntimeSettings
from services.runtime.stream_log import StreamLog, connect
from services.runtime.telemetry import configure_logging
from tests.bench.fetching import Counting, until, until_all_are_known
from tests.integration.valkey_fixture import valkey

_FEEDS = int(os.environ.get("DATELINE_BENCH_FEEDS", "10000"))
_FIRST = 100
_POLLS = 10_000
_CHANGED = 1_000
_SENTENCE = "Engineers said that the dam had held and that the villages below it could wait for the morning. " * 25


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    yield from uvloop.run(_ten_thousand("fetching_many", Counting(), ""))
    yield from _as_it_runs()
    structlog.reset_defaults()
    yield _beside_hostile_servers()


def _as_it_runs() -> Iterator[dict[str, Any]]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    with valkey() as url, Path(os.devnull).open("w") as nowhere:
        configure_logging("fetcher")
        logging.getLogger().handlers[0].setStream(nowhere)  # type: ignore[attr-defined]
        settings = RuntimeSettings(redis_url=url, max_backlog=1_000_000)  # nobody reads here
        outbox = EmbeddedOutbox("fetcher", (ARTICLES_RAW,), StreamLog(connect(url), source="fetcher"), settings)
        outbox.open()
        costs = uvloop.run(_ten_thousand("fetching_many, as it runs", Counting(outbox), url))
        yield from costs[:2]  # the memory of the first run serves this one
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


async def _ten_thousand(name: str, outbox: Counting, redis_url: str) -> list[dict[str, Any]]:
    context = get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    with closing(here):
        port = await asyncio.to_thread(here.recv)
        feeds = [Subscription(f"http://f{n}.localhost:{port}/feed") for n in range(_FEEDS)]
        listed = feeds[:_FIRST]
        settings = FetcherSettings(
            allow_hosts=(f"127.0.0.1:{port}",),
            min_interval_s=0.001,
            max_interval_s=0.002,
            host_gap_s=0.0,
            max_polls_per_s=100_000,
            feed_list_s=5.0,
        )
        stop = asyncio.Event()
        fetcher = Fetcher(
            settings,
            outbox,
            lambda: listed,
            dice=random.Random(1),
            board=Noticeboard(redis_url),
            loaded=heap.settle,
        )
        task = asyncio.create_task(fetcher.run(stop))
        await until_all_are_known(outbox, _FIRST)  # models and caches take their memory whatever there is to poll
        before_b = psutil.Process().memory_info().rss
        listed = feeds
        await until_all_are_known(outbox, _FEEDS)
        unchanged = await _measured(outbox, _POLLS, "not-modified")
        grown_b = psutil.Process().memory_info().rss - before_b
        here.send("changing")
        await until(outbox, outbox.polls + _FEEDS)  # those that were under way
        changed = await _measured(outbox, _CHANGED, "new")
        stop.set()
        await task
        gc.unfreeze()
    server.terminate()
    await asyncio.to_thread(server.join)
    base = {"bench": name, "feeds": _FEEDS}
    return [
        {**base, "figure": "cpu_ms_per_304_poll", **unchanged},
        {**base, "figure": "cpu_ms_per_changed_feed", **changed},
        {
            **base,
            "figure": "memory_kb_per_feed",
            "value": round(grown_b / 1024 / (_FEEDS - _FIRST), 2),
            "grown_mb": round(grown_b / 1024**2),
        },
    ]


async def _measured(outbox: Counting, polls: int, outcome: str) -> dict[str, Any]:
    """The cost of ``polls`` polls. Raises RuntimeError where a part of them had another outcome."""
    told = metrics.POLLS.labels(outcome)
    meant, done, cpu, clock = told._value.get(), outbox.polls, time.process_time(), time.perf_counter()
    await until(outbox, done + polls)
    polls = outbox.polls - done
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    meant = told._value.get() - meant
    if meant < 0.95 * polls:
        raise RuntimeError(f"of {polls} polls only {meant:.0f} were {outcome}: the figure would be of something else")
    return {
        "value": round(cpu / polls * 1000, 3),
        "polls": polls,
        "polls_per_cpu_s": round(polls / cpu),
        "polls_per_s": round(polls / clock),
    }


def _beside_hostile_servers() -> dict[str, Any]:
    """The 95th percentile of the delay of 1,000 good feeds, in virtual time, alone and beside the hostile servers."""
    from tests.integration.hostile_servers import p95_delay_s
    from tests.integration.virtual_time import virtual_time

    figures: dict[str, float] = {}

    @virtual_time
    async def measure(name: str, with_hostile: bool) -> None:
        figures[name] = await p95_delay_s(1_000, with_hostile)

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    measure("alone_s", False)
    measure("beside_s", True)
    structlog.reset_defaults()
    return {
        "bench": "fetching_many",
        "figure": "p95_delay_of_1000_good_feeds",
        **{name: round(value, 1) for name, value in figures.items()},
        "ratio": round(figures["beside_s"] / figures["alone_s"], 4),
    }


def _serve(pipe: Connection) -> None:
    changing, number = False, 0

    def document(host: str) -> bytes:
        nonlocal number
        number += changing
        body = (
            f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Bench</title>'
            f"<item><title>Story {number} of {host}</title><link>http://{host}/story/{number}</link>"
            f"<guid>{host}-story-{number}</guid><content:encoded>{_SENTENCE}{number}</content:encoded></item>"
            f"</channel></rss>"
        ).encode()
        return b'HTTP/1.1 200 OK\r\nETag: "v%d"\r\nContent-Length: %d\r\n\r\n' % (number, len(body)) + body

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if not changing and b"If-None-Match" in head:
                    writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
                else:
                    host = re.search(rb"Host: (\S+)", head)
                    writer.write(document(host.group(1).decode() if host else "none"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        nonlocal changing
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        changing = True
        await server.serve_forever()

    asyncio.run(main())
