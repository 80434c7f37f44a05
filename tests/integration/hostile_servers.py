"""One server for each group of hostile inputs (1 to 33), to run beside good feeds.

Each group has a test of its own; here they only have to be as nasty as they can, all at once. Group 34 (kills) is about
our own process and not about a server.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any
from unittest.mock import patch

from services.fetcher.reading import ReadingPool
from tests.integration.fetcher_site import Reply, Request, Script, Site, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, rss
from tests.integration.virtual_time import START, VirtualLoop, now

Answer = Reply | Script
HOURS = 4
QUICK: dict[str, Any] = {"min_interval_s": 300.0, "max_interval_s": 1200.0, "max_concurrency": 16}
_ASK = ReadingPool._ask


def hostile_feeds(site: Site) -> tuple[list[str], Mapping[str, list[list[str]]]]:
    """Set the answers of all groups and return their feeds' addresses, and the names that must be known for them."""
    answers = _documents(site) | _servers(site)
    urls = []
    for name, answer in answers.items():
        path = f"/hostile/{name}"
        site.answers[path] = answer
        urls.append(site.url(path, f"hostile{name.partition('-')[0]}.localhost"))
    urls.append(site.url("/hostile/20", "rebinding.example").replace(f":{site.port}", ":1"))
    urls.append(site.url("/hostile/30", "hostile30.localhost").replace("http:", "https:"))
    return urls, {"rebinding.example": [["192.88.98.7"], ["127.0.0.1"]]}


def _documents(site: Site) -> dict[str, Answer]:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{entities}]>'
    good = item(site, 1)
    many = "".join(f"<item><title>{n}</title><guid>many-{n}</guid></item>" for n in range(100_000))
    bodies = {
        "01": laughs.encode() + rss("<item><title>&l9;</title><guid>laugh-1</guid></item>"),
        "02": f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>'.encode()
        + rss(f"<item><title>{'&a;' * 20_000}</title></item>"),
        "03": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<item><title>&x;</title></item>"),
        "04": b"<rss>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</rss>",
        "05": rss(many),
        "06": rss(f"<item><title>{'x' * 9_000_000}</title><guid>long</guid></item>"),
        "07": rss("<item><title>Fish & chips &eacute;</title><guid>amp-1</guid></item>"),
        "08": b'<?xml version="1.0" encoding="UTF-8"?>'
        + rss("<item><title>caf\xe9</title></item>").decode().encode("latin-1"),
        "09": rss(good).decode().encode("utf-16"),
        "10": rss("<item><title>a\x00\x0b\x1bb</title><guid>control-1</guid></item>"),
        "12": b"<html><title>Just a moment...</title></html>",
        "13": b"\n\n<b>Warning</b>: PHP\n" + b'<?xml version="1.0"?>' + rss(good),
        "14": b"",
        "22": rss("<item><title>Late</title><guid>date-1</guid><pubDate>Mon, 32 Foo 2099</pubDate></item>"),
        "23": rss(*("<item><title>Double</title><guid>same</guid></item>" for _ in range(100))),
        "24": rss("<item><title>Link</title><link>javascript:alert(1)</link><guid>link-1</guid></item>"),
        "25": rss("<item><title>&lt;script&gt;alert(1)&lt;/script&gt; x</title><guid>markup-1</guid></item>"),
        "33": f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>'
        f"{site.url('/hostile/33', 'hostile33.localhost')}</loc></sitemap></sitemapindex>".encode(),
    }
    return {name: Reply(body, headers={"Content-Type": "application/xml"}) for name, body in bodies.items()}


def _servers(site: Site) -> dict[str, Answer]:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + rss(item(site, "cut"))[:-40])
        await writer.drain()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            await writer.drain()

    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.5)

    async def body_after_304(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n<rss>and yet</rss>")
        await writer.drain()

    async def header(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n")
        await writer.drain()

    def to(location: str, status: int = 301) -> Reply:
        return Reply(status=status, headers={"Location": location})

    bomb = gzip.compress(bytes(100_000_000))
    return {
        "11": cut,
        "15": Reply(bomb, headers={"Content-Encoding": "gzip"}),
        "16": endless,
        "17": slow,
        "17-b": slow,
        "17-c": slow,
        "18": to("/hostile/18"),
        "19": to("http://169.254.169.254/latest/meta-data"),
        "21": to("http://[64:ff9b::7f00:1]/"),
        "26": body_after_304,
        "27": Reply(status=429, headers={"Retry-After": "315360000"}),
        "28": Reply(status=500),
        "29": to("/hostile/12"),
        "31": header,
        "32": Reply(rss(f"<item><title>Page</title><link>{site.url('/page', 'robots.localhost')}</link></item>")),
    }


class GoodFeeds:
    """Feeds that publish a story at known moments; ``times`` by the story's title."""

    def __init__(self, site: Site, count: int, start: datetime, stories: int, every: timedelta) -> None:
        self.urls = [site.url(f"/good/{n}", f"good{n}.localhost") for n in range(count)]
        self.times: dict[str, datetime] = {}
        self._site = site
        for n in range(count):
            offset = every * (n / count)
            times = [start + offset + every * story for story in range(stories)]
            self.times |= {f"Story {n}.{story}": time for story, time in enumerate(times)}
            site.answers[f"/good/{n}"] = self._answer(n, times)

    def _answer(self, feed: int, times: list[datetime]) -> object:
        def answer(request: Request) -> Reply:
            out = [story for story, time in enumerate(times) if time <= now().astimezone(UTC)]
            etag = f'"{len(out)}"'
            if request.headers.get("if-none-match") == etag:
                return Reply(status=304, headers={"ETag": etag})
            listed = (item(self._site, f"{feed}.{story}", times[story]) for story in reversed(out))
            return Reply(rss(*listed), headers={"ETag": etag})

        return answer


async def p95_delay_s(feeds: int, with_hostile: bool) -> float:
    """Return how long all but one in twenty stories of the good feeds wait to be published."""
    async with AsyncExitStack() as stack:
        stack.enter_context(patch.object(ReadingPool, "_ask", _standing_still))
        site = await stack.enter_async_context(running_site())
        hostile_site = await stack.enter_async_context(running_site())
        good = GoodFeeds(site, feeds, START + timedelta(minutes=40), 4, timedelta(minutes=35))
        urls, names = hostile_feeds(hostile_site) if with_hostile else ([], {})
        hosts = [f"localhost:{hostile_site.port}"]
        ledger = Ledger()
        allowed = (f"127.0.0.1:{site.port}", *hosts)
        async with fetching(site, ledger, *urls, *good.urls, names=names, allow_hosts=allowed, **QUICK):
            await asyncio.sleep(HOURS * 3600)
        assert not with_hostile or len({request.path for request in hostile_site.requests}) > 25
        seen = dict(zip(ledger.titles(), ledger.seen_at, strict=True))
        assert good.times.keys() <= seen.keys()
        return quantiles([(seen[title] - at).total_seconds() for title, at in good.times.items()], n=20)[18]


async def _standing_still(pool: ReadingPool, *arguments: Any) -> Any:
    """Virtual time stands still while a reading worker works; what a worker may take has tests of its own."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.standing_still():
        return await _ASK(pool, *arguments)
