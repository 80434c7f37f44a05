"""Behaviour 14: whatever a feed, a redirect, a link or a name server says, nothing private is ever connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.fetcher_world import Ledger, fetching, record, rss
from tests.integration.virtual_time import virtual_time

FORMS = [
    "127.0.0.1", "0x7f.1", "2130706433", "017700000001", "127.1", "localhost", "a.localhost", "localhost.", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "0.0.0.0", "[::]",
    "①②⑦.⓪.⓪.①", "127。0。0。1",
]  # fmt: skip
WAYS: dict[str, Callable[[Site, str], None]] = {
    "feed": lambda site, url: None,
    "redirect": lambda site, url: site.answers.update({"/feed": Reply(status=302, headers={"Location": url})}),
    "moved": lambda site, url: site.answers.update({"/feed": Reply(status=301, headers={"Location": url})}),
    "link": lambda site, url: site.answers.update(
        {"/feed": Reply(rss(f"<item><title>Story</title><link>{url}</link><guid>{url}</guid></item>"))}
    ),
    "page redirect": lambda site, url: site.answers.update(
        {
            "/feed": Reply(rss(f"<item><title>Story</title><link>{site.url('/page')}</link></item>")),
            "/page": Reply(status=302, headers={"Location": url}),
        }
    ),
    "robots redirect": lambda site, url: site.answers.update(
        {
            "/feed": Reply(rss(f"<item><title>Story</title><link>{site.url('/page')}</link></item>")),
            "/robots.txt": Reply(status=301, headers={"Location": url}),
        }
    ),
}


@pytest.mark.parametrize("way", WAYS)
@virtual_time
async def test_the_canary_is_never_hit(way: str) -> None:
    connections = 0

    def knocked(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    canary = await asyncio.start_server(knocked, ["127.0.0.1", "::1"], 0)
    ports = [socket.getsockname()[1] for socket in canary.sockets]
    async with canary, running_site() as site:
        for form in FORMS:
            for port in ports:
                url = f"http://{form}:{port}/latest/meta-data"
                WAYS[way](site, url)
                feed = url if way == "feed" else "/feed"
                async with fetching(site, Ledger(), feed, page_tries=1, host_gap_s=0.0) as fetcher:
                    await asyncio.sleep(5)
                    if way in ("redirect", "moved"):
                        assert "public" in record(fetcher, site.url("/feed")).last_error
    assert connections == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://127.0.0.1/", "data:,x", "//"])
@virtual_time
async def test_other_schemes_lead_nowhere(url: str) -> None:
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=302, headers={"Location": url})
        async with fetching(site, Ledger(), "/feed") as fetcher:
            await asyncio.sleep(5)
            assert record(fetcher, site.url("/feed")).last_status == 0
    assert len(site.requests) == 1
