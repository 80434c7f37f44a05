"""Hostile inputs 20: a name that is public when it is looked at and private when it is connected to is blocked."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import virtual_time

PUBLIC = "192.88.98.7"


@pytest.mark.parametrize(
    "answers",
    [[[PUBLIC], ["127.0.0.1"]], [["127.0.0.1"]], [[PUBLIC, "127.0.0.1"]], [["127.0.0.1", PUBLIC]], [["::1"]]],
    ids=["rebinding", "private", "mixed", "mixed-private-first", "private-v6"],
)
@virtual_time
async def test_a_name_that_leads_here_is_not_connected_to(answers: list[list[str]]) -> None:
    async with running_site() as site, running_site() as canary:
        canary.feed("/feed", rss(item(canary, "secret")))
        url = canary.url("/feed", "evil.example")
        # Only the site's port is allowed; the name's own server may answer each question differently.
        async with fetching(site, ledger := Ledger(), url, hosts=[]) as fetcher:
            fetcher._book._inner._names["evil.example"] = answers  # type: ignore[union-attr]
            await asyncio.sleep(5)
            known = record(fetcher, url)
    assert canary.requests == []
    assert ledger.titles() == []
    assert "not a public address" in known.last_error
