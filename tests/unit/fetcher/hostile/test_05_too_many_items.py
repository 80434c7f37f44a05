"""Of a hundred thousand items the newest are kept, wherever they stand, and the count is told."""

from __future__ import annotations

from datetime import timedelta

from services.fetcher.feed_model import MAX_ITEMS
from tests.unit.fetcher.feed_documents import NOW, rss
from tests.unit.fetcher.hostile.reading_child import read_apart

COUNT = 100_000


def test_hostile_05_too_many_items() -> None:
    # Oldest first, so that keeping the head of the list would be wrong.
    items = (
        f"<title>{n}</title><pubDate>{NOW - timedelta(minutes=COUNT - n):%Y-%m-%dT%H:%MZ}</pubDate>"
        for n in range(COUNT)
    )
    read = read_apart(rss(*items).encode())
    assert read.titles == [str(n) for n in range(COUNT - MAX_ITEMS, COUNT)]
    assert read.total == COUNT
    assert read.cpu_s < 30
