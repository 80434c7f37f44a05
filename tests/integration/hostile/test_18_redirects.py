"""Hostile inputs 18: loops and chains of redirects end after five, and none leads from https down to http."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.fetcher.http_client import Answer, FetchError, HttpClient
from services.fetcher.settings import FetcherSettings
from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import Ledger, fetching, record
from tests.integration.virtual_time import virtual_time


@pytest.mark.parametrize(("first", "requests"), [("/loop", 1), ("/ping", 2), ("/0", 6)], ids=["loop", "pair", "chain"])
@virtual_time
async def test_redirects_end_and_the_feed_backs_off(first: str, requests: int) -> None:
    async with running_site() as site:
        site.answers["/loop"] = Reply(status=301, headers={"Location": "/loop"})
        site.answers["/ping"] = Reply(status=302, headers={"Location": "/pong"})
        site.answers["/pong"] = Reply(status=302, headers={"Location": "/ping"})
        site.answers |= {f"/{n}": Reply(status=302, headers={"Location": f"/{n + 1}"}) for n in range(30)}
        async with fetching(site, Ledger(), first) as fetcher:
            await asyncio.sleep(60)
            known = record(fetcher, site.url(first))
    assert "redirects in a loop or more than 5 times" in known.last_error
    assert known.condition == "failing"
    assert len(site.requests) == requests


async def test_https_is_never_left_for_http() -> None:
    class Redirected(HttpClient):
        """Answers as if over the network: a certificate for a public name is not to be had in a test."""

        async def _once(self, url: str, *_: Any) -> tuple[Answer, str | None]:
            return Answer(url, 301, {}, b"", 0, True, ()), "http://news.example/feed"

    async with Redirected(FetcherSettings()) as client:
        with pytest.raises(FetchError, match="from https down to"):
            await client.get("https://news.example/feed", accept="*/*", timeout_s=5.0)
