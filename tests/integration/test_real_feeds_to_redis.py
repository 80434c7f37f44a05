"""Real feeds, served locally, through every stage into Redis: nothing crashes, nothing becomes a dead letter."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from redis import Redis

from services.cache.service import build as build_cache
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import DEFAULT_PREFIX, Keys
from services.contracts.state_codec import Codec
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, EVENTS
from services.dedup.service import build as build_dedup
from services.extractor.service import build as build_extractor
from services.linker.service import build as build_linker
from services.runtime.inline import InlineFlow
from services.runtime.stage import Emit, Message
from tests.integration.fetcher_site import Reply, running_site
from tests.integration.test_fetcher import Memory, running
from tests.integration.valkey_fixture import valkey

ITEMS_A_FEED = 4


@pytest.mark.shared_data
async def test_real_feeds_run_from_fetcher_to_redis(shared: Path) -> None:
    articles = await fetched(sorted((shared / "data" / "feeds-dev").glob("*.xml")))
    flow = InlineFlow([build_dedup(), build_extractor("lead"), build_linker()])
    sent: list[Emit] = []
    for article in articles:
        seen = article.first_seen_at.ToDatetime(tzinfo=UTC)
        sent += flow.send(Emit(ARTICLES_RAW, article.language, article, article.id, seen), seen)
    assert [emit.value for emit in sent if emit.topic is DEAD_LETTERS] == []
    verdicts = [emit for emit in sent if emit.topic in (ARTICLES_UNIQUE, ARTICLES_DUPLICATES)]
    assert len(verdicts) == len(articles), "every article has one verdict"

    states = [emit for emit in sent if emit.topic is EVENTS]
    latest = {event.id: event for event in (emit.value for emit in states) if isinstance(event, Event)}
    assert len(latest) > 20
    with valkey() as url, Redis.from_url(url) as client:
        messages = [Message(each.topic, each.key, each.value, each.id, each.time) for each in states]
        assert build_cache(url).write(messages, messages[-1].time) == [None] * len(messages)
        keys, codec = Keys(DEFAULT_PREFIX), Codec()
        for event_id, event in latest.items():
            value = client.get(keys.event(event_id))
            assert isinstance(value, bytes)
            assert codec.unpack(value).revision == event.revision


async def fetched(feeds: list[Path]) -> list[Article]:
    """What the fetcher publishes of the newest items of each feed. Their pages are out of reach, as in any test."""
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
        urls = []
        for number, path in enumerate(feeds):
            site.feed(f"/{path.stem}", path.read_bytes())
            urls.append(site.url(f"/{path.stem}", f"host{number}.localhost"))
        outbox = Memory()
        once = {"min_interval_s": 3600, "max_interval_s": 7200, "first_poll_items": ITEMS_A_FEED, "page_tries": 1}
        async with running(site, outbox, *urls, **once) as fetcher:
            await outbox.until(lambda: all(fetcher.feed_record(url) for url in urls), 240)
        return outbox.articles
