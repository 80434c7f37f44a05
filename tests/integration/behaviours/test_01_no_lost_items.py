"""Behaviour 1: what a server lists is published, and where items may have been missed, people are told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from services.fetcher import metrics
from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import Ledger, fetching, minutes, publishing, record
from tests.integration.virtual_time import START, virtual_time

DAY = 86_400


@virtual_time
async def test_every_item_of_days_with_bursts_is_published_once() -> None:
    quiet = [START + timedelta(hours=n) for n in range(24 * 3)]
    bursts = [START + timedelta(days=day, hours=9) + minutes(n) for day in range(3) for n in range(60)]
    times = sorted(quiet + bursts)
    async with running_site() as site:
        site.answers["/feed"] = publishing(site, times, window=30)
        ledger = Ledger()
        async with fetching(site, ledger, "/feed") as fetcher:
            await asyncio.sleep(3 * DAY)
            gaps = record(fetcher, site.url("/feed")).gaps
    out = [f"Story {n}" for n, time in enumerate(times) if time <= START + timedelta(days=2, hours=23)]
    assert gaps == 0
    assert len(ledger.titles()) == len(set(ledger.titles()))
    assert set(out) <= set(ledger.titles())


@virtual_time
async def test_two_polls_without_overlap_are_a_gap_that_is_told_and_shortens_the_wait() -> None:
    # Ten hours with a story each, of which ten are listed; then, without warning, one a minute.
    calm = [START - timedelta(hours=n) for n in range(10, 0, -1)]
    rush = [START + timedelta(hours=30) + minutes(n) for n in range(600)]
    before = metrics.FEED_EVENTS.labels("gap")._value.get()
    async with running_site() as site:
        site.answers["/feed"] = publishing(site, calm + rush, window=10)
        ledger = Ledger()
        with capture_logs() as logs:
            async with fetching(site, ledger, "/feed") as fetcher:
                await asyncio.sleep(30 * 3600 + 600 * 60)
                known = record(fetcher, site.url("/feed"))
    told = [log for log in logs if log["event"] == "feed gap"]
    decided = [log for log in logs if log["event"] == "poll" and log["gap"]]
    assert known.gaps == len(told) == len(decided) >= 1
    assert metrics.FEED_EVENTS.labels("gap")._value.get() - before == known.gaps
    asked = [request.at for request in site.requests]
    first_gap = next(n for n, at in enumerate(asked) if at > 30 * 3600 + 10 * 60)
    # From a wait learned in calm hours to the shortest that is allowed, within a few polls.
    assert asked[first_gap] - asked[first_gap - 1] > 1000
    assert min(b - a for a, b in zip(asked[first_gap:], asked[first_gap + 1 :], strict=False)) < 340
