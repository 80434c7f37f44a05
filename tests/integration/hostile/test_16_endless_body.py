"""Hostile inputs 16: a body that never ends is left at the cap, and the feed backs off."""

from __future__ import annotations

import asyncio

from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import Ledger, fetching, record
from tests.integration.virtual_time import virtual_time


@virtual_time
async def test_an_endless_body_ends_at_the_cap_and_the_feed_backs_off() -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            sent += 0x8000
            await writer.drain()

    async with running_site() as site:
        site.answers["/feed"] = endless
        async with fetching(site, Ledger(), "/feed", max_body_bytes=1_000_000) as fetcher:
            await asyncio.sleep(200)
            known = record(fetcher, site.url("/feed"))
    assert "larger than 1,000,000 bytes" in known.last_error
    assert known.condition == "failing"
    assert len(site.requests) == 1
    assert sent < 8_000_000  # what the sockets' buffers took beyond the cap
