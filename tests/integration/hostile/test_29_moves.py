"""Hostile inputs 29: a permanent redirect is stored only once it has proved stable and leads to the same feed."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import now, virtual_time

DAY = 86_400
OFTEN = {"max_interval_s": 14_400.0}


@virtual_time
async def test_a_move_that_lasts_is_stored_and_one_address_is_asked_from_then_on() -> None:
    async with running_site() as site:
        site.feed("/old", rss(item(site, 1)))
        site.feed("/new", rss(item(site, 2), item(site, 1)))
        async with fetching(site, ledger := Ledger(), "/old", **OFTEN) as fetcher:
            await asyncio.sleep(3600)
            site.answers["/old"] = Reply(status=301, headers={"Location": "/new"})
            await asyncio.sleep(6 * DAY)
            known = record(fetcher, site.url("/old"))
            asked_old = len(site.paths("/old"))
            await asyncio.sleep(2 * DAY)
    assert known.address == site.url("/new")
    assert len(site.paths("/old")) == asked_old
    assert ledger.titles() == ["Story 1", "Story 2"]


@pytest.mark.parametrize(
    "target",
    [
        Reply(b"<html>This domain is for sale</html>", headers={"Content-Type": "text/html"}),
        Reply(rss("<item><title>Casino</title><guid>casino</guid></item>")),
    ],
    ids=["parked-page", "another-feed"],
)
@virtual_time
async def test_a_parked_domain_is_never_stored(target: Reply) -> None:
    async with running_site() as site:
        site.feed("/old", rss(item(site, 1)))
        site.answers["/parked"] = target
        async with fetching(site, Ledger(), "/old", **OFTEN) as fetcher:
            await asyncio.sleep(3600)
            site.answers["/old"] = Reply(status=301, headers={"Location": "/parked"})
            await asyncio.sleep(20 * DAY)
            assert record(fetcher, site.url("/old")).address == site.url("/old")
            site.feed("/old", rss(item(site, 2), item(site, 1)))
            await asyncio.sleep(2 * DAY)
            assert record(fetcher, site.url("/old")).condition == "fine"


@virtual_time
async def test_a_redirect_that_comes_and_goes_is_never_stored() -> None:
    async with running_site() as site:
        body = rss(item(site, 1))

        def flapping(_: Request) -> Reply:
            return Reply(status=301, headers={"Location": "/new"}) if now().hour < 12 else Reply(body)

        site.answers |= {"/old": flapping, "/new": Reply(body)}
        async with fetching(site, Ledger(), "/old", **OFTEN) as fetcher:
            await asyncio.sleep(10 * DAY)
            assert record(fetcher, site.url("/old")).address == site.url("/old")
