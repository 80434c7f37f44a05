"""Behaviour 6: hundreds of feeds on one machine under many names are asked one at a time, and one 429 pauses all."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, record
from tests.integration.virtual_time import virtual_time

MACHINE = "127.0.0.5"
ELSEWHERE = "127.0.0.6"
BLOGS = [f"blog{n}.example" for n in range(50)]
EMPTY = Reply(b"<rss version='2.0'><channel><title>Blog</title></channel></rss>")
GAP_S = 0.25


@virtual_time
async def test_500_feeds_under_50_names_of_one_machine_are_asked_one_at_a_time_with_a_gap() -> None:
    async with running_site(MACHINE) as site:
        site.answer_s = 0.1
        urls = [site.url(f"/{n}", host) for host in BLOGS for n in range(10)]
        site.answers |= {f"/{n}": EMPTY for n in range(10)}
        names = {host: [[MACHINE]] for host in BLOGS}
        async with fetching(site, Ledger(), *urls, names=names, address_gap_s=GAP_S, host_gap_s=1.0):
            await asyncio.sleep(220)
        asked = [request.at for request in site.requests]
        assert len({(request.host, request.path) for request in site.requests}) == 500
        # The answer takes 0.1 s: a gap counted from its end shows that never two were under way.
        assert min(later - earlier for earlier, later in pairwise(asked)) >= GAP_S + site.answer_s - 1e-6
        for host in BLOGS:
            own = [request.at for request in site.requests if request.host.startswith(f"{host}:")]
            assert min(later - earlier for earlier, later in pairwise(own)) >= 1.0 + site.answer_s - 1e-6


@virtual_time
async def test_hosts_of_one_registered_domain_share_a_gate_whatever_their_machines() -> None:
    async with running_site(MACHINE, ELSEWHERE) as site:
        hosts = [f"{name}.paper.example" for name in ("world", "sport", "www")]
        names = {host: [[MACHINE if n % 2 else ELSEWHERE]] for n, host in enumerate(hosts)}
        site.answers |= {f"/{n}": EMPTY for n in range(5)}
        urls = [site.url(f"/{n}", host) for host in hosts for n in range(5)]
        async with fetching(site, Ledger(), *urls, names=names, host_gap_s=2.0):
            await asyncio.sleep(60)
    assert len(site.requests) == 15
    assert min(later.at - earlier.at for earlier, later in pairwise(site.requests)) >= 2.0 - 1e-6


@virtual_time
async def test_one_429_pauses_every_sibling_and_nobody_else_also_after_a_restart() -> None:
    async with running_site(MACHINE, ELSEWHERE) as site:
        names = {**{host: [[MACHINE]] for host in BLOGS}, "other.example": [[ELSEWHERE]]}
        urls = [site.url("/feed", host) for host in names]
        times = 0

        def answer(request: Request) -> Reply:
            nonlocal times
            times += request.address == MACHINE
            limited = request.address == MACHINE and times == 10
            return Reply(status=429, headers={"Retry-After": "600"}) if limited else EMPTY

        site.answers["/feed"] = answer
        ledger = Ledger()
        rush = {"min_interval_s": 60.0, "max_interval_s": 120.0}
        async with fetching(site, ledger, *urls, names=names, **rush):
            await asyncio.sleep(300)
        async with fetching(site, ledger, *urls, names=names, **rush) as fetcher:
            await asyncio.sleep(200)
            told = record(fetcher, next(url for url in urls if fetcher.feed_record(url) and _limited(fetcher, url)))
            await asyncio.sleep(300)
    there = [request.at for request in site.requests if request.address == MACHINE]
    paused_at = there[9]
    assert [at for at in there if paused_at < at < paused_at + 600] == []
    assert len([at for at in there if at >= paused_at + 600]) > 20
    elsewhere = [request.at for request in site.requests if request.address == ELSEWHERE]
    assert len([at for at in elsewhere if paused_at < at < paused_at + 600]) >= 4
    assert "slow down" in told.last_error


def _limited(fetcher: object, url: str) -> bool:
    return record(fetcher, url).last_status == 429  # type: ignore[arg-type]


@virtual_time
async def test_a_redirect_waits_for_the_turn_of_the_site_it_leads_to() -> None:
    async with running_site(MACHINE, ELSEWHERE) as site:
        names = {"shortener.example": [[ELSEWHERE]], **{host: [[MACHINE]] for host in BLOGS[:20]}}
        for n in range(20):
            target = site.url("/feed", BLOGS[n])
            site.answers[f"/{n}"] = Reply(status=302, headers={"Location": target})
        site.answers["/feed"] = EMPTY
        urls = [site.url(f"/{n}", "shortener.example") for n in range(20)]
        async with fetching(site, Ledger(), *urls, names=names, host_gap_s=0.0, address_gap_s=0.0):
            pass
        site.requests.clear()
        async with fetching(site, Ledger(), *urls, names=names, host_gap_s=0.5, address_gap_s=0.5):
            await asyncio.sleep(60)
    landed = [request.at for request in site.requests if request.address == MACHINE]
    assert len(landed) == 20
    assert min(later - earlier for earlier, later in pairwise(landed)) >= 0.5 - 1e-6
