"""Behaviour 3: after the first request all are conditional, with the validators as the server sent them."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, rss
from tests.integration.virtual_time import virtual_time

ODD = ['"abc"', 'W/"abc"', "abc", 'W/W/"a', '"a\\"b c"', "W/abc"]


@pytest.mark.parametrize("etag", ODD)
@virtual_time
async def test_a_server_gets_back_what_it_sent_and_nothing_else(etag: str) -> None:
    modified = "Sunday, about noon"  # no date at all, and still what the server wants to see
    sent: list[tuple[str, str]] = []

    async with running_site() as site:

        def answer(request: Request) -> Reply:
            # Each third answer is a new listing with new validators.
            n = len(sent) // 3
            headers = {"ETag": f"{etag[:-1]}{n}{etag[-1]}", "Last-Modified": f"{modified} {n}", "Set-Cookie": "id=7"}
            sent.append((headers["ETag"], headers["Last-Modified"]))
            asked = (request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
            return Reply(status=304, headers=headers) if asked == sent[-1] else Reply(rss(item(site, n)), 200, headers)

        site.answers["/feed"] = answer
        async with fetching(site, Ledger(), "/feed"):
            await asyncio.sleep(86_400)
    first, *later = site.requests
    assert "if-none-match" not in first.headers
    assert "if-modified-since" not in first.headers
    assert len(later) > 8
    asked = [(request.headers["if-none-match"], request.headers["if-modified-since"]) for request in later]
    assert asked == sent[:-1]
    assert not any({"cookie", "referer"} & request.headers.keys() for request in site.requests)
