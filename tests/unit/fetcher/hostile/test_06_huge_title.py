"""A title of ten million characters is cut and marked; its item and the others are kept."""

from __future__ import annotations

from services.fetcher.feed_model import MAX_TITLE
from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


def test_hostile_06_huge_title() -> None:
    feed = parse_feed(rss(f"<title>{'word ' * 1_990_000}</title>", item(2)).encode(), "", URL, NOW)
    assert [(len(i.title) <= MAX_TITLE, i.title_cut) for i in feed.items] == [(True, True), (True, False)]
    assert feed.items[1].title == "Story 2"
