"""Hostile inputs 32: robots.txt that fails, lies, never ends or asks for the impossible (RFC 9309)."""

from __future__ import annotations

import asyncio

import pytest

from services.fetcher.http_client import FetchError, HttpClient
from services.fetcher.robots_keeper import RobotsKeeper
from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss, settings
from tests.integration.virtual_time import now, virtual_time

AGENT = "Dateline/0.1"
FORBIDS = b"User-agent: *\nDisallow: /private\n"


async def allows(site: Site, path: str = "/private/a") -> bool:
    async with HttpClient(chosen := settings(site, page_timeout_s=5.0)) as client:
        rules = await RobotsKeeper(chosen, client, now).rules_for(site.url(path), 0.0)
        return rules.allows(site.url(path), AGENT)


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (Reply(FORBIDS), False),
        (Reply(status=404), True),
        (Reply(status=403), True),
        (Reply(status=500), False),
        (Reply(status=503), False),
        (Reply(b"<!DOCTYPE html><title>Disallow: /</title>", headers={"Content-Type": "text/html"}), True),
        (Reply(status=302, headers={"Location": "/robots.txt"}), True),
        (Reply(b"# padding\n" * 1_000_000 + FORBIDS), True),
        (Reply(FORBIDS + b"# padding\n" * 1_000_000), False),
        (Reply(b"\xff\xfe\x00" * 1000), True),
    ],
    ids=[
        "forbids", "404", "403", "500", "503", "html", "loop", "rule-after-500-KiB", "10-MB-after-the-rule", "binary",
    ],
)  # fmt: skip
@virtual_time
async def test_what_an_answer_means(answer: Reply, allowed: bool) -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = answer
        assert await allows(site) is allowed


@virtual_time
async def test_a_robots_txt_that_hangs_allows_nothing_for_now() -> None:
    async def hang(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with running_site() as site:
        site.answers["/robots.txt"] = hang
        assert not await allows(site)


@virtual_time
async def test_rules_are_kept_and_those_of_a_failing_site_asked_for_again_after_an_hour() -> None:
    async with running_site() as site, HttpClient(chosen := settings(site)) as client:
        keeper = RobotsKeeper(chosen, client, now)
        for status, wait, requests in ((500, 3000, 1), (500, 1000, 1), (404, 4000, 2), (404, 80_000, 2)):
            site.answers["/robots.txt"] = Reply(status=status)
            await keeper.rules_for(site.url("/a"), 0.0)
            assert len(site.requests) == requests
            await asyncio.sleep(wait)


async def test_a_robots_txt_that_leads_inside_is_refused() -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(status=302, headers={"Location": "http://169.254.169.254/"})
        async with HttpClient(chosen := settings(site)) as client:
            with pytest.raises(FetchError, match="not a public address"):
                await RobotsKeeper(chosen, client, now).rules_for(site.url("/a"), 0.0)


@virtual_time
async def test_a_feed_is_asked_for_without_leave_unless_that_is_set() -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
        site.feed("/feed", rss(item(site, 1)))
        async with fetching(site, ledger := Ledger(), "/feed"):
            await asyncio.sleep(60)
        assert ledger.titles() == ["Story 1"]
        async with fetching(site, Ledger(), "/feed", feeds_obey_robots=True) as fetcher:
            await asyncio.sleep(60)
            assert record(fetcher, site.url("/feed")).last_error == "its robots.txt asks not to read it"
        assert site.paths() == ["/feed"]


@virtual_time
async def test_an_absurd_crawl_delay_is_kept_up_to_a_limit() -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 1000000000\n")
        async with HttpClient(chosen := settings(site)) as client:
            rules = await RobotsKeeper(chosen, client, now).rules_for(site.url("/a"), 0.0)
    assert rules.crawl_delay_s(AGENT, chosen.max_crawl_delay_s) == 30.0
