"""Of a document that breaks off only whole items are kept, and it says that it was cut, so no validator is."""

from __future__ import annotations

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss

ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'
    "<entry><id>g-1</id><title>Story 1</title></entry><entry><id>g-2</id><title>Story 2</title></entry></feed>"
)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/1</loc></url>'
    "<url><loc>https://news.example/2</loc></url></urlset>"
)


@pytest.mark.parametrize("document", [rss(item(1), item(2)), ATOM, SITEMAP], ids=["rss", "atom", "sitemap"])
def test_hostile_11_cut_documents(document: str) -> None:
    second = max(document.rfind("<item>"), document.rfind("<entry>"), document.rfind("<url>"))
    for end in range(second + 1, second + 25):
        feed = parse_feed(document[:end].encode(), "", URL, NOW)
        assert (feed.items_total, feed.truncated) == (1, True)
    first = min(at for at in map(document.find, ("<item>", "<entry>", "<url>")) if at >= 0)
    feed = parse_feed(document[: first + 20].encode(), "", URL, NOW)
    assert (feed.items, feed.truncated) == ((), True)
    assert not parse_feed(document.encode(), "", URL, NOW).truncated
