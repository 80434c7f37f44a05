"""Behaviour 4: a server that keeps its ETag while the feed changes is found out within the audit period."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import START, now, virtual_time

PERIOD_S = 259_200.0
LONGEST_S = 86_400.0


@virtual_time
async def test_a_change_behind_an_unchanged_etag_is_found_within_the_audit_period() -> None:
    async with running_site() as site:

        def lie(request: Request) -> Reply:
            if "if-none-match" in request.headers:
                return Reply(status=304)
            names = ["1"] if now() < START + timedelta(minutes=5) else ["2", "1"]
            return Reply(rss(*(item(site, name) for name in names)), headers={"ETag": '"same"'})

        site.answers["/feed"] = lie
        ledger = Ledger()
        async with fetching(site, ledger, "/feed", audit_interval_s=PERIOD_S, max_interval_s=LONGEST_S) as fetcher:
            await asyncio.sleep(PERIOD_S + 1.1 * LONGEST_S)
            known = record(fetcher, site.url("/feed"))
    assert ledger.titles() == ["Story 1", "Story 2"]
    unconditional = [request.at for request in site.requests if "if-none-match" not in request.headers]
    assert len(unconditional) == 2  # the first, and the one audit: politeness is not given up for it
    assert known.last is not None


@virtual_time
async def test_an_audit_is_told_in_its_decision_record() -> None:
    async with running_site() as site:
        body = rss(item(site, 1))
        site.answers["/feed"] = lambda request: (
            Reply(status=304) if "if-none-match" in request.headers else Reply(body, headers={"ETag": '"same"'})
        )
        sent = set()
        async with fetching(site, Ledger(), "/feed", audit_interval_s=7200.0, max_interval_s=3600.0) as fetcher:
            for _ in range(20):
                await asyncio.sleep(600)
                last = record(fetcher, site.url("/feed")).last
                assert last is not None
                sent.add(last.validators)
    assert sent == {"none", "sent", "withheld"}
