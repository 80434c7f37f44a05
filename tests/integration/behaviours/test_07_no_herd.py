"""Behaviour 7: a restart with thousands of overdue feeds is no stampede, and what was learned survives any kill."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import floor

from services.fetcher.state import FeedRecord, feed_write
from services.fetcher.validators import Validators
from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import Ledger, fetching
from tests.integration.virtual_time import START, virtual_time

CAP = 50.0
FEEDS = 10_000
WATCHED_S = 15


@virtual_time
async def test_ten_thousand_overdue_feeds_come_back_at_a_bounded_rate_and_no_host_is_hit_twice() -> None:
    async with running_site() as site:
        # Fifty of them on each of two hundred hosts.
        urls = [site.url(f"/{n % 50}", f"h{n // 50}.localhost") for n in range(FEEDS)]
        site.answers |= {f"/{n}": Reply(status=304) for n in range(50)}
        ledger = Ledger()
        for url in urls:
            known = FeedRecord(url, START - timedelta(hours=5), validators=Validators('"v"'), polls=3)
            write = feed_write(replace(known, last_whole_at=START))
            ledger.table[write.key] = write.value or b""
        async with fetching(site, ledger, *urls, max_polls_per_s=CAP, host_gap_s=5.0):
            await asyncio.sleep(WATCHED_S)
        asked = [request for request in site.requests if request.at < WATCHED_S]
    assert len({(request.host, request.path) for request in asked}) == len(asked) > 200
    assert max(Counter(floor(request.at) for request in asked).values()) <= CAP * 1.2 + 1
    assert all("if-none-match" in request.headers for request in asked)  # the validators survived as well
    by_host: dict[str, list[float]] = {}
    for request in asked:
        by_host.setdefault(request.host, []).append(request.at)
    assert min(b - a for times in by_host.values() for a, b in pairwise(times)) >= 5.0 - 1e-6


@virtual_time
async def test_a_kill_after_any_moment_neither_forgets_a_schedule_nor_asks_early() -> None:
    async with running_site() as site:
        body = b"<rss version='2.0'><channel><title>News</title></channel></rss>"
        site.answers["/feed"] = lambda request: (
            Reply(status=304) if "if-none-match" in request.headers else Reply(body, headers={"ETag": '"v"'})
        )
        ledger = Ledger()
        for _ in range(12):
            # What is in the ledger is all that outlives a killed process.
            async with fetching(site, ledger, "/feed", min_interval_s=3600.0):
                await asyncio.sleep(1000)
    asked = [request.at for request in site.requests]
    assert len(asked) >= 2
    assert min(later - earlier for earlier, later in pairwise(asked)) >= 3600
    assert all("if-none-match" in request.headers for request in site.requests[1:])
