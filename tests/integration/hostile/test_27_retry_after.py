"""Hostile inputs 27: Retry-After in every form quiets the whole host, never longer than a day."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import Ledger, fetching, record
from tests.integration.virtual_time import START, virtual_time

DAY = 86_400.0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7200", 7200, 9000),
        ("Mon, 23 Nov 2026 02:00:00 GMT", 7190, 9000),
        ("-5", 300, 400),
        ("315360000", DAY, 1.3 * DAY),
        ("Fri, 23 Nov 2046 02:00:00 GMT", DAY, 1.3 * DAY),
        ("soon", 300, 400),
        ("", 300, 400),
        ("1e99", 300, 400),
        ("9" * 5000, DAY, 1.3 * DAY),
    ],
    ids=["seconds", "date", "negative", "ten-years", "date-far", "garbage", "empty", "exponent", "huge"],
)
@virtual_time
async def test_retry_after_is_kept_within_its_limits_by_the_feed_and_its_siblings(
    status: int, value: str, least: float, most: float
) -> None:
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=status, headers={"Retry-After": value})
        site.answers["/sibling"] = Reply(status=404)
        host = "a.provider.localhost"
        urls = [site.url("/feed", host), site.url("/sibling", host)]
        async with fetching(site, Ledger(), *urls) as fetcher:
            await asyncio.sleep(120)
            wait_s = (record(fetcher, urls[0]).next_at - START).total_seconds()
            paused_s = fetcher._politeness.wait_s(fetcher._politeness.names(urls[1])) + 120
            asked = [request.path for request in site.requests]
    assert least <= wait_s <= most
    assert min(least, 300) <= paused_s <= DAY + 120
    assert asked == ["/feed"]
