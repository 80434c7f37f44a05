"""Behaviour 5: what a publisher asks for, each way alone, is kept: never earlier than told, within our own limits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from services.fetcher.settings import FetcherSettings
from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, rss
from tests.integration.virtual_time import START, now, virtual_time

HOUR = 3600.0
PERIOD = "<sy:updatePeriod>{}</sy:updatePeriod><sy:updateFrequency>{}</sy:updateFrequency>"
LEAST = FetcherSettings.model_fields["min_interval_s"].default
MOST = FetcherSettings.model_fields["max_interval_s"].default


def busy() -> list[str]:
    """A listing with a story a minute, which would be asked for as often as is allowed."""
    dates = (format_datetime(now() - timedelta(minutes=n), usegmt=True) for n in range(600))
    return [f"<item><title>{n}</title><guid>story-{n}</guid><pubDate>{d}</pubDate></item>" for n, d in enumerate(dates)]


async def waits(days: float, status: int = 200, channel: str = "", **headers: str) -> list[float]:
    """The seconds between requests for a feed with much news that asks for something. "+N" in a header stands for the
    date N seconds from now."""
    async with running_site() as site:

        def answer(_: Request) -> Reply:
            said = {
                name.replace("_", "-"): format_datetime(now() + timedelta(seconds=float(text[1:])), usegmt=True)
                if text.startswith("+")
                else text
                for name, text in headers.items()
            }
            return Reply(rss(*busy(), channel=channel) if status == 200 else b"", status, said)

        site.answers["/feed"] = answer
        async with fetching(site, Ledger(), "/feed", first_poll_items=1, min_interval_s=LEAST):
            await asyncio.sleep(days * 86_400)
    return [later.at - earlier.at for earlier, later in pairwise(site.requests)]


@pytest.mark.parametrize(
    ("headers", "channel", "least", "most"),
    [
        ({"Cache_Control": "public, max-age=7200"}, "", 2 * HOUR, 2.2 * HOUR),
        ({"Expires": "+7200"}, "", 2 * HOUR, 2.2 * HOUR),
        ({"Retry_After": "7200"}, "", 2 * HOUR, 2.2 * HOUR),
        ({"Retry_After": "+7200"}, "", 2 * HOUR, 2.2 * HOUR),
        ({}, "<ttl>120</ttl>", 2 * HOUR, 2.2 * HOUR),
        ({}, PERIOD.format("daily", 4), 6 * HOUR, 6.6 * HOUR),
        ({}, PERIOD.format("hourly", 1), HOUR, 1.1 * HOUR),
        ({}, PERIOD.format("daily", 12), 2 * HOUR, 2.2 * HOUR),
        ({"Cache_Control": "max-age=1"}, "", LEAST, 1.5 * LEAST),
        ({"Cache_Control": "max-age=31536000"}, "", MOST, 1.1 * MOST),
        ({}, "<ttl>999999999</ttl>", MOST, 1.1 * MOST),
    ],
    ids=[
        "max-age", "expires", "retry-after-seconds", "retry-after-date", "ttl",
        "updateFrequency-4", "updatePeriod", "updateFrequency-12",
        "too-short", "too-long", "ttl-too-long",
    ],
)  # fmt: skip
@virtual_time
async def test_the_next_request_is_never_earlier_than_told(
    headers: dict[str, str], channel: str, least: float, most: float
) -> None:
    gaps = await waits(least * 3.5 / 86_400, channel=channel, **headers)
    assert len(gaps) >= 2
    assert min(gaps) >= least - 1  # dates in headers are of whole seconds
    assert max(gaps) <= most + 1


@pytest.mark.parametrize("value", ["7200", "+7200"], ids=["seconds", "date"])
@virtual_time
async def test_retry_after_of_an_error_is_kept(value: str) -> None:
    gaps = await waits(0.4, status=503, Retry_After=value)
    assert gaps
    assert min(gaps) >= 2 * HOUR - 1


@virtual_time
async def test_hours_and_days_to_skip_are_skipped() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(6, 24))
    channel = f"<skipHours>{hours}</skipHours><skipDays><day>Tuesday</day></skipDays>"
    async with running_site() as site:
        site.answers["/feed"] = lambda _: Reply(rss(*busy(), channel=channel))
        async with fetching(site, Ledger(), "/feed", first_poll_items=1, min_interval_s=1800.0):
            await asyncio.sleep(3 * 86_400)
    asked = [START + timedelta(seconds=request.at) for request in site.requests]
    assert {time.weekday() for time in asked} == {0, 2}
    assert {time.hour for time in asked} <= set(range(6))
