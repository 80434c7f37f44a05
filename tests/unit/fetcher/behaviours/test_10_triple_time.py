"""Three times with their sources: what the feed says, what the page says, and when it was seen, which is always set."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.instants import from_timestamp
from services.fetcher.dates import CLAMPED, DAY_ONLY, EXACT
from tests.unit.fetcher.feed_documents import NOW, rss
from tests.unit.fetcher.newsroom import Desk, page

ADDRESS = "https://news.example/1"
LD = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"A","datePublished":"2026-11-20T08:00:00Z"}'
    "</script>"
)
META = '<meta property="article:published_time" content="2026-11-21">'


def published(date: str, head: str) -> tuple[Desk, Article]:
    desk = Desk({ADDRESS: page("A", head=head)})
    desk.listed(rss(f"<title>A</title><link>{ADDRESS}</link>{f'<pubDate>{date}</pubDate>' if date else ''}"))
    return desk, desk.published[0]


def test_behaviour_10_triple_time() -> None:
    desk, article = published("Sun, 22 Nov 2026 10:00:00 GMT", LD)
    assert from_timestamp(article.published_at.at) == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (article.published_at.origin, article.published_at.confidence) == ("feed", EXACT)
    assert from_timestamp(article.page_dated_at.at) == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (article.page_dated_at.origin, article.page_dated_at.confidence) == ("json-ld", EXACT)
    assert from_timestamp(article.first_seen_at) == desk.now


@pytest.mark.parametrize("date", ["", "Mon, 32 Foo", "Fri, 01 Jan 2099 00:00:00 GMT"])
def test_behaviour_10_triple_time_takes_the_page_s_date_where_the_feed_has_none_that_can_be(date: str) -> None:
    _, article = published(date, META)
    assert (article.published_at.origin, article.published_at.raw) == ("meta", "2026-11-21")
    assert article.published_at.confidence == DAY_ONLY


def test_behaviour_10_triple_time_never_looks_ahead() -> None:
    desk, article = published("Sun, 22 Nov 2026 23:00:00 GMT", "")
    assert from_timestamp(article.published_at.at) == desk.now
    assert (article.published_at.raw, article.published_at.confidence) == ("Sun, 22 Nov 2026 23:00:00 GMT", CLAMPED)


def test_behaviour_10_triple_time_without_any_date() -> None:
    desk, article = published("", "")
    assert not article.published_at.HasField("at")
    assert from_timestamp(article.first_seen_at) == desk.now > NOW
