"""Bare ampersands and entities that XML does not know lose neither items nor words."""

from __future__ import annotations

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


def test_hostile_07_bad_references() -> None:
    document = rss(
        "<title>Profit & loss at AT&T</title><link>https://news.example/?a=1&b=2</link>",
        "<title>Caf&eacute; &nosuch; r&#233;sum&eacute;</title>",
        "<title>&#0;&#xFFFF;x &amp; y</title>",
        item(4),
    )
    feed = parse_feed(document.encode(), "", URL, NOW)
    assert [i.title for i in feed.items] == ["Profit & loss at AT&T", "Café &nosuch; résumé", "x & y", "Story 4"]
    assert feed.items[0].link == "https://news.example/?a=1&b=2"
