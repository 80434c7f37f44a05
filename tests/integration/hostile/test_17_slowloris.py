"""Hostile inputs 17: a server that sends a byte every half second has no more than the deadline, and holds no slot."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import virtual_time


@pytest.mark.parametrize("part", ["header", "body", "nothing"])
@virtual_time
async def test_a_trickle_ends_at_the_deadline_and_its_slot_is_free_again(part: str) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        if part == "body":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        elif part == "header":
            writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not writer.is_closing():
            if part != "nothing":
                writer.write(b"x")
            await asyncio.sleep(0.5)

    async with running_site() as site:
        slow = [site.url(f"/slow{n}", f"slow{n}.localhost") for n in range(4)]
        site.answers |= {f"/slow{n}": trickle for n in range(4)}
        site.feed("/good", rss(item(site, 1)))
        good = site.url("/good", "good.localhost")
        # As many slots as slow servers: the good feed has its turn only if they are given up.
        async with fetching(site, ledger := Ledger(), *slow, good, max_concurrency=4, feed_timeout_s=20.0) as fetcher:
            await asyncio.sleep(60)
            errors = [record(fetcher, url).last_error for url in slow]
    assert ledger.titles() == ["Story 1"]
    assert errors == ["no complete answer within 20 s"] * 4
