"""A hub of our own delivers to the fetcher: subscription, verification, signed deliveries, renewal, fallback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import virtual_time

HOUR = 3600


@dataclass
class Hub:
    """Asks back and delivers, as it is told to."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    silent: bool = False

    async def subscribe(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if not self.silent:
            question = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "c-1"}
            async with aiohttp.ClientSession() as session:
                query = {**question, "hub.lease_seconds": "86400"}
                async with session.get(form["hub.callback"], params=query) as answer:
                    assert (answer.status, await answer.text()) == (200, "c-1")
        return web.Response(status=202)

    async def deliver(self, body: bytes, secret: str | None = None) -> int:
        form = self.asked[-1]
        key = (form["hub.secret"] if secret is None else secret).encode()
        headers = {"X-Hub-Signature": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()}
        session = aiohttp.ClientSession()
        async with session, session.post(form["hub.callback"], data=body, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.add_routes([web.post("/", hub.subscribe)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield hub
    finally:
        await runner.cleanup()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def feed(site: Site, hub: Hub, *names: int) -> Reply:
    link = f'<http://hub.localhost:{hub.port}/>; rel="hub", <{site.url("/feed")}>; rel="self"'
    return Reply(rss(*(item(site, name) for name in names)), headers={"Link": link})


def pushed(site: Site, hub: Hub, port: int) -> dict[str, object]:
    return {
        "allow_hosts": (f"127.0.0.1:{site.port}", f"127.0.0.1:{hub.port}"),
        "callback_url": f"http://127.0.0.1:{port}",
        "callback_port": port,
    }


@virtual_time
async def test_what_a_hub_delivers_is_published_at_once_and_the_feed_polled_more_rarely() -> None:
    async with running_site() as site, running_hub() as hub:
        site.answers["/feed"] = feed(site, hub, 1)
        port = free_port()
        async with fetching(site, ledger := Ledger(), "/feed", **pushed(site, hub, port)) as fetcher:
            await asyncio.sleep(60)
            assert len(hub.asked) == 1
            assert await hub.deliver(rss(item(site, 2))) == 202
            await asyncio.sleep(1)
            assert ledger.titles() == ["Story 1", "Story 2"]
            last = record(fetcher, site.url("/feed")).last
            assert last is not None
            assert last.decision == "delivered"
            site.answers["/feed"] = feed(site, hub, 2, 1)
            await asyncio.sleep(24 * HOUR)
        polls = [request.at for request in site.requests]
        assert len(polls) <= 7  # four hours apart
        assert len(hub.asked) == 2  # the lease of a day was renewed in time
        assert ledger.titles() == ["Story 1", "Story 2"]


@virtual_time
async def test_a_delivery_that_is_not_signed_with_the_secret_is_answered_and_not_read() -> None:
    async with running_site() as site, running_hub() as hub:
        site.answers["/feed"] = feed(site, hub, 1)
        async with fetching(site, ledger := Ledger(), "/feed", **pushed(site, hub, free_port())):
            await asyncio.sleep(60)
            assert await hub.deliver(rss(item(site, "forged")), secret="guessed") == 202
            await asyncio.sleep(60)
        assert ledger.titles() == ["Story 1"]


@virtual_time
async def test_strangers_are_told_that_nobody_here_asked() -> None:
    async with running_site() as site, running_hub() as hub:
        site.answers["/feed"] = feed(site, hub, 1)
        port = free_port()
        async with fetching(site, Ledger(), "/feed", **pushed(site, hub, port)):
            await asyncio.sleep(60)
            async with aiohttp.ClientSession() as session:
                async with session.post(f"http://127.0.0.1:{port}/websub/unknown", data=b"x") as answer:
                    assert answer.status == 410
                query = {"hub.mode": "subscribe", "hub.topic": "x", "hub.challenge": "c", "hub.lease_seconds": "9"}
                async with session.get(f"http://127.0.0.1:{port}/websub/unknown", params=query) as answer:
                    assert answer.status == 404


@virtual_time
async def test_where_the_hub_is_silent_the_feed_is_polled_as_before_and_the_hub_asked_again() -> None:
    async with running_site() as site, running_hub() as hub:
        hub.silent = True
        site.answers["/feed"] = feed(site, hub, 1)
        async with fetching(site, Ledger(), "/feed", **pushed(site, hub, free_port())):
            await asyncio.sleep(24 * HOUR)
        assert len(site.requests) > 6
        assert 2 <= len(hub.asked) <= 5


@virtual_time
async def test_without_a_public_address_no_hub_is_asked() -> None:
    async with running_site() as site, running_hub() as hub:
        site.answers["/feed"] = feed(site, hub, 1)
        async with fetching(site, Ledger(), "/feed"):
            await asyncio.sleep(6 * HOUR)
        assert hub.asked == []


@virtual_time
async def test_an_agreement_outlives_a_restart() -> None:
    async with running_site() as site, running_hub() as hub:
        site.answers["/feed"] = feed(site, hub, 1)
        ledger, port = Ledger(), free_port()
        async with fetching(site, ledger, "/feed", **pushed(site, hub, port)):
            await asyncio.sleep(60)
        async with fetching(site, ledger, "/feed", **pushed(site, hub, port)):
            await asyncio.sleep(60)
            assert await hub.deliver(rss(item(site, 2))) == 202
            await asyncio.sleep(1)
        assert len(hub.asked) == 1
        assert ledger.titles() == ["Story 1", "Story 2"]
