"""Hostile inputs 28: refusals, bursts of errors and flapping are backed off from; 410 is believed at the third time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from services.fetcher import metrics
from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import virtual_time

DAY = 86_400


@pytest.mark.parametrize("status", [403, 404, 500, 502])
@virtual_time
async def test_errors_are_backed_off_from_with_jitter_and_forgotten_at_the_first_answer(status: int) -> None:
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=status)
        async with fetching(site, ledger := Ledger(), "/feed") as fetcher:
            await asyncio.sleep(4 * 3600)
            waits = [later.at - earlier.at for earlier, later in pairwise(site.requests)]
            assert record(fetcher, site.url("/feed")).condition == "failing"
            site.feed("/feed", rss(item(site, 1)))
            await asyncio.sleep(8 * 3600)
            assert record(fetcher, site.url("/feed")).condition == "fine"
    assert all(later > 1.5 * earlier for earlier, later in pairwise(waits))
    assert all(300 * 2**n < wait <= 300 * 2**n * 1.25 for n, wait in enumerate(waits))
    assert ledger.titles() == ["Story 1"]


@virtual_time
async def test_410_once_is_asked_about_again_and_forgotten() -> None:
    async with running_site() as site:
        answers = iter([Reply(status=410)])
        site.answers["/feed"] = lambda _: next(answers, None) or Reply(rss(item(site, 1)))
        async with fetching(site, ledger := Ledger(), "/feed") as fetcher:
            await asyncio.sleep(2 * DAY)
            assert record(fetcher, site.url("/feed")).condition == "fine"
    assert site.requests[1].at >= DAY
    assert ledger.titles() == ["Story 1"]


@virtual_time
async def test_410_three_times_over_days_retires_the_feed_with_an_event_and_it_is_asked_no_more() -> None:
    retired = metrics.FEED_EVENTS.labels("retired")._value.get()
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=410)
        ledger = Ledger()
        with capture_logs() as logs:
            async with fetching(site, ledger, "/feed") as fetcher:
                await asyncio.sleep(30 * DAY)
                assert record(fetcher, site.url("/feed")).condition == "retired"
            async with fetching(site, ledger, "/feed"):  # and a restart does not wake it
                await asyncio.sleep(30 * DAY)
    assert len(site.requests) == 3
    assert site.requests[2].at >= 2 * DAY
    assert [log["event"] for log in logs if log["event"].startswith("feed ")] == ["feed retired"]
    assert metrics.FEED_EVENTS.labels("retired")._value.get() == retired + 1
