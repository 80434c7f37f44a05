"""Behaviour 15: each poll leaves one record of what was decided and why, and the metrics count what servers log."""

from __future__ import annotations

import asyncio
from collections import Counter

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.integration.fetcher_site import Reply, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import now, virtual_time

FIELDS = {"feed", "decision", "reason", "validators", "next_at", "next_because", "bytes", "status", "published"}


def requests_counted() -> Counter[tuple[str, str]]:
    family = next(metric for metric in REGISTRY.collect() if metric.name == "dateline_fetcher_requests")
    return Counter(
        {
            (sample.labels["purpose"], sample.labels["status"]): int(sample.value)
            for sample in family.samples
            if sample.name.endswith("_total")
        }
    )


def polls_counted() -> float:
    family = next(metric for metric in REGISTRY.collect() if metric.name == "dateline_fetcher_polls")
    return sum(sample.value for sample in family.samples if sample.name.endswith("_total"))


@virtual_time
async def test_every_poll_leaves_one_record_and_the_counters_equal_the_servers_log() -> None:
    async with running_site() as site:
        bodies = iter([rss(item(site, 1)), rss(item(site, 2), item(site, 1))])
        served: list[tuple[str, str]] = []

        def logged(path: str, answer: Reply) -> None:
            def reply(_: object) -> Reply:
                served.append(("robots" if path == "/robots.txt" else "feed", str(answer.status)))
                return answer

            site.answers[path] = reply

        def changing(_: object) -> Reply:
            body = next(bodies, None)
            served.append(("feed", "304" if body is None else "200"))
            return Reply(status=304) if body is None else Reply(body, headers={"ETag": '"e"'})

        site.answers["/good"] = changing
        logged("/moved", Reply(status=302, headers={"Location": "/target"}))
        logged("/target", Reply(rss()))
        logged("/missing", Reply(status=404))
        logged("/limited", Reply(status=429, headers={"Retry-After": "60"}))
        logged("/page", Reply(b"<html>Hello</html>", headers={"Content-Type": "text/html"}))
        urls = [site.url(path, f"h{n}.localhost") for n, path in enumerate(("/good", "/moved", "/missing", "/limited"))]
        before, polls_before = requests_counted(), polls_counted()
        with capture_logs() as logs:
            async with fetching(site, Ledger(), *urls) as fetcher:
                await asyncio.sleep(86_400)
                lasts = [record(fetcher, url).last for url in urls]
        records = [log for log in logs if log["event"] == "poll"]
    assert requests_counted() - before == Counter(served)
    assert len(records) == polls_counted() - polls_before
    # One record a poll: only the redirect makes two requests of one.
    assert len(records) == len(served) - sum(status == "302" for _, status in served)
    assert all(log.keys() >= FIELDS and log["reason"] and log["next_because"] for log in records)
    assert {log["decision"] for log in records} == {"new", "unchanged", "not-modified", "error"}
    assert [last.status for last in lasts if last is not None] == [304, 200, 404, 429]
    assert all(last is not None and last.next_at > now() for last in lasts)
