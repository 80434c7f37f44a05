"""Dates that cannot be count as unknown or are clamped; what stood there is kept, and none sorts before honest ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.dates import CLAMPED, DAY_ONLY, EXACT, NO_ZONE
from services.fetcher.feed_item import newest_of
from services.fetcher.feed_model import MAX_ITEMS
from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


@pytest.mark.parametrize(
    ("raw", "at", "confidence"),
    [
        ("Fri, 01 Jan 2099 00:00:00 GMT", None, 0),
        ("1970-01-01T00:00:00Z", None, 0),
        ("Mon, 32 Foo 2026 10:00:00 GMT", None, 0),
        ("0000-00-00 00:00:00", None, 0),
        ("", None, 0),
        ("9" * 400, None, 0),
        ("2026-11-22T10:00:00", datetime(2026, 11, 22, 10, tzinfo=UTC), NO_ZONE),
        ("Sun, 22 Nov 26 10:00:00 +0000", datetime(2026, 11, 22, 10, tzinfo=UTC), EXACT),
        ("1795341600000", datetime.fromtimestamp(1_795_341_600, UTC), EXACT),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), DAY_ONLY),
        ("Sun, 22 Nov 2026 20:00:00 GMT", NOW, CLAMPED),
    ],
)
def test_hostile_22_lying_dates(raw: str, at: datetime | None, confidence: float) -> None:
    dated = parse_feed(rss(item(1, f"<pubDate>{raw}</pubDate>")).encode(), "", URL, NOW).items[0].published
    assert (dated.raw, dated.at, dated.confidence) == (raw[:100], at, confidence)


def test_hostile_22_lying_dates_do_not_push_out_honest_ones() -> None:
    honest: list[datetime | None] = [NOW - timedelta(days=n) for n in range(MAX_ITEMS)]
    assert newest_of([None] * 50 + honest) == list(range(50, 50 + MAX_ITEMS))
