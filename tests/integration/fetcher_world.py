"""A fetcher in virtual time against logged servers, with names of our own: for tests of behaviour over days."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from services.contracts.dateline.v1.article_pb2 import Article
from services.fetcher.service import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FeedRecord
from services.fetcher.subscriptions import Subscription
from services.runtime.stage import Emit, Outbox, Write
from tests.integration.fetcher_site import Reply, Request, Site
from tests.integration.virtual_time import clock, now

TEXT = " ".join(
    f"Engineers said that dam number {n} had held and that the villages below could wait." for n in range(40)
)


class FakeResolver(AbstractResolver):
    """Knows the names it was told; each question for a name takes its next answer, the last for ever."""

    def __init__(self, names: dict[str, Sequence[Sequence[str]]] | None = None) -> None:
        self._names = {name: list(answers) for name, answers in (names or {}).items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self._names.get(host)
        if not answers:
            raise OSError(f"{host} is not looked up in tests")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


class Ledger(Outbox):
    """Keeps what is published and stored, as a log does: together or not at all."""

    def __init__(self) -> None:
        self.table: dict[str, bytes] = {}
        self.articles: list[Article] = []
        self.seen_at: list[datetime] = []

    def load(self) -> dict[str, bytes]:
        return dict(self.table)

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        for write in writes:
            if write.value is None:
                self.table.pop(write.key, None)
            else:
                self.table[write.key] = write.value
        for emit in emits:
            assert isinstance(emit.value, Article)
            self.articles.append(emit.value)
            self.seen_at.append(emit.time)

    def congested(self) -> bool:
        return False

    def titles(self) -> list[str]:
        return [article.title for article in self.articles]


def settings(site: Site, hosts: Sequence[str] = (), **changes: Any) -> FetcherSettings:
    """Settings as people run it, with leave to ask the site under these names."""
    allowed = (f"127.0.0.1:{site.port}", *(f"{host}:{site.port}" for host in hosts))
    return FetcherSettings(**{"allow_hosts": allowed, "feed_list_s": 1_000_000.0, **changes})


@asynccontextmanager
async def fetching(
    site: Site,
    ledger: Outbox,
    *urls: str,
    names: dict[str, Sequence[Sequence[str]]] | None = None,
    hosts: Sequence[str] = (),
    **changes: Any,
) -> AsyncIterator[Fetcher]:
    """A fetcher that polls ``urls`` (or paths of the site) until the end of the block."""
    feeds = [Subscription(url if "://" in url else site.url(url)) for url in urls]
    fetcher = Fetcher(
        settings(site, [*hosts, *(names or {})], **changes),
        ledger,
        lambda: feeds,
        clock(),
        dice=random.Random(1),
        resolver=FakeResolver(names),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(fetcher.run(stop))
    try:
        yield fetcher
    finally:
        stop.set()
        await task


def record(fetcher: Fetcher, url: str) -> FeedRecord:
    """What is known of a feed that was polled."""
    found = fetcher.feed_record(url)
    assert found is not None
    return found


def item(site: Site, name: object, at: datetime | None = None) -> str:
    """An item with its whole text, so that no page is read for it."""
    date = f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate>" if at is not None else ""
    return (
        f"<item><title>Story {name}</title><link>{site.url(f'/story/{name}')}</link><guid>guid-{name}</guid>{date}"
        f"<content:encoded>&lt;p&gt;{name} {TEXT}&lt;/p&gt;</content:encoded></item>"
    )


def rss(*items: str, channel: str = "") -> bytes:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>News</title>{channel}{''.join(items)}</channel></rss>"
    ).encode()


def publishing(
    site: Site, times: Sequence[datetime], window: int, headers: dict[str, str] | None = None
) -> Callable[[Request], Reply]:
    """Answer as a feed whose stories come out at ``times`` (sorted) and that lists the newest ``window`` of them."""

    def answer(request: Request) -> Reply:
        out = sum(time <= now() for time in times)
        etag = f'"{out}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag, **(headers or {})})
        listed = range(out - 1, max(out - window, 0) - 1, -1)
        body = rss(*(item(site, n, times[n]) for n in listed))
        return Reply(body, headers={"Content-Type": "application/rss+xml", "ETag": etag, **(headers or {})})

    return answer


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
