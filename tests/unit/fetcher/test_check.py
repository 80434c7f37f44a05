"""What a person is told of a feed that was looked at."""

from __future__ import annotations

from services.fetcher.check import FeedCheck, described
from services.fetcher.feed_parser import parse_feed
from services.fetcher.http_client import Answer
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


def told(document: str, headers: dict[str, str] | None = None) -> FeedCheck:
    body = document.encode()
    answer = Answer(URL, 200, headers or {"etag": '"1"'}, body, len(body), True, (), received_at=NOW)
    return described(parse_feed(body, "", URL, NOW), answer, URL)


def test_a_good_feed_needs_no_advice() -> None:
    assert told(rss(item(1))).advice == ()


def test_an_index_of_sitemaps_is_not_called_empty() -> None:
    (advice,) = told("<sitemapindex><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>").advice
    assert advice.startswith("it is an index of 1 sitemaps")


def test_entries_that_lead_elsewhere_are_told() -> None:
    (advice,) = told("<urlset><url><loc>/a</loc></url><url><loc>https://x.example/</loc></url></urlset>").advice
    assert advice == "1 of its entries lead to other sites and are left out"


def test_an_empty_feed_without_validators_is_told_so() -> None:
    empty, unconditional = told(rss(), {"x": "y"}).advice
    assert "no items" in empty
    assert "ETag" in unconditional
