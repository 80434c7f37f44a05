"""Hostile inputs 31: what breaks HTTP is one clear error, and cookies are never sent back."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import virtual_time

BROKEN = {
    "header-of-a-megabyte": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "hundred-thousand-headers": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000 + b"\r\n",
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "length-and-chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n",
    "nul": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    "http-0.9": b"<html>HTTP/0.9</html>",
    "status": b"HTTP/1.1 999999 Odd\r\n\r\n",
    "negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
@virtual_time
async def test_what_breaks_http_is_one_clear_error_and_the_next_feed_is_polled(raw: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    async with running_site() as site:
        site.answers["/broken"] = answer
        site.feed("/good", rss(item(site, 1)))
        urls = [site.url("/broken", "a.localhost"), site.url("/good", "b.localhost")]
        async with fetching(site, ledger := Ledger(), *urls) as fetcher:
            await asyncio.sleep(60)
            known = record(fetcher, urls[0])
    assert known.condition == "failing"
    assert known.last_error
    assert ledger.titles() == ["Story 1"]


@virtual_time
async def test_a_storm_of_cookies_is_survived_and_none_is_sent_back() -> None:
    async with running_site() as site:
        body = rss(item(site, 1))

        async def storm(writer: asyncio.StreamWriter) -> None:
            cookies = b"".join(b"Set-Cookie: c%d=%s; Path=/\r\n" % (n, b"v" * 50) for n in range(80))
            writer.write(b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()

        site.answers["/feed"] = storm
        async with fetching(site, ledger := Ledger(), "/feed"):
            await asyncio.sleep(8 * 3600)
    assert ledger.titles() == ["Story 1"]
    assert len(site.requests) > 2
    assert not any("cookie" in request.headers for request in site.requests)
