"""How the feeds do, from the fetcher to the API and the board, through a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from services.fetcher.noticeboard import Noticeboard
from services.fetcher.service import Fetcher
from services.fetcher.subscriptions import Subscription
from tests.integration.api_fixture import Running, running_api
from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import FakeResolver, Ledger, item, rss, settings
from tests.integration.valkey_fixture import valkey
from tests.integration.virtual_time import clock, virtual_time


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        yield running


def test_what_the_fetcher_decides_stands_on_the_board_and_in_the_api(api: Running, redis_url: str) -> None:
    poll_four_feeds(redis_url, api.keys.prefix)
    feeds = {feed["url"].rsplit("/", 1)[1]: feed for feed in api.json("/v1/feeds")["feeds"]}
    assert {name: feed["condition"] for name, feed in feeds.items()} == {
        "good": "fine",
        "missing": "failing",
        "resting": "paused",
    }
    assert feeds["good"]["last"]["decision"] == "new"
    assert feeds["missing"]["last"]["status"] == 404
    assert feeds["resting"]["next_at"] is None
    page = api.http.get("/feeds").text
    assert page.index("/missing") < page.index("/good") < page.index("/resting")
    assert "check the address" in page


@virtual_time
async def poll_four_feeds(redis_url: str, prefix: str) -> None:
    """Poll for a minute; a feed that is taken off the list meanwhile is shown no more."""
    async with running_site() as site:
        site.feed("/good", rss(item(site, 1)))
        site.answers["/missing"] = Reply(status=404)
        site.feed("/removed", rss(item(site, 2)))
        urls = [site.url(f"/{name}", f"{name}.localhost") for name in ("good", "missing", "resting", "removed")]
        feeds = [Subscription(url, paused=url.endswith("resting")) for url in urls]
        board = Noticeboard(redis_url, prefix)
        fetcher = Fetcher(
            settings(site, feed_list_s=10.0),
            Ledger(),
            lambda: list(feeds),
            clock(),
            resolver=FakeResolver(),
            board=board,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(fetcher.run(stop))
        await asyncio.sleep(30)
        feeds.pop()
        await asyncio.sleep(30)
        stop.set()
        await task
        assert not any("resting" in request.host for request in site.requests)


@virtual_time
async def test_a_paused_feed_is_left_alone_and_a_resumed_one_asked_again_even_if_it_had_retired() -> None:
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=410)
        url = site.url("/feed")
        feeds = [Subscription(url)]
        fetcher = Fetcher(
            settings(site, feed_list_s=600.0), ledger := Ledger(), lambda: list(feeds), clock(), resolver=FakeResolver()
        )
        stop = asyncio.Event()
        task = asyncio.create_task(fetcher.run(stop))
        await asyncio.sleep(5 * 86_400)
        assert len(site.requests) == 3
        feeds[:] = [Subscription(url, paused=True)]
        await asyncio.sleep(3600)
        site.feed("/feed", rss(item(site, 1)))
        feeds[:] = [Subscription(url)]
        await asyncio.sleep(3600)
        stop.set()
        await task
    assert ledger.titles() == ["Story 1"]


@virtual_time
async def test_a_redis_that_is_away_stops_no_poll() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(item(site, 1)))
        feeds = [Subscription(site.url("/feed"))]
        board = Noticeboard("redis://127.0.0.1:9/0")
        fetcher = Fetcher(
            settings(site), ledger := Ledger(), lambda: feeds, clock(), resolver=FakeResolver(), board=board
        )
        stop = asyncio.Event()
        task = asyncio.create_task(fetcher.run(stop))
        await asyncio.sleep(30)
        stop.set()
        await task
    assert ledger.titles() == ["Story 1"]
